"""Moderation actions, reports, blocks, approvals, and pauses for members often refused."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, UserId

STRIKE_LIMIT: Final = 5
STRIKE_WINDOW: Final = timedelta(minutes=10)
PAUSE_LENGTH: Final = timedelta(hours=1)
"""Five refusals within ten minutes pause the member for an hour."""
STRIKE_RETENTION: Final = STRIKE_WINDOW + PAUSE_LENGTH


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
class ShownMessage:
    """A message of the bot; `guild` is 0 outside guilds.

    `is_deletion_planned` means that the bot may delete it and keeps trying to.
    """

    guild: GuildId
    channel: ChannelId
    message: MessageId
    is_deletion_planned: bool


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


_A = ActionKind
_OFFERED_ACTIONS: Final = {
    CaseStage.REPORTED: (_A.REMOVE, _A.SPOILER, _A.BLOCK, _A.REFUND, _A.DISMISS),
    CaseStage.WAITS: (_A.APPROVE, _A.DECLINE, _A.SPOILER, _A.BLOCK),
    CaseStage.SETTLED: (_A.REMOVE, _A.SPOILER, _A.BLOCK, _A.REFUND),
}
_ACTIONS_WITHOUT_PICTURE: Final = (_A.BLOCK, _A.REFUND)
_ENDING_ACTIONS: Final = frozenset({_A.APPROVE, _A.DISMISS})
"""Decisions to keep the picture, after which a card offers no further action."""
_HIDING_ACTIONS: Final = frozenset({_A.REMOVE, _A.DELETE, _A.DECLINE})


def list_possible_actions(stage: CaseStage, done: Collection[ActionKind]) -> tuple[ActionKind, ...]:
    """Return the actions that are still possible, in the order of their buttons."""
    offered = _OFFERED_ACTIONS[stage]
    if stage is CaseStage.SETTLED and not _ENDING_ACTIONS.isdisjoint(done):
        offered = ()
    elif stage is CaseStage.SETTLED and not _HIDING_ACTIONS.isdisjoint(done):
        offered = _ACTIONS_WITHOUT_PICTURE
    return tuple(kind for kind in offered if kind not in done)


def find_pause_end(strikes: Sequence[datetime]) -> datetime | None:
    """Return the end of the latest pause that these refusals, oldest first, cause."""
    # pairs of a refusal and the fourth one after it
    fifths = zip(strikes, strikes[STRIKE_LIMIT - 1 :], strict=False)
    ends = [last + PAUSE_LENGTH for first, last in fifths if last - first <= STRIKE_WINDOW]
    return max(ends, default=None)
