"""Fold the provider's error codes into our tree, by family.

The catalogue is large and unstable, so a code is looked up first and then judged by its shape.
Sources: the tables of the vendor's two official SDKs, with three gaps mended: `timeoutProvider` and
`rateLimit` are unknown to them, and `modelDisabled` is not worth a retry.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from bot.domain.money import ZERO
from bot.errors import (
    ContentRefused,
    ExpanseError,
    OutcomeUnknown,
    ProviderAuth,
    ProviderBusy,
    ProviderCredit,
    ProviderUnavailable,
    TaskConflict,
    TaskFailed,
    TaskForgotten,
    TaskRejected,
)
from bot.runware.replies import TaskStatus

if TYPE_CHECKING:
    from uuid import UUID

    from bot.runware.replies import ApiError


class Family(Enum):
    AUTH = auto()
    CREDIT = auto()
    RATE = auto()
    SAFETY = auto()
    TIMEOUT = auto()
    CAPACITY = auto()
    PROVIDER = auto()
    SERVER = auto()
    NOT_FOUND = auto()
    CONFLICT = auto()
    VALIDATION = auto()
    UNKNOWN = auto()


_BY_CODE: Final = {
    Family.AUTH: "invalidApiKey missingApiKey unauthorized forbidden permissionDenied tokenExpired"
    " accountSuspended organizationDisabled workspaceSuspended",
    Family.CREDIT: "insufficientCredits quotaExceeded paymentRequired",
    Family.RATE: "rateLimit rateLimitExceeded inferenceRateLimitExceeded",
    Family.SAFETY: "invalidProviderContent contentPolicyViolation providerContentPolicyViolation"
    " nsfwContentDetected sensitiveContentDetected unsafeContentDetected promptBlocked imageBlocked"
    " moderationFailed",
    Family.TIMEOUT: "timeoutProvider providerTimeout providerGatewayTimeout requestTimeout timeout",
    Family.CAPACITY: "providerRateLimitExceeded providerUnavailable noAvailableServer"
    " modelUnavailable modelNotReady serviceUnavailable serverUnavailable",
    Family.PROVIDER: "providerError providerBadGateway providerInternalError inferenceError"
    " processingFailed taskFailed downloadFailed uploadFailed taskCancelled",
    Family.SERVER: "internalServerError standardError unknownError"
    " errorRetrievingAccountManagement",
    Family.NOT_FOUND: "taskFailedOrNotFound taskNotFound taskExpired",
    Family.CONFLICT: "conflictTaskUUID",
    Family.VALIDATION: "unknownParameter incompatibleParameters mismatchProviderSettingsProvider"
    " modelNotFound modelDisabled mediaNotFound mediaExpired",
}
_KNOWN: Final = {code: family for family, codes in _BY_CODE.items() for code in codes.split()}
_BY_SHAPE: Final = (
    (re.compile(r"Credits|Quota|Balance"), Family.CREDIT),
    (re.compile(r"(?i)nsfw|moderation|contentPolicy"), Family.SAFETY),
    (
        re.compile(r"^(invalid|missing|unsupported|value|array|max|duplicate|conflict)[A-Z]"),
        Family.VALIDATION,
    ),
    (re.compile(r"(?i)rateLimit"), Family.RATE),
    (re.compile(r"(?i)timeout"), Family.TIMEOUT),
)


def family_of(code: str) -> Family:
    """Return the family of a raw code; a code of no known shape is `UNKNOWN`."""
    known = _KNOWN.get(code)
    if known is not None:
        return known
    return next((family for shape, family in _BY_SHAPE if shape.search(code)), Family.UNKNOWN)


def fold_submit(
    error: ApiError, *, task_uuid: UUID | None, retry_after: float | None = None
) -> ExpanseError:
    """Return what an error in the answer to a submit means for one task.

    A server error or a time-out says nothing about whether the task was accepted: the outcome is
    unknown until the task is asked for.
    """
    detail = describe(error)
    family = family_of(error.code)
    if family is Family.CONFLICT and task_uuid is not None:
        return TaskConflict(task_uuid)
    if family in {Family.CONFLICT, Family.TIMEOUT, Family.SERVER}:
        return OutcomeUnknown(detail)
    if family is Family.CAPACITY:
        return ProviderUnavailable(detail, retry_after)
    if family is Family.RATE:
        return ProviderBusy(detail, retry_after)
    if family is Family.NOT_FOUND:
        return TaskFailed(error.code, detail)
    return _permanent(family, error)


_ABOUT_THE_POLL: Final = frozenset(
    {Family.SERVER, Family.CAPACITY, Family.TIMEOUT, Family.PROVIDER}
)
"""Families that, without the mark of a failed task, may be about the question alone."""


def fold_poll(error: ApiError, *, retry_after: float | None = None) -> ExpanseError:
    """Return what an error in the answer to a poll means for one task.

    Only an error that is about the poll, and not marked as the task's own end, is transient.
    """
    family = family_of(error.code)
    if error.status is not TaskStatus.ERROR:
        if family is Family.RATE:
            return ProviderBusy(describe(error), retry_after)
        if family in _ABOUT_THE_POLL:
            return ProviderUnavailable(describe(error), retry_after)
    return _permanent(family, error)


def describe(error: ApiError) -> str:
    """Write an error for the log: code, message and the provider's own words, cut to 500."""
    words = f"{error.code}: {error.message} {error.response_content or ''}".strip()
    return words[:500]


def _permanent(family: Family, error: ApiError) -> ExpanseError:
    code, detail, billed = error.code, describe(error), error.cost or ZERO
    if family is Family.VALIDATION:
        return TaskRejected(code, detail, ", ".join(error.parameter), billed=billed)
    kinds = {
        Family.AUTH: ProviderAuth,
        Family.CREDIT: ProviderCredit,
        Family.SAFETY: ContentRefused,
        Family.NOT_FOUND: TaskForgotten,
    }
    return kinds.get(family, TaskFailed)(code, detail, billed=billed)
