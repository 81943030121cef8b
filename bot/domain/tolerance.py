"""The limit of the safety tolerance for a request: the strictest of all limits that apply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.ids import ChannelId, RoleId
from bot.domain.model import DEFAULT_MODEL

ORDINARY_MAX: Final = DEFAULT_MODEL.tolerance.default
"""Highest level outside age-restricted channels: the model's default."""


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
    """The operator's and a guild's limits; `age_restricted` None means the same as elsewhere."""

    operator: int
    guild: int
    age_restricted: int | None
    channels: tuple[ChannelTolerance, ...]
    roles: tuple[RoleTolerance, ...]


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Where a request comes from and its member's roles, as sent with the interaction.

    `channels` are the channel and, for a thread, its parent; empty if the channel is unknown.
    `age_restricted` is None if unknown.
    """

    channels: tuple[ChannelId, ...]
    age_restricted: bool | None
    roles: tuple[RoleId, ...]


def find_tolerance_limit(allowed: ToleranceLimits, context: RequestContext) -> int:
    """Return the highest level allowed for a request.

    The lowest limit of operator, guild, channel, parent channel and roles counts; of an unknown
    channel the lowest that any channel has. Of a member's roles the highest limit counts; a member
    without a listed role has no role limit.
    """
    limits = [allowed.operator]
    if context.age_restricted is not False:
        limits.append(allowed.guild if allowed.age_restricted is None else allowed.age_restricted)
    if context.age_restricted is not True:
        limits += [allowed.guild, ORDINARY_MAX]
    limits += [
        each.tolerance
        for each in allowed.channels
        if each.channel in context.channels or not context.channels
    ]
    of_roles = [each.tolerance for each in allowed.roles if each.role in context.roles]
    if of_roles:
        limits.append(max(of_roles))
    return min(limits)
