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
class ChannelTolerance:
    channel: ChannelId
    tolerance: int


@dataclass(frozen=True, slots=True)
class RoleTolerance:
    role: RoleId
    tolerance: int


@dataclass(frozen=True, slots=True)
class ToleranceLimits:
    """What the operator and a guild allow at most; None for `adults` means as everywhere else."""

    operator: int
    guild: int
    age_restricted: int | None
    channels: tuple[ChannelTolerance, ...]
    roles: tuple[RoleTolerance, ...]


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Where a request comes from, as Discord says at that moment."""

    channel: ChannelId
    age_restricted: bool
    roles: tuple[RoleId, ...]


def find_tolerance_limit(allowed: ToleranceLimits, context: RequestContext) -> int:
    """Return the laxest level that a request from this place may have.

    Every ceiling only narrows: the operator's, the place's, the channel's own, and the highest of
    those that the member's roles have (a member with none of the listed roles has no such limit).
    """
    limits = [allowed.operator]
    if context.age_restricted:
        limits.append(allowed.guild if allowed.age_restricted is None else allowed.age_restricted)
    else:
        limits += [allowed.guild, ORDINARY_MAX]
    limits += [each.tolerance for each in allowed.channels if each.channel == context.channel]
    of_roles = [each.tolerance for each in allowed.roles if each.role in context.roles]
    if of_roles:
        limits.append(max(of_roles))
    return min(limits)
