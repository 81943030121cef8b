"""Changing the bot's permissions in a channel from the page."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import Channel, Json, Overwrite

if TYPE_CHECKING:
    from sandbox.discord.state.state import State

_MEMBER: Final = 1  # type of an overwrite (documentation, "Overwrite Object")
PERMISSION_BITS: Final[Mapping[str, int]] = {
    "View the channel": Permission.VIEW_CHANNEL,
    "Send messages": Permission.SEND_MESSAGES,
    "Attach files": Permission.ATTACH_FILES,
    "Embed links": Permission.EMBED_LINKS,
    "Read the history": Permission.READ_MESSAGE_HISTORY,
    "Add reactions": Permission.ADD_REACTIONS,
    "Manage messages": Permission.MANAGE_MESSAGES,
}
"""The permissions that the bot asks for when it is installed, with their labels."""


def list_permissions(state: "State", channel: Channel) -> list[Json]:
    """Return each permission, with whether the bot has it in a channel."""
    granted = state.get_permissions(state.world.bot.id, channel.id)
    return [{"name": name, "on": bool(granted & bit)} for name, bit in PERMISSION_BITS.items()]


def toggle_permission(state: "State", channel: Channel, name: str) -> None:
    """Deny the bot a permission in a channel, or allow it again."""
    bot, bit = state.world.bot.id, PERMISSION_BITS[name]
    others = tuple(each for each in channel.overwrites if each.id != bot)
    own = next(
        (each for each in channel.overwrites if each.id == bot), Overwrite(bot, _MEMBER, 0, 0)
    )
    if state.get_permissions(bot, channel.id) & bit:
        own = replace(own, allow=own.allow & ~bit, deny=own.deny | bit)
    else:
        own = replace(own, allow=own.allow | bit, deny=own.deny & ~bit)
    state.guild_registry.set_channel(replace(channel, overwrites=(*others, own)))
