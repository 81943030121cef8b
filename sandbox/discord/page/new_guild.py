"""Adding a guild from the page: new people and channels, and the bot."""

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.discord.model import permissions
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import Channel, Guild, Overwrite, Role, User

if TYPE_CHECKING:
    from sandbox.discord.state.state import State

PEOPLE = ("eva", "tom", "ivo", "noa", "kai", "lea", "max", "una")
CHANNELS = ("studio", "gallery")
_HIDDEN = "moderators"
_COLOR = 0x2E8B74  # the seeded guild's moderator colour


def add_guild(state: "State", name: str, *, guest: User) -> Guild:
    """Create a guild with a new moderator as owner, a new member and the guest.

    The bot joins an existing guild and gets the last role, as on Discord; then it is let into the
    moderators' channel.
    """
    roster = state.guild_registry
    owner, member = _create_person(state), _create_person(state)
    guild = roster.create_guild(name, (owner.id, member.id, guest.id), CHANNELS)
    role = Role(state.ids.make_id(), "Moderator", permissions.MODERATOR, 2, color=_COLOR)
    roster.set_role(guild, role)
    roster.update_member(guild, replace(guild.members[owner.id], role_ids=(role.id,)))
    roster.add_bot(guild)
    _add_hidden_channel(
        state, guild, role_ids=(role.id, *guild.members[state.world.bot.id].role_ids)
    )
    return guild


def _create_person(state: "State") -> User:
    """Create a person with an unused name."""
    taken = {each.username for each in state.world.people.values()}
    numbered = (f"{name}{number}" for number in itertools.count(2) for name in PEOPLE)
    name = next(each for each in itertools.chain(PEOPLE, numbered) if each not in taken)
    return state.guild_registry.add_person(name)


def _add_hidden_channel(state: "State", guild: Guild, *, role_ids: tuple[int, ...]) -> None:
    """Add the moderators' channel, visible only to these roles."""
    seen = (Overwrite(each, 0, allow=Permission.VIEW_CHANNEL, deny=0) for each in role_ids)
    overwrites = (Overwrite(guild.id, 0, allow=0, deny=Permission.VIEW_CHANNEL), *seen)
    channel = Channel(
        state.ids.make_id(),
        guild.id,
        _HIDDEN,
        len(CHANNELS),
        overwrites=overwrites,
        created_at=state.clock.now(),
    )
    state.guild_registry.set_channel(channel)
