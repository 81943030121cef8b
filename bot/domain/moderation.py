"""Moderation actions, reports, blocks and approvals."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, UserId


class ActionKind(StrEnum):
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
    """A moderator's action and the user or job that it concerns."""

    guild: GuildId
    actor: UserId
    at: datetime
    kind: ActionKind
    user: UserId | None = None
    job: JobId | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A recorded change of a setting; `before` and `after` are JSON."""

    name: str
    actor: UserId
    at: datetime
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class MemberBlock:
    """A block from ordering; with `until` None it lasts until lifted."""

    guild: GuildId
    user: UserId
    actor: UserId
    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Report:
    """A member's report about a job of the guild."""

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
    """The message that shows a report or an approval request to moderators."""

    channel: ChannelId
    message: MessageId


class CaseStage(StrEnum):
    """A case's stage: reported, waiting for approval, or decided by a first action."""

    REPORTED = "reported"
    WAITS = "waits"
    SETTLED = "settled"


_OFFERED_ACTIONS: Final = {
    CaseStage.REPORTED: (
        *(ActionKind.REMOVE, ActionKind.SPOILER, ActionKind.BLOCK),
        *(ActionKind.REFUND, ActionKind.DISMISS),
    ),
    CaseStage.WAITS: (
        ActionKind.APPROVE,
        ActionKind.DECLINE,
        ActionKind.SPOILER,
        ActionKind.BLOCK,
    ),
    CaseStage.SETTLED: (
        ActionKind.REMOVE,
        ActionKind.SPOILER,
        ActionKind.BLOCK,
        ActionKind.REFUND,
    ),
}
_ACTIONS_WITHOUT_PICTURE: Final = (ActionKind.BLOCK, ActionKind.REFUND)
_ENDING_ACTIONS: Final = frozenset({ActionKind.APPROVE, ActionKind.DISMISS})
"""Decisions to keep the picture, after which a card offers no further action."""
_HIDING_ACTIONS: Final = frozenset({ActionKind.REMOVE, ActionKind.DELETE, ActionKind.DECLINE})


def list_possible_actions(stage: CaseStage, done: Collection[ActionKind]) -> tuple[ActionKind, ...]:
    """Return the actions that are still possible, in the order of their buttons."""
    offered = _OFFERED_ACTIONS[stage]
    if stage is CaseStage.SETTLED and not _ENDING_ACTIONS.isdisjoint(done):
        offered = ()
    elif stage is CaseStage.SETTLED and not _HIDING_ACTIONS.isdisjoint(done):
        offered = _ACTIONS_WITHOUT_PICTURE
    return tuple(kind for kind in offered if kind not in done)
