"""What moderators do and decide about members and results."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, UserId


class ModerationActionKind(StrEnum):
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
class ModerationAction:
    """One thing that a moderator did; `user` and `job` are what it was done to."""

    guild: GuildId
    actor: UserId
    at: datetime
    kind: ModerationActionKind
    user: UserId | None = None
    job: JobId | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One recorded change of a setting; `before` and `after` are JSON."""

    name: str
    actor: UserId
    at: datetime
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class MemberBlock:
    """A member who may not order; `until` None lasts until it is lifted."""

    guild: GuildId
    user: UserId
    actor: UserId
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
class CardLocation:
    """Where the moderators see a report or a result that waits for them."""

    channel: ChannelId
    message: MessageId


class CaseStage(StrEnum):
    """How far a case is: open for one of two reasons, or settled by a first act."""

    REPORTED = "reported"
    WAITS = "waits"
    SETTLED = "settled"


_OFFERED_ACTIONS: Final = {
    CaseStage.REPORTED: (
        *(ModerationActionKind.REMOVE, ModerationActionKind.SPOILER, ModerationActionKind.BLOCK),
        *(ModerationActionKind.REFUND, ModerationActionKind.DISMISS),
    ),
    CaseStage.WAITS: (
        ModerationActionKind.APPROVE,
        ModerationActionKind.DECLINE,
        ModerationActionKind.SPOILER,
        ModerationActionKind.BLOCK,
    ),
    CaseStage.SETTLED: (
        ModerationActionKind.REMOVE,
        ModerationActionKind.SPOILER,
        ModerationActionKind.BLOCK,
        ModerationActionKind.REFUND,
    ),
}
_ACTIONS_WITHOUT_PICTURE: Final = (ModerationActionKind.BLOCK, ModerationActionKind.REFUND)
_ENDING_ACTIONS: Final = frozenset({ModerationActionKind.APPROVE, ModerationActionKind.DISMISS})
"""Decisions for the picture, after which a card offers nothing against it."""
_HIDING_ACTIONS: Final = frozenset(
    {ModerationActionKind.REMOVE, ModerationActionKind.DELETE, ModerationActionKind.DECLINE}
)


def list_possible_actions(
    stage: CaseStage, done: Collection[ModerationActionKind]
) -> tuple[ModerationActionKind, ...]:
    """Return the acts that a case leaves to do, in the order of its buttons."""
    offered = _OFFERED_ACTIONS[stage]
    if stage is CaseStage.SETTLED and not _ENDING_ACTIONS.isdisjoint(done):
        offered = ()
    elif stage is CaseStage.SETTLED and not _HIDING_ACTIONS.isdisjoint(done):
        offered = _ACTIONS_WITHOUT_PICTURE
    return tuple(kind for kind in offered if kind not in done)
