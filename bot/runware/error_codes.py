"""The provider's error codes, grouped into families and mapped to exceptions.

Codes are many and change, so an unknown one is classified by its pattern. Source: the tables of the
vendor's two official SDKs, which lack `timeoutProvider` and `rateLimit`; unlike there,
`modelDisabled` is not retried.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final
from uuid import UUID

from bot.domain.errors import ExpanseError
from bot.domain.money import ZERO
from bot.errors import (
    ContentRefused,
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
from bot.runware.responses import ApiError, TaskStatus


class ErrorFamily(Enum):
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


_F = ErrorFamily
_CODES_BY_FAMILY: Final = {
    _F.AUTH: "invalidApiKey missingApiKey unauthorized forbidden permissionDenied"
    " insufficientPermissions authenticationFailed authFailed tokenExpired accountSuspended"
    " organizationDisabled workspaceSuspended",
    _F.CREDIT: "insufficientCredits quotaExceeded paymentRequired",
    _F.RATE: "rateLimit rateLimitExceeded inferenceRateLimitExceeded",
    _F.SAFETY: "invalidProviderContent contentPolicyViolation"
    " providerContentPolicyViolation nsfwContentDetected sensitiveContentDetected"
    " unsafeContentDetected promptBlocked imageBlocked moderationFailed",
    _F.TIMEOUT: "timeoutProvider providerTimeout providerGatewayTimeout requestTimeout timeout",
    _F.CAPACITY: "providerRateLimitExceeded providerUnavailable noAvailableServer"
    " modelUnavailable modelNotReady serviceUnavailable serverUnavailable",
    _F.PROVIDER: "providerError providerBadGateway providerInternalError inferenceError"
    " processingFailed taskFailed downloadFailed uploadFailed taskCancelled",
    _F.SERVER: "internalServerError standardError unknownError errorRetrievingAccountManagement",
    _F.NOT_FOUND: "taskFailedOrNotFound taskNotFound taskExpired",
    _F.CONFLICT: "conflictTaskUUID",
    _F.VALIDATION: "unknownParameter incompatibleParameters"
    " mismatchProviderSettingsProvider modelNotFound modelDisabled mediaNotFound mediaExpired",
}
_FAMILY_BY_CODE: Final = {
    code: family for family, codes in _CODES_BY_FAMILY.items() for code in codes.split()
}
_FAMILY_BY_PATTERN: Final = (  # the first match counts
    (re.compile(r"Credits|Quota|Balance"), _F.CREDIT),
    (re.compile(r"(?i)nsfw|moderation|contentPolicy"), _F.SAFETY),
    (
        re.compile(r"^(invalid|missing|unsupported|value|array|max|duplicate|conflict)[A-Z]"),
        _F.VALIDATION,
    ),
    (re.compile(r"(?i)rateLimit"), _F.RATE),
    (re.compile(r"(?i)timeout"), _F.TIMEOUT),
)


def classify_code(code: str) -> ErrorFamily:
    """Return the family of a raw code, or `UNKNOWN` if no table or pattern has it."""
    known = _FAMILY_BY_CODE.get(code)
    if known is not None:
        return known
    return next((family for shape, family in _FAMILY_BY_PATTERN if shape.search(code)), _F.UNKNOWN)


def classify_submit_error(
    error: ApiError, *, task_uuid: UUID | None, retry_after: float | None = None
) -> ExpanseError:
    """Return the exception that an error in a submit's answer means for one task.

    After a server error or a timeout the task may have been accepted: poll it before resubmitting.
    """
    detail = describe_error(error)
    family = classify_code(error.code)
    if family is _F.CONFLICT and task_uuid is not None:
        return TaskConflict(task_uuid)
    if family in {_F.CONFLICT, _F.TIMEOUT, _F.SERVER}:
        return OutcomeUnknown(detail)
    if family is _F.CAPACITY:
        return ProviderUnavailable(detail, retry_after)
    if family is _F.RATE:
        return ProviderBusy(detail, retry_after)
    if family is _F.NOT_FOUND:
        return TaskFailed(error.code, detail)
    return _build_permanent_error(family, error)


_MAX_DETAIL: Final = 500
_QUOTATION: Final = re.compile(r"""(['"`])((?:(?!\1).)*)\1""", re.DOTALL)
_MAX_NAME: Final = 32
_POLL_FAMILIES: Final = frozenset({_F.SERVER, _F.CAPACITY, _F.TIMEOUT, _F.PROVIDER})
"""Families that may concern only the poll, unless the error is marked as the task's failure."""


def classify_poll_error(error: ApiError, *, retry_after: float | None = None) -> ExpanseError:
    """Return the exception that an error in a poll's answer means for one task.

    An error is transient only if it concerns the poll and is not marked as the task's failure.
    """
    family = classify_code(error.code)
    if error.status is not TaskStatus.ERROR:
        if family is _F.RATE:
            return ProviderBusy(describe_error(error), retry_after)
        if family in _POLL_FAMILIES:
            return ProviderUnavailable(describe_error(error), retry_after)
    return _build_permanent_error(family, error)


def describe_error(error: ApiError) -> str:
    """Format an error for the log: code, message and allowed values, shortened.

    Without the text about moderated content, and what the message quotes of a prompt.
    """
    allowed = f"(allowed: {', '.join(error.allowed_values)})" if error.allowed_values else ""
    parts = (f"{error.code}: {_QUOTATION.sub(_hide_words, error.message)}", allowed)
    return " ".join(filter(None, parts))[:_MAX_DETAIL].strip()


def _hide_words(quotation: re.Match[str]) -> str:
    """Hide what is longer than a parameter's name or value, or has several words."""
    words = quotation[2]
    return "[hidden]" if len(words) > _MAX_NAME or len(words.split()) > 1 else quotation[0]


def _build_permanent_error(family: ErrorFamily, error: ApiError) -> ExpanseError:
    code, detail, billed = error.code, describe_error(error), error.cost or ZERO
    if family is _F.VALIDATION:
        return TaskRejected(code, detail, ", ".join(error.parameter), billed=billed)
    kinds = {
        _F.AUTH: ProviderAuth,
        _F.CREDIT: ProviderCredit,
        _F.SAFETY: ContentRefused,
        _F.NOT_FOUND: TaskForgotten,
    }
    return kinds.get(family, TaskFailed)(code, detail, billed=billed)
