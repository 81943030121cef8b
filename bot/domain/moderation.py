"""What moderators do and decide about members and results."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, UserId


class ActKind(StrEnum):
    BLOCK = "block"
    UNBLOCK = "unblock"
    GRANT = "grant"
    CANCEL = "cancel"
    REMOVE = "remove"
    SPOILER = "spoiler"
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
