"""What one person sees: who looks, and the messages and channels as they stand for them."""

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import snowflakes
from sandbox.discord.errors import UNKNOWN_USER, DiscordError
from sandbox.discord.models import Channel, Json, Member, Message

if TYPE_CHECKING:
    from sandbox.discord.state import State


def viewer(state: "State", request: web.Request) -> Member:
    """Return the person named by `?user=` (the guild's first one without it), else raise 10013."""
    people = [each for each in state.world.guild.members.values() if not each.user.bot]
    wanted = request.query.get("user")
    if wanted is None:
        return people[0]
    for member in people:
        if member.user.id == snowflakes.parse(wanted):
            return member
    raise DiscordError(UNKNOWN_USER)


def shown(state: "State", message: Message, user_id: int) -> Json:
    """Return a message as one person's page gets it: each reaction says whether it is theirs."""
    payload = state.payloads.message(message, viewer=user_id)
    for reaction, users in zip(
        payload.get("reactions", []), message.reactions.values(), strict=True
    ):
        reaction["me"] = user_id in users
        reaction["users"] = [str(each) for each in users]
    return payload


def channel_shown(state: "State", channel: Channel, user_id: int) -> Json:
    """Return a channel with the person's own permission bits in it."""
    granted = str(int(state.permissions(user_id, channel.id)))
    return state.payloads.channel(channel) | {"permissions": granted}
