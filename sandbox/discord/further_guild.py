"""A further guild, as somebody adds it on the page: people and channels of its own, and the bot."""

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.discord import permissions
from sandbox.discord.models import Channel, Guild, Overwrite, Role, User
from sandbox.discord.permissions import Permission

if TYPE_CHECKING:
    from sandbox.discord.state import State

PEOPLE = ("eva", "tom", "ivo", "noa", "kai", "lea", "max", "una")
CHANNELS = ("studio", "gallery")
_HIDDEN = "moderators"
_COLOR = 0x2E8B74  # as the seeded guild's moderators have


def add(state: "State", name: str, *, guest: User) -> Guild:
    """Make a guild that a new moderator owns, with a new member and the guest in it.

    The bot joins as it does on Discord: with the guild already there, and its role last; then the
    moderators let it into their channel.
    """
    roster = state.roster
    owner, member = _newcomer(state), _newcomer(state)
    guild = roster.found(name, (owner.id, member.id, guest.id), CHANNELS)
    role = Role(state.ids.next(), "Moderator", permissions.MODERATOR, 2, color=_COLOR)
    roster.set_role(guild, role)
    roster.change_member(guild, replace(guild.members[owner.id], role_ids=(role.id,)))
    roster.add_bot(guild)
    _add_hidden(state, guild, shown_to=(role.id, *guild.members[state.world.bot.id].role_ids))
    return guild


def _newcomer(state: "State") -> User:
    """Make a person whose name nobody has."""
    taken = {each.username for each in state.world.people.values()}
    numbered = (f"{name}{number}" for number in itertools.count(2) for name in PEOPLE)
    name = next(each for each in itertools.chain(PEOPLE, numbered) if each not in taken)
    return state.roster.add_person(name)


def _add_hidden(state: "State", guild: Guild, *, shown_to: tuple[int, ...]) -> None:
    """Add the moderators' channel, for these roles alone."""
    seen = (Overwrite(each, 0, allow=Permission.VIEW_CHANNEL, deny=0) for each in shown_to)
    overwrites = (Overwrite(guild.id, 0, allow=0, deny=Permission.VIEW_CHANNEL), *seen)
    channel = Channel(
        state.ids.next(),
        guild.id,
        _HIDDEN,
        len(CHANNELS),
        overwrites=overwrites,
        created_at=state.clock.now(),
    )
    state.roster.set_channel(channel)
