"""How lax the content checks may be for a request: the strictest of all ceilings that apply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.ids import ChannelId, RoleId

MIN_TOLERANCE: Final = 0
MAX_TOLERANCE: Final = 6
"""Strictest and laxest safety tolerance that the model takes (vendor's parameter list)."""
ORDINARY_MAX: Final = 2
"""The laxest level outside of age-restricted channels: the model's own default."""


@dataclass(frozen=True, slots=True)
class ChannelCeiling:
    channel: ChannelId
    tolerance: int


@dataclass(frozen=True, slots=True)
class RoleCeiling:
    role: RoleId
    tolerance: int


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What the operator and a guild allow at most; None for `adults` means as everywhere else."""

    operator: int
    guild: int
    adults: int | None
    channels: tuple[ChannelCeiling, ...]
    roles: tuple[RoleCeiling, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request comes from, as Discord says at that moment."""

    channel: ChannelId
    age_restricted: bool
    roles: tuple[RoleId, ...]


def ceiling(ceilings: Ceilings, place: Place) -> int:
    """Return the laxest level that a request from this place may have.

    Every ceiling only narrows: the operator's, the place's, the channel's own, and the highest of
    those that the member's roles have (a member with none of the listed roles has no such limit).
    """
    limits = [ceilings.operator]
    if place.age_restricted:
        limits.append(ceilings.guild if ceilings.adults is None else ceilings.adults)
    else:
        limits += [ceilings.guild, ORDINARY_MAX]
    limits += [each.tolerance for each in ceilings.channels if each.channel == place.channel]
    of_roles = [each.tolerance for each in ceilings.roles if each.role in place.roles]
    if of_roles:
        limits.append(max(of_roles))
    return min(limits)
