from __future__ import annotations

from uuid import uuid4

import pytest

from bot.domain.errors import ExpanseError
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
from bot.runware.error_codes import (
    ErrorFamily,
    classify_code,
    classify_poll_error,
    classify_submit_error,
)
from bot.runware.responses import ApiError, TaskStatus


@pytest.mark.parametrize(
    ("code", "family"),
    [
        ("invalidApiKey", ErrorFamily.AUTH),
        ("insufficientCredits", ErrorFamily.CREDIT),
        ("teamBalanceTooLow", ErrorFamily.CREDIT),
        ("rateLimit", ErrorFamily.RATE),
        ("someRateLimitThing", ErrorFamily.RATE),
        ("invalidProviderContent", ErrorFamily.SAFETY),
        ("nsfwThingSeen", ErrorFamily.SAFETY),
        ("timeoutProvider", ErrorFamily.TIMEOUT),
        ("upstreamTimeout", ErrorFamily.TIMEOUT),
        ("noAvailableServer", ErrorFamily.CAPACITY),
        ("providerError", ErrorFamily.PROVIDER),
        ("internalServerError", ErrorFamily.SERVER),
        ("taskFailedOrNotFound", ErrorFamily.NOT_FOUND),
        ("conflictTaskUUID", ErrorFamily.CONFLICT),
        ("invalidSteps", ErrorFamily.VALIDATION),
        ("missingTaskUUID", ErrorFamily.VALIDATION),
        ("unsupportedFormat", ErrorFamily.VALIDATION),
        ("modelDisabled", ErrorFamily.VALIDATION),
        ("invalidated", ErrorFamily.UNKNOWN),
        ("somethingNew", ErrorFamily.UNKNOWN),
        ("19", ErrorFamily.UNKNOWN),
    ],
)
def test_a_code_has_a_family(code: str, family: ErrorFamily) -> None:
    assert classify_code(code) is family


SUBMIT: list[tuple[str, type[ExpanseError]]] = [
    ("invalidApiKey", ProviderAuth),
    ("insufficientCredits", ProviderCredit),
    ("rateLimitExceeded", ProviderBusy),
    ("invalidProviderContent", ContentRefused),
    ("timeoutProvider", OutcomeUnknown),
    ("internalServerError", OutcomeUnknown),
    ("noAvailableServer", ProviderUnavailable),
    ("providerError", TaskFailed),
    ("taskNotFound", TaskFailed),
    ("conflictTaskUUID", TaskConflict),
    ("invalidSteps", TaskRejected),
    ("somethingNew", TaskFailed),
]
POLL: list[tuple[str, type[ExpanseError]]] = [
    ("rateLimitExceeded", ProviderBusy),
    ("internalServerError", ProviderUnavailable),
    ("timeoutProvider", ProviderUnavailable),
    ("requestTimeout", ProviderUnavailable),
    ("providerGatewayTimeout", ProviderUnavailable),
    ("providerRateLimitExceeded", ProviderUnavailable),
    ("invalidProviderContent", ContentRefused),
    ("taskFailedOrNotFound", TaskForgotten),
    ("somethingNew", TaskFailed),
]


@pytest.mark.parametrize(("code", "kind"), SUBMIT)
def test_an_error_on_submit_folds_into_the_tree(code: str, kind: type[ExpanseError]) -> None:
    assert type(classify_submit_error(ApiError(code=code), task_uuid=uuid4())) is kind


@pytest.mark.parametrize(("code", "kind"), POLL)
def test_an_error_on_a_poll_folds_into_the_tree(code: str, kind: type[ExpanseError]) -> None:
    assert type(classify_poll_error(ApiError(code=code))) is kind


@pytest.mark.parametrize(
    "code", ["rateLimitExceeded", "internalServerError", "providerUnavailable", "timeoutProvider"]
)
def test_an_error_that_is_marked_as_the_tasks_own_end_is_final(code: str) -> None:
    error = ApiError(code=code, status=TaskStatus.ERROR)
    assert type(classify_poll_error(error)) is TaskFailed


def test_a_conflict_that_names_no_task_leaves_the_outcome_open() -> None:
    assert isinstance(
        classify_submit_error(ApiError(code="conflictTaskUUID"), task_uuid=None), OutcomeUnknown
    )


def test_a_folded_error_keeps_code_parameter_and_retry_after() -> None:
    rejected = classify_submit_error(
        ApiError(code="invalidOutpaintTop", message="no", parameter=("outpaint.top",)),
        task_uuid=uuid4(),
    )
    assert isinstance(rejected, TaskRejected)
    assert (rejected.code, rejected.parameter) == ("invalidOutpaintTop", "outpaint.top")
    busy = classify_submit_error(ApiError(code="rateLimit"), task_uuid=uuid4(), retry_after=2.0)
    assert isinstance(busy, ProviderBusy)
    assert busy.retry_after == 2.0


@pytest.mark.parametrize(
    "message",
    [
        "Invalid prompt 'a canary of words' for this model",
        'The prompt "a canary of words\nin two lines" was refused',
        f"Invalid value '{'canary' * 9}' for 'positivePrompt'",
    ],
)
def test_what_an_error_quotes_of_a_prompt_is_not_in_its_text_for_the_log(message: str) -> None:
    raw = {"code": "invalidPrompt", "message": message, "responseContent": "canary: not charged"}
    error = classify_submit_error(ApiError.model_validate(raw), task_uuid=uuid4())
    assert "canary" not in repr(error)
    assert "invalidPrompt" in repr(error)
    value = {"code": "invalidFormat", "message": "Unsupported value 'GIF' of 'outputFormat'"}
    kept = classify_submit_error(ApiError.model_validate(value), task_uuid=uuid4())
    assert "'GIF' of 'outputFormat'" in repr(kept)
