"""What one person sees on the page: messages, channels, guilds, people."""

import itertools
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord.model import snowflakes
from sandbox.discord.model.errors import UNKNOWN_GUILD, UNKNOWN_USER, DiscordError
from sandbox.discord.model.records import (
    Channel,
    Guild,
    Json,
    Member,
    Message,
    ReactionType,
    User,
)

if TYPE_CHECKING:
    from sandbox.discord.state.state import State


def read_viewer(state: "State", request: web.Request) -> User:
    """Return the person in `?user=` (the first one by default); raise 10013 if unknown."""
    people = [each for each in state.world.people.values() if not each.bot]
    wanted = request.query.get("user")
    if wanted is None:
        return people[0]
    for user in people:
        if user.id == snowflakes.parse_snowflake(wanted):
            return user
    raise DiscordError(UNKNOWN_USER)


def get_joined_guild(state: "State", guild_id: str | None, user: User) -> Guild:
    """Return a guild that a person is in; raise 10004 otherwise."""
    guild = state.world.guilds.get(snowflakes.parse_snowflake(guild_id) or 0)
    if guild is None or user.id not in guild.members:
        raise DiscordError(UNKNOWN_GUILD)
    return guild


def build_person(state: "State", guild: Guild, member: Member) -> Json:
    """Return a user object with the name of the member's highest role, if any."""
    roles = [guild.roles[role_id] for role_id in member.role_ids]
    highest = max(roles, key=lambda role: role.position, default=None)
    name = None if highest is None else highest.name
    return state.payloads.build_user(member.user) | {"role": name}


def list_guilds(state: "State") -> list[Json]:
    """Return every guild with its members."""
    return [
        {
            "id": str(guild.id),
            "name": guild.name,
            "people": [build_person(state, guild, each) for each in guild.members.values()],
        }
        for guild in state.world.guilds.values()
    ]


def list_people(state: "State", guild_id: str | None) -> list[Json]:
    """Return all people once, the guild's own first; `detail` names role and other guild."""
    guilds = sorted(list_guilds(state), key=lambda guild: bool(guild["id"] != guild_id))
    found: dict[str, Json] = {}
    for guild in guilds:
        suffix = "" if guild["id"] == guild_id else f" · {guild['name']}"
        for each in guild["people"]:
            found.setdefault(each["id"], each | {"detail": (each["role"] or "Member") + suffix})
    for user in state.world.people.values():
        unlisted = state.payloads.build_user(user) | {"detail": "In no guild"}
        found.setdefault(str(user.id), unlisted)
    return [each for each in found.values() if not each.get("bot")]


def build_message(state: "State", message: Message, user_id: int) -> Json:
    """Return a message as one person's page gets it, with their own reactions marked."""
    payload = state.payloads.build_message(message, viewer=user_id)
    for reaction, emoji in zip(payload.get("reactions", []), message.emojis, strict=True):
        given = (message.get_reactions(kind).get(emoji, ()) for kind in ReactionType)
        users = list(dict.fromkeys(itertools.chain(*given)))
        reaction["me"] = user_id in users
        reaction["burst"] = emoji in message.bursts
        reaction["users"] = [str(each) for each in users]
    return payload


def build_channel_view(state: "State", channel: Channel, user_id: int) -> Json:
    """Return a channel with the person's own permissions in it, as a bit set."""
    granted = str(int(state.get_permissions(user_id, channel.id)))
    return state.payloads.build_channel(channel) | {"permissions": granted}
