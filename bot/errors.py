"""The error tree below `bot.domain.errors`: where an error stands decides what happens.

A `Refusal` is told to the member at once and costs nothing, a `Transient` is tried again, a
`Permanent` ends the job.
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
    """Say in one line why the process cannot start and what to do; the exit code is 1."""


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
    """`found` and `limit` are the numbers of the reason's text."""

    reason: ImageReason
    found: str = ""
    limit: str = ""


@dataclass(eq=False)
class PromptRefused(Refusal):
    length: int
    minimum: int
    maximum: int


class ComponentReason(StrEnum):
    """Why a button, a menu, a form or a command leads nowhere; the value is the error's code."""

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
    GONE = "gone"
    NO_PICTURE = "no_picture"
    NO_CHAIN = "no_chain"
    TOO_LATE = "too_late"
    UNDER_WAY = "under_way"
    BUSY = "busy"
    NOT_MANAGER = "not_manager"
    NOT_MODERATOR = "not_moderator"
    MENU_CLOSED = "menu_closed"
    WAITING = "waiting"
    DECLINED = "declined"
    DECIDED = "decided"
    NO_MODERATORS = "no_moderators"
    TOO_MANY_REPORTS = "too_many_reports"
    REPORTED = "reported"
    NO_SUCH_JOB = "no_such_job"
    UNSEEN = "unseen"
    OVER = "over"
    COVERED = "covered"
    NOT_ON_SHOW = "not_on_show"
    NOT_DAYS = "not_days"
    NOT_A_NUMBER = "not_a_number"


@dataclass(eq=False)
class ComponentRefused(Refusal):
    reason: ComponentReason


@dataclass(eq=False)
class QuotaExhausted(Refusal):
    """A count of results is used up."""

    asked: int
    used: int
    limit: int
    renews_at: datetime


@dataclass(eq=False)
class BudgetExhausted(Refusal):
    """An amount of money is used up; `limit_kind` says whose."""

    asked: MicroUsd
    used: MicroUsd
    limit: MicroUsd
    renews_at: datetime
    limit_kind: LimitKind


@dataclass(eq=False)
class QueueFull(Refusal):
    """Too many jobs are waiting: the member's own where `is_own`, else everybody's."""

    open_jobs: int
    limit: int
    is_own: bool


class PauseReason(StrEnum):
    """What pauses new jobs beside the operator and the provider, who give reasons of their own."""

    STOPPING = "stopping"
    STORAGE = "storage"


@dataclass(eq=False)
class IntakePaused(Refusal):
    """`reason` is a `PauseReason`, or the operator's own words; `until` None is not known."""

    reason: str
    until: datetime | None


@dataclass(eq=False)
class MemberPaused(Refusal):
    """Moderation refused too much from this member."""

    refusals: int
    until: datetime


@dataclass(eq=False)
class StorageLow(Refusal):
    """There is no room for another job's pictures; in bytes."""

    free: int
    needed: int


class PolicyRefusal(Refusal):
    """The guild's moderators do not want this."""


@dataclass(eq=False)
class MemberBlocked(PolicyRefusal):
    """`until` is None for a block without an end."""

    reason: str
    until: datetime | None


@dataclass(eq=False)
class PlaceNotAllowed(PolicyRefusal):
    """`channels` and `roles` are those that are allowed; the empty one did not refuse."""

    channels: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()


@dataclass(eq=False)
class WordRefused(PolicyRefusal):
    """`entry` is the word that was found; patterns are not shown to members."""

    entry: str


@dataclass(eq=False)
class ToleranceRefused(PolicyRefusal):
    asked: int
    limit: int


@dataclass(eq=False)
class SideTooLong(PolicyRefusal):
    side: int
    limit: int


@dataclass(eq=False)
class Transient(ExpanseError):
    """May go well later; `retry_after` is in seconds, as the other side gave it, or None."""

    detail: str
    retry_after: float | None = None


class ProviderUnavailable(Transient):
    """Nothing reached the provider, or it said so."""


class ProviderBusy(Transient):
    """429 or a full queue."""


class MediaUnavailable(Transient):
    """A file could not be fetched this time."""


class WorkerDied(Transient):
    """The process that worked on a picture ended before its time."""


class StorageUnavailable(Transient):
    """The disk is full, read-only or failing, or the database locked."""


class SubmissionsPaused(Transient):
    """The kill switch is on: nothing new may be paid for."""


@dataclass(eq=False)
class OutcomeUnknown(ExpanseError):
    """A request left and no answer came: ask before sending again."""

    detail: str


@dataclass(eq=False)
class TaskConflict(ExpanseError):
    """The provider knows the task UUID already: accepted before, so ask for it."""

    task_uuid: UUID


@dataclass(eq=False)
class Permanent(ExpanseError):
    """Trying again cannot help; `code` is the provider's own, or ours.

    `detail` is for the log, never for a member; `billed` is what the provider says that the
    failure itself cost.
    """

    code: str
    detail: str
    billed: MicroUsd = field(default=ZERO, kw_only=True)


class ProviderAuth(Permanent):
    """Key invalid or without permission."""


class ProviderCredit(Permanent):
    """The provider's balance is too low."""


class ContentRefused(Permanent):
    """Moderation of the prompt, the seed image or the result."""


@dataclass(eq=False)
class TaskRejected(Permanent):
    parameter: str = ""


class TaskFailed(Permanent):
    """The provider gave up on the task."""


class TaskForgotten(Permanent):
    """The provider does not know the task, reliably."""


class MediaRefused(Permanent):
    """Wrong host, type, size or content."""


class MediaGone(Permanent):
    """The link has expired or the file was deleted."""


class ResultUnusable(Permanent):
    """A paid picture that is not what was planned."""


def get_error_code(error: Exception) -> str:
    """Return the stable code of an error, by which the documentation and the operator find it."""
    match error:
        case Permanent():
            return error.code
        case ImageRefused() | ComponentRefused():
            return error.reason
        case _:
            return get_class_code(type(error))


def get_class_code(kind: type[Exception]) -> str:
    """Return the code of an error that has none of its own: its class's name in small letters."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
