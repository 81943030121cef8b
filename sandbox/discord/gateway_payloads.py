"""The payloads that only the gateway sends: READY, the guild, chunks of members."""

from typing import TYPE_CHECKING

from sandbox.discord import payloads_guild, snowflakes
from sandbox.discord.gateway_session import Session
from sandbox.discord.intents import Intent
from sandbox.discord.models import Guild, Json

if TYPE_CHECKING:
    from sandbox.discord.state import State


def ready(state: "State", session: Session, *, url: str) -> Json:
    world = state.world
    flags = payloads_guild.application_flags(state.settings.intents)
    mine = [each for each in world.joined if session.owns(each.id)]
    return {
        "v": 10,
        "user": state.payloads.me(),
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


def guild(state: "State", guild: Guild, *, intents: int) -> Json:
    """Return GUILD_CREATE; all members only for those who asked, as Discord does, else the bot."""
    everyone = intents & (Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES)
    members = guild.members.values() if everyone else [guild.members[state.world.bot.id]]
    payload = payloads_guild.guild_create(guild, [state.payloads.member(each) for each in members])
    seen = [each for each in payload["channels"] if state.sees(state.world.bot.id, int(each["id"]))]
    return payload | {"channels": seen}


def members_chunk(state: "State", request: Json) -> Json:
    """Answer REQUEST_GUILD_MEMBERS: by ids, or by the beginning of the name."""
    wanted_guild = state.world.guilds.get(snowflakes.parse(request.get("guild_id")) or 0)
    world_guild = wanted_guild or state.world.guild
    ids = request.get("user_ids")
    wanted = ids if isinstance(ids, list) else [ids] if ids is not None else None
    if wanted is not None:
        numbers = {snowflakes.parse(each) for each in wanted}
        found = [each for key, each in world_guild.members.items() if key in numbers]
    else:
        query = str(request.get("query") or "").lower()
        members = world_guild.members.values()
        found = [each for each in members if each.user.username.startswith(query)]
    chunk: Json = {
        "guild_id": str(world_guild.id),
        "members": [state.payloads.member(each) for each in found],
        "chunk_index": 0,
        "chunk_count": 1,
        "not_found": [],
        "presences": [],
    }
    return chunk | ({"nonce": request["nonce"]} if request.get("nonce") else {})
