"""The error tree below `bot.domain.errors`; an error's base class decides how it is handled.

A `Refusal` is shown to the member and costs nothing, a `Transient` is retried, a `Permanent` ends
the job.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from bot.domain.errors import ExpanseError, Refusal
from bot.domain.ledger import LimitKind
from bot.domain.money import ZERO, MicroUsd


class StartError(ExpanseError):
    """The process cannot start; the message is one line on why and what to do. Exit code 1."""


class ImageReason(StrEnum):
    """What is wrong with a picture; the value is the error's code."""

    NOT_AN_IMAGE = "not_an_image"
    BROKEN = "broken"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    TOO_LONG = "too_long"
    TOO_HARD = "too_hard"


@dataclass(eq=False)
class ImageRefused(Refusal):
    """`found` and `limit` are the numbers in the reason's text."""

    reason: ImageReason
    found: str = ""
    limit: str = ""


@dataclass(eq=False)
class PromptRefused(Refusal):
    length: int
    minimum: int
    maximum: int


class ComponentReason(StrEnum):
    """Why a button, menu, form or command was refused; the value is the error's code."""

    FORGED = "forged"
    OUTDATED = "outdated"
    EXPIRED = "expired"
    NOT_YOURS = "not_yours"
    PRIVATE = "private"
    MODERATORS_ONLY = "moderators_only"
    NOT_ALLOWED = "not_allowed"
    DIRECT_MESSAGE = "direct_message"
    NOT_INSTALLED = "not_installed"
    OPTED_OUT = "opted_out"
    NOT_SHARED = "not_shared"
    AGE_RESTRICTED = "age_restricted"
    NOT_HERE = "not_here"
    GONE = "gone"
    NO_PICTURE = "no_picture"
    NO_CHAIN = "no_chain"
    TOO_LATE = "too_late"
    UNDER_WAY = "under_way"
    NOT_MANAGER = "not_manager"
    NOT_MODERATOR = "not_moderator"
    MENU_CLOSED = "menu_closed"
    WAITING = "waiting"
    DECLINED = "declined"
    DECIDED = "decided"
    NO_MODERATORS = "no_moderators"
    TOO_MANY_REPORTS = "too_many_reports"
    REPORTED = "reported"
    CASE_HIDDEN = "case_hidden"
    CHANNEL_HIDDEN = "channel_hidden"
    NO_SUCH_JOB = "no_such_job"
    UNSEEN = "unseen"
    OVER = "over"
    COVERED = "covered"
    SPOILER_CHANNEL = "spoiler_channel"
    STICKER = "sticker"
    NOT_ON_SHOW = "not_on_show"
    NOT_DAYS = "not_days"
    NOT_A_NUMBER = "not_a_number"


@dataclass(eq=False)
class ComponentRefused(Refusal):
    reason: ComponentReason


@dataclass(eq=False)
class QuotaExhausted(Refusal):
    """The daily quota of results is used up."""

    asked: int
    used: int
    limit: int
    renews_at: datetime


@dataclass(eq=False)
class BudgetExhausted(Refusal):
    """A budget is used up; `limit_kind` says which."""

    asked: MicroUsd
    used: MicroUsd
    limit: MicroUsd
    renews_at: datetime
    limit_kind: LimitKind


@dataclass(eq=False)
class QueueFull(Refusal):
    """Too many jobs are open: the member's own if `own`, else everybody's."""

    open: int
    limit: int
    own: bool


class FreeWorkLimit(StrEnum):
    """Which limit of free work is reached; the value is the error's variant."""

    OWN = "own"
    RATE = "rate"
    ALL = "all"


@dataclass(eq=False)
class FreeWorkRefused(Refusal):
    """A limit of free work is reached; `retry_at` is None if it is the member's own open work."""

    limit: FreeWorkLimit
    retry_at: datetime | None


class PauseReason(StrEnum):
    """Why the bot itself pauses new orders; operator and provider give reasons as free text."""

    STOPPING = "stopping"
    STORAGE = "storage"


@dataclass(eq=False)
class IntakePaused(Refusal):
    """`reason` is a `PauseReason`, or the operator's text; `until` is None if unknown."""

    reason: str
    until: datetime | None


@dataclass(eq=False)
class MemberPaused(Refusal):
    """The provider's moderation refused too many of this member's orders."""

    refusals: int
    until: datetime


@dataclass(eq=False)
class ReadingPaused(Refusal):
    """Too many of this member's pictures crashed or timed out an image worker."""

    pictures: int
    until: datetime


@dataclass(eq=False)
class StorageLow(Refusal):
    """The disk has no room for another job's pictures; sizes in bytes."""

    free: int
    needed: int


class PolicyRefusal(Refusal):
    """The guild's rules forbid the order."""


@dataclass(eq=False)
class MemberBlocked(PolicyRefusal):
    """`until` is None for a permanent block."""

    reason: str
    until: datetime | None


@dataclass(eq=False)
class PlaceNotAllowed(PolicyRefusal):
    """Either `channels` or `roles` lists what is allowed, or it is the gallery's channel."""

    channels: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()
    is_gallery: bool = False


@dataclass(eq=False)
class WordRefused(PolicyRefusal):
    """`entry` is the banned word; empty for a pattern, which members do not see."""

    entry: str


@dataclass(eq=False)
class PatternsUndecided(PolicyRefusal):
    """A prompt could not be checked: `count` patterns of the guild are too large or too slow."""

    count: int


@dataclass(eq=False)
class ToleranceRefused(PolicyRefusal):
    asked: int
    limit: int


@dataclass(eq=False)
class SideTooLong(PolicyRefusal):
    side: int
    limit: int


def get_detail(error: Exception, otherwise: str) -> str:
    """Return an error's `detail` without its last full stop, or `otherwise` if it has none."""
    return str(getattr(error, "detail", "")).rstrip(".") or otherwise


@dataclass(eq=False)
class Transient(ExpanseError):
    """A retry may help; `retry_after` is in seconds from the response, or None."""

    detail: str
    retry_after: float | None = None


class ProviderUnavailable(Transient):
    """The provider could not be reached, or answered that it is unavailable."""


class ProviderBusy(Transient):
    """The provider answered 429, or its queue is full."""


class MediaUnavailable(Transient):
    """A download failed, but may succeed later."""


@dataclass(eq=False)
class WorkerDied(Transient):
    """An image worker process ended during a call.

    `is_call_at_fault` is False if the process was killed from outside.
    """

    is_call_at_fault: bool = field(default=True, kw_only=True)


class StorageUnavailable(Transient):
    """The disk is full, read-only or failing, or the database is locked."""


class SubmissionsPaused(Transient):
    """The kill switch is on: no task may be submitted."""


@dataclass(eq=False)
class OutcomeUnknown(ExpanseError):
    """A request got no answer: ask the provider before sending it again."""

    detail: str


@dataclass(eq=False)
class TaskConflict(ExpanseError):
    """The provider knows the task UUID already, so an earlier send was accepted."""

    task_uuid: UUID


@dataclass(eq=False)
class Permanent(ExpanseError):
    """A retry can't help; `code` is the provider's code or one of our own.

    `detail` is for the log, never for members; `billed` is the failure's own cost as reported.
    """

    code: str
    detail: str
    billed: MicroUsd = field(default=ZERO, kw_only=True)


class ProviderAuth(Permanent):
    """The API key is invalid or lacks permission."""


class ProviderCredit(Permanent):
    """The provider's balance is too low."""


class ContentRefused(Permanent):
    """Moderation refused the prompt, the seed image or the result."""


@dataclass(eq=False)
class TaskRejected(Permanent):
    parameter: str = ""


class TaskFailed(Permanent):
    """The provider gave up on the task."""


class TaskForgotten(Permanent):
    """The provider surely does not know the task."""


class MediaRefused(Permanent):
    """A file has the wrong host, type, size or content."""


class MediaGone(Permanent):
    """The link has expired or the file was deleted."""


class ResultUnusable(Permanent):
    """A paid result can't be downloaded, composed or encoded as planned."""


def get_error_code(error: Exception) -> str:
    """Return an error's stable code, as documented and logged."""
    match error:
        case Permanent():
            return error.code
        case ImageRefused() | ComponentRefused():
            return error.reason
        case _:
            return get_class_code(type(error))


def get_log_fields(error: Exception) -> dict[str, str]:
    """Return the code of one of our errors, and its `detail` if it is `Permanent` or `Transient`.

    Other fields may hold what a member wrote, which no log may contain.
    """
    fields = {"code": get_error_code(error)}
    if isinstance(error, Permanent | Transient):
        fields["detail"] = error.detail
    return fields


def get_class_code(kind: type[Exception]) -> str:
    """Return the code of an error class: its name in snake_case."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
