"""Responses of the provider, parsed leniently: no unusual field may cost a paid result."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Self, TypeVar
from uuid import UUID

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from bot.domain.money import MicroUsd, parse_usd

MAX_COST: Final = Decimal(10)
"""Dollars above which the reported cost of a result is implausible: 200 times the list price."""
_QUOTED_LENGTH: Final = 24


def _none_if_invalid(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


def _parse_cost(value: Any) -> MicroUsd | None:
    """Parse dollars exactly; return None for anything but a plausible amount."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    amount = Decimal(value)
    return parse_usd(amount) if amount.is_finite() and 0 <= amount <= MAX_COST else None


def _quote_absurd_cost(value: Any) -> str:
    """Return the reported cost if it is a number but not a plausible amount, else nothing."""
    absurd = type(value) in {int, float, Decimal} and _parse_cost(value) is None
    return str(value)[:_QUOTED_LENGTH] if absurd else ""


def _parse_status(value: Any) -> TaskStatus:
    if not isinstance(value, str):
        return TaskStatus.NONE
    known = {status.value: status for status in TaskStatus} | {"failed": TaskStatus.ERROR}
    return known.get(value, TaskStatus.PROCESSING)


def _find_task_uuid(entry: Mapping[str, Any]) -> Any:
    """Return the UUID that an error names itself, else the one in its context."""
    holders: list[Any] = [entry, entry.get("context")]
    data = entry.get("error_data")
    holders += [data, data.get("context")] if isinstance(data, dict) else []
    named = (each.get("taskUUID") for each in holders if isinstance(each, dict))
    return next((each for each in named if each is not None), None)


def _parse_values(value: Any) -> tuple[str, ...]:
    """Accept a list of texts and numbers, or a single one."""
    listed = value if isinstance(value, list | tuple) else [value]
    return tuple(str(each) for each in listed if isinstance(each, str | int | Decimal))


def _parse_names(value: Any) -> tuple[str, ...]:
    """Accept one name or a list, which errors about several fields have."""
    listed = value if isinstance(value, list | tuple) else [value]
    return tuple(name for name in listed if isinstance(name, str))


class TaskStatus(StrEnum):
    """The status of an item; every value that isn't final counts as `processing`."""

    NONE = ""
    PROCESSING = "processing"
    SUCCESS = "success"
    ERROR = "error"


ItemModel = TypeVar("ItemModel", bound=BaseModel)
AnyText = Annotated[str, BeforeValidator(str)]
Cost = Annotated[MicroUsd | None, BeforeValidator(_parse_cost)]
LenientFlag = Annotated[bool | None, WrapValidator(_none_if_invalid)]
LenientText = Annotated[str | None, WrapValidator(_none_if_invalid)]
LenientUuid = Annotated[UUID | None, WrapValidator(_none_if_invalid)]


class ResponseModel(BaseModel):
    """A part of a response; unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ResultItem(ResponseModel):
    """One entry of `data`: an acknowledgement, a task in progress, or a finished result.

    `cost` is None unless a plausible one was reported; `absurd_cost` quotes a number that is none.
    `noise_seed` is the provider's `seed`.
    """

    task_uuid: UUID = Field(alias="taskUUID")
    status: Annotated[TaskStatus, BeforeValidator(_parse_status)] = TaskStatus.NONE
    image_uuid: LenientText = Field(None, alias="imageUUID")
    image_url: LenientText = Field(None, alias="imageURL", repr=False)
    image_base64_data: LenientText = Field(None, alias="imageBase64Data", repr=False)
    image_data_uri: LenientText = Field(None, alias="imageDataURI", repr=False)
    noise_seed: Annotated[
        int | None, Field(ge=-(2**63), lt=2**63), WrapValidator(_none_if_invalid)  # fits SQLite
    ] = Field(None, alias="seed")
    cost: Cost = None
    absurd_cost: Annotated[str, BeforeValidator(_quote_absurd_cost)] = Field(
        default="", validation_alias=AliasChoices("cost")
    )
    nsfw_content: LenientFlag = Field(None, alias="NSFWContent")

    @property
    def media_source(self) -> str:
        """The URL, data URI or base64 of the picture, or an empty string."""
        return self.image_url or self.image_data_uri or self.image_base64_data or ""

    @property
    def is_finished(self) -> bool:
        """Whether there is a picture; not every response has a status."""
        return bool(self.media_source)


class ApiError(ResponseModel):
    """One entry of `errors`, in the current format or one of the two older ones.

    The task may be named in the error's `context` only, as in a conflict of UUIDs.
    """

    code: AnyText = Field("unknownError", validation_alias=AliasChoices("code", "errorId"))
    message: AnyText = Field("", validation_alias=AliasChoices("message", "errorMessage"))
    parameter: Annotated[tuple[str, ...], BeforeValidator(_parse_names)] = ()
    allowed_values: Annotated[tuple[str, ...], BeforeValidator(_parse_values)] = Field(
        (), alias="allowedValues"
    )
    task_uuid: LenientUuid = Field(None, alias="taskUUID")
    status: Annotated[TaskStatus, BeforeValidator(_parse_status)] = TaskStatus.NONE
    cost: Cost = None

    @model_validator(mode="before")
    @classmethod
    def _find_task(cls, entry: Any) -> Any:
        return {**entry, "taskUUID": _find_task_uuid(entry)} if isinstance(entry, dict) else entry


@dataclass(frozen=True, slots=True)
class Envelope:
    """The items and errors of a response; `ignored_count` entries could not be parsed.

    `raw_items` are the unparsed entries of `data`, for responses other than results.
    """

    data: tuple[ResultItem, ...] = ()
    errors: tuple[ApiError, ...] = ()
    ignored_count: int = 0
    raw_items: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    @classmethod
    def parse_body(cls, body: bytes) -> Self:
        """Parse a body, with exact decimals; raise `ValueError` unless it is an envelope."""
        try:
            answer = json.loads(body, parse_float=Decimal)
        except (RecursionError, ArithmeticError) as error:
            raise ValueError("the answer is nested too deeply, or holds no number") from error
        if not isinstance(answer, dict) or not answer.keys() & {"data", "errors", "error"}:
            raise ValueError("the answer is no envelope")
        items = _list_entries(answer, "data")
        failures = _list_entries(answer, "errors") + _list_old_error(answer)
        data, errors = _parse_entries(ResultItem, items), _parse_entries(ApiError, failures)
        unread = len(items) - len(data) + len(failures) - len(errors)
        return cls(data, errors, unread, tuple(items))


def _list_entries(answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = answer.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _list_old_error(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the error of the older formats: `{"error": {...}}` or `{"error": true, ...}`."""
    error = answer.get("error")
    if isinstance(error, dict):
        return [{**answer, **error}]
    return [answer] if error else []


def _parse_entries(
    kind: type[ItemModel], items: Sequence[Mapping[str, Any]]
) -> tuple[ItemModel, ...]:
    parsed = []
    for item in items:
        with suppress(ValidationError):
            parsed.append(kind.model_validate(item))
    return tuple(parsed)
