"""The error tree; what stands below `RequestRefusal` is in `bot.domain.errors`.

ExpanseError
├── StartError              the process cannot start: one plain line, exit code 1
├── Refusal                 said to the member at once; nothing held, nothing paid
│   ├── ImageRefused            the gate's verdict on a picture
│   ├── PromptRefused           too short or too long
│   ├── ComponentRefused        a button, a menu or a form that leads nowhere for this member
│   ├── QuotaExhausted          a count of results is used up
│   ├── BudgetExhausted         an amount of money is used up
│   ├── QueueFull               too many jobs are waiting: the member's own, or everybody's
│   ├── IntakePaused            the operator, the provider or a stop holds up new jobs
│   ├── MemberPaused            moderation refused too much from this member
│   ├── StorageLow              there is no room for another job's pictures
│   ├── PolicyRefusal           the guild's moderators do not want this
│   │   ├── MemberBlocked           this member may not order
│   │   ├── PlaceNotAllowed         not in this channel, or not with these roles
│   │   ├── WordRefused             the prompt holds something from the guild's lists
│   │   ├── ToleranceRefused        a laxer check than is allowed here
│   │   └── SideTooLong             a canvas longer than the guild allows
│   └── RequestRefusal          a value that cannot be, whoever asks
│       ├── OutOfRange              a number below the least or above the most
│       │   ├── PixelsOutOfRange        a pixel count outside 1..2048
│       │   ├── ResultsOutOfRange       a number of pictures that one command may not ask for
│       │   └── ZoomOutOfRange          a factor that shrinks, or that leaves nothing to see
│       ├── NotARatio               text or a value that is no usable shape
│       ├── NothingToAdd            no side would grow
│       ├── MarginTooLarge          one side passes the provider's limit
│       ├── CanvasTooLarge          the whole passes the pixel cap
│       └── SettingRefused          a guild's setting that cannot have this value
├── Transient               may go well later; the same work is tried again
│   ├── ProviderUnavailable     nothing reached the provider, or it said so
│   ├── ProviderBusy            429 or a full queue
│   ├── MediaUnavailable        a file could not be fetched this time
│   ├── StorageUnavailable      the disk is full, read-only or failing, or the database locked
│   ├── WorkerDied              the process that worked on a picture ended before its time
│   └── SubmissionsPaused       the kill switch is on: nothing new may be paid for
├── OutcomeUnknown          a request left and no answer came: ask before sending again
├── TaskConflict            the task UUID is known there already: accepted before, so ask for it
└── Permanent               trying again cannot help; the job ends
    ├── ProviderAuth            key invalid or without permission
    ├── ProviderCredit          the provider's balance is too low
    ├── ContentRefused          moderation of the prompt, the seed image or the result
    ├── TaskRejected            the provider found the request invalid
    ├── TaskFailed              the provider gave up on the task
    ├── TaskForgotten           the provider does not know the task, reliably
    ├── MediaRefused            wrong host, type, size or content
    ├── MediaGone               the link has expired or the file was deleted
    └── ResultUnusable          a paid picture that is not what was planned
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
    """Say in one line why the process cannot start and what to do."""


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
    asked: int
    used: int
    limit: int
    renews_at: datetime


@dataclass(eq=False)
class BudgetExhausted(Refusal):
    """`cap` says whose money it is."""

    asked: MicroUsd
    used: MicroUsd
    limit: MicroUsd
    renews_at: datetime
    limit_kind: LimitKind


@dataclass(eq=False)
class QueueFull(Refusal):
    """`own` says whether it is the member's own jobs that are too many."""

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
    refusals: int
    until: datetime


@dataclass(eq=False)
class StorageLow(Refusal):
    """In bytes."""

    free: int
    needed: int


class PolicyRefusal(Refusal):
    pass


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
    """`retry_after` is in seconds, as the other side gave it, or None."""

    detail: str
    retry_after: float | None = None


class ProviderUnavailable(Transient):
    pass


class ProviderBusy(Transient):
    pass


class MediaUnavailable(Transient):
    pass


class WorkerDied(Transient):
    pass


class StorageUnavailable(Transient):
    pass


class SubmissionsPaused(Transient):
    pass


@dataclass(eq=False)
class OutcomeUnknown(ExpanseError):
    detail: str


@dataclass(eq=False)
class TaskConflict(ExpanseError):
    task_uuid: UUID


@dataclass(eq=False)
class Permanent(ExpanseError):
    """`code` is the provider's own, or ours; `detail` is for the log, never for a member.

    `billed` is what the provider says that the failure itself cost.
    """

    code: str
    detail: str
    billed: MicroUsd = field(default=ZERO, kw_only=True)


class ProviderAuth(Permanent):
    pass


class ProviderCredit(Permanent):
    pass


class ContentRefused(Permanent):
    pass


@dataclass(eq=False)
class TaskRejected(Permanent):
    parameter: str = ""


class TaskFailed(Permanent):
    pass


class TaskForgotten(Permanent):
    pass


class MediaRefused(Permanent):
    pass


class MediaGone(Permanent):
    pass


class ResultUnusable(Permanent):
    pass


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
