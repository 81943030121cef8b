"""What moderators do and decide about members and results."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, UserId


class ActKind(StrEnum):
    BLOCK = "block"
    UNBLOCK = "unblock"
    GRANT = "grant"
    CANCEL = "cancel"
    REMOVE = "remove"
    SPOILER = "spoiler"
    UNCOVER = "uncover"
    DELETE = "delete"
    REFUND = "refund"
    APPROVE = "approve"
    DECLINE = "decline"
    DISMISS = "dismiss"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a moderator did; `user` and `job` are what it was done to."""

    guild: GuildId
    actor: UserId
    at: datetime
    kind: ActKind
    user: UserId | None = None
    job: JobId | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class GuildChange:
    """One recorded change of a setting; `before` and `after` are JSON."""

    name: str
    actor: UserId
    at: datetime
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Block:
    """A member who may not order; `until` None lasts until it is lifted."""

    guild: GuildId
    user: UserId
    by: UserId
    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Report:
    """What one member says of a job of a guild."""

    guild: GuildId
    job: JobId
    reporter: UserId
    reason: str


class ApprovalState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Card:
    """Where the moderators see a report or a result that waits for them."""

    channel: ChannelId
    message: MessageId


class Stage(StrEnum):
    """How far a case is: open for one of two reasons, or settled by a first act."""

    REPORTED = "reported"
    WAITS = "waits"
    SETTLED = "settled"


_OFFERED: Final = {
    Stage.REPORTED: (
        *(ActKind.REMOVE, ActKind.SPOILER, ActKind.BLOCK),
        *(ActKind.REFUND, ActKind.DISMISS),
    ),
    Stage.WAITS: (ActKind.APPROVE, ActKind.DECLINE, ActKind.SPOILER, ActKind.BLOCK),
    Stage.SETTLED: (ActKind.REMOVE, ActKind.SPOILER, ActKind.BLOCK, ActKind.REFUND),
}
_WITHOUT_PICTURE: Final = (ActKind.BLOCK, ActKind.REFUND)
_ENDING: Final = frozenset({ActKind.APPROVE, ActKind.DISMISS})
"""Decisions for the picture, after which a card offers nothing against it."""
_HIDING: Final = frozenset({ActKind.REMOVE, ActKind.DELETE, ActKind.DECLINE})


def still_possible(stage: Stage, done: Collection[ActKind]) -> tuple[ActKind, ...]:
    """Return the acts that a case leaves to do, in the order of its buttons."""
    offered = _OFFERED[stage]
    if stage is Stage.SETTLED and not _ENDING.isdisjoint(done):
        offered = ()
    elif stage is Stage.SETTLED and not _HIDING.isdisjoint(done):
        offered = _WITHOUT_PICTURE
    return tuple(kind for kind in offered if kind not in done)
