"""Payloads of the gateway only: READY, GUILD_CREATE and member chunks."""

from typing import TYPE_CHECKING

from sandbox.discord.gateway.session import GatewaySession
from sandbox.discord.model import guild_payloads, snowflakes
from sandbox.discord.model.intents import Intent
from sandbox.discord.model.records import Guild, Json

if TYPE_CHECKING:
    from sandbox.discord.state.state import State


def build_ready(state: "State", session: GatewaySession, *, url: str) -> Json:
    world = state.world
    flags = guild_payloads.compute_application_flags(state.settings.intents)
    mine = [each for each in world.bot_guilds if session.is_for_guild(each.id)]
    return {
        "v": 10,
        "user": state.payloads.build_bot_user(),
        "guilds": [{"id": str(each.id), "unavailable": True} for each in mine],
        "session_id": session.id,
        "session_type": "normal",
        "resume_gateway_url": url,
        "shard": list(session.shard),
        "application": {"id": str(world.bot.id), "flags": flags},
        "private_channels": [],
        "relationships": [],
        "presences": [],
        "guild_join_requests": [],
        "geo_ordered_rtc_regions": [],
        "user_settings": {},
        "_trace": [],
    }


def build_guild(state: "State", guild: Guild, *, intents: int) -> Json:
    """Return GUILD_CREATE; without a members intent, the bot is the only member in it."""
    everyone = intents & (Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES)
    members = guild.members.values() if everyone else [guild.members[state.world.bot.id]]
    payload = guild_payloads.build_guild_create(
        guild, [state.payloads.build_member(each) for each in members]
    )
    me, threads = state.world.bot.id, payload["threads"]
    seen = [each for each in payload["channels"] if state.can_see(me, int(each["id"]))]
    # only active threads are listed (documentation, "Guild Create Extra Fields")
    active = [each for each in threads if not each["thread_metadata"]["archived"]]
    joined = [each for each in active if state.can_see(me, int(each["id"]))]
    return payload | {"channels": seen, "threads": joined}


def build_members_chunk(state: "State", request: Json) -> Json:
    """Answer REQUEST_GUILD_MEMBERS, by ids or by the start of a name."""
    wanted_guild = state.world.guilds.get(snowflakes.parse_snowflake(request.get("guild_id")) or 0)
    world_guild = wanted_guild or state.world.guild
    ids = request.get("user_ids")
    requested_ids = ids if isinstance(ids, list) else [ids] if ids is not None else None
    if requested_ids is not None:
        numbers = {snowflakes.parse_snowflake(each) for each in requested_ids}
        found = [each for key, each in world_guild.members.items() if key in numbers]
    else:
        query = str(request.get("query") or "").lower()
        members = world_guild.members.values()
        found = [each for each in members if each.user.username.startswith(query)]
    chunk: Json = {
        "guild_id": str(world_guild.id),
        "members": [state.payloads.build_member(each) for each in found],
        "chunk_index": 0,
        "chunk_count": 1,
        "not_found": [],
        "presences": [],
    }
    return chunk | ({"nonce": request["nonce"]} if request.get("nonce") else {})
