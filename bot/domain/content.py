"""Safety of content: how tolerant its checks are, and what a picture passes on to its copies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.ids import ChannelId, RoleId, UserId
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


@dataclass(frozen=True, slots=True)
class ContentProperties:
    """What a picture carries wherever it is shown.

    `age_restricted` says whether it is from an age-restricted channel, None if that is unknown: it
    then stays in its channel. `covered_by_moderator` is a spoiler that only a moderator takes off.
    `source_author` is who posted the first picture, None if that is the result's author.
    """

    age_restricted: bool | None
    spoiler: bool
    covered_by_moderator: bool
    source_author: UserId | None

    def inherit(self, *sources: ContentProperties) -> ContentProperties:
        """Return the strictest of these properties and those of the sources."""
        line = (self, *sources)
        return replace(
            self,
            age_restricted=combine_restrictions(each.age_restricted for each in line),
            spoiler=any(each.spoiler or each.covered_by_moderator for each in line),
            covered_by_moderator=any(each.covered_by_moderator for each in line),
            source_author=next((each.source_author for each in line if each.source_author), None),
        )


def combine_restrictions(restrictions: Iterable[bool | None]) -> bool | None:
    """Return the strictest of age restrictions: True before None (unknown) before False."""
    known = list(restrictions)
    if any(known):
        return True
    return None if None in known else False


def can_enter_place(*, age_restricted: bool | None, place: bool | None, is_own_place: bool) -> bool:
    """Return whether a picture may be shown to everybody in a place, by their age restrictions.

    `age_restricted` is the picture's, `place` the place's; None is unknown. An age-restricted
    picture may enter age-restricted places only, one of unknown origin also its own place. Either
    stays in its own place while that place's restriction is unknown.
    """
    if age_restricted is False or place is True:
        return True
    return is_own_place and (age_restricted is None or place is None)
