"""What the provider answers, read leniently: a paid result is never lost over an odd field."""

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
)

from bot.domain.money import MicroUsd, parse_usd

MAX_COST: Final = Decimal(10)
"""Dollars for one result above which a reported cost is nonsense: 200 times the list price."""


def _none_if_invalid(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


def _parse_cost(value: Any) -> MicroUsd | None:
    """Read dollars exactly; anything that is no plausible amount counts as not reported."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    amount = Decimal(value)
    return parse_usd(amount) if amount.is_finite() and 0 <= amount <= MAX_COST else None


def _is_absurd_cost(value: Any) -> bool:
    """Say whether a number was reported as the cost that can be none."""
    return type(value) in {int, float, Decimal} and _parse_cost(value) is None


def _parse_balance(value: Any) -> MicroUsd | None:
    """Read the number of older answers, or the one amount in the object of newer ones."""
    if isinstance(value, dict):
        amounts = [each for each in value.values() if type(each) in {int, Decimal}]
        value = amounts[0] if len(amounts) == 1 else None
    if type(value) not in {int, Decimal} or not Decimal(value).is_finite() or value < 0:
        return None
    return parse_usd(value)


def _parse_status(value: Any) -> TaskStatus:
    if not isinstance(value, str):
        return TaskStatus.NONE
    known = {status.value: status for status in TaskStatus} | {"failed": TaskStatus.ERROR}
    return known.get(value, TaskStatus.PROCESSING)


def _parse_names(value: Any) -> tuple[str, ...]:
    """Take one name or a list of names; cross-field limits name several."""
    listed = value if isinstance(value, list | tuple) else [value]
    return tuple(name for name in listed if isinstance(name, str))


class TaskStatus(StrEnum):
    """What an item says of itself; the words for waiting are all `processing`."""

    NONE = ""
    PROCESSING = "processing"
    SUCCESS = "success"
    ERROR = "error"


ItemModel = TypeVar("ItemModel", bound=BaseModel)
LenientText = Annotated[str | None, WrapValidator(_none_if_invalid)]
LenientUuid = Annotated[UUID | None, WrapValidator(_none_if_invalid)]


class _ResponseModel(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class ResultItem(_ResponseModel):
    """One entry of `data`: an acknowledgement, a task still at work, or a finished result.

    `cost` is None when the provider reported none that makes sense. `noise_seed` is its `seed`.
    """

    task_uuid: UUID = Field(alias="taskUUID")
    task_type: LenientText = Field(None, alias="taskType")
    status: Annotated[TaskStatus, BeforeValidator(_parse_status)] = TaskStatus.NONE
    image_uuid: LenientText = Field(None, alias="imageUUID")
    image_url: LenientText = Field(None, alias="imageURL", repr=False)
    image_base64_data: LenientText = Field(None, alias="imageBase64Data", repr=False)
    image_data_uri: LenientText = Field(None, alias="imageDataURI", repr=False)
    noise_seed: Annotated[
        int | None, Field(ge=-(2**63), lt=2**63), WrapValidator(_none_if_invalid)
    ] = Field(None, alias="seed")
    cost: Annotated[MicroUsd | None, BeforeValidator(_parse_cost)] = None
    has_absurd_cost: Annotated[bool, BeforeValidator(_is_absurd_cost)] = Field(
        default=False, validation_alias=AliasChoices("cost")
    )
    nsfw_content: Annotated[bool | None, WrapValidator(_none_if_invalid)] = Field(
        None, alias="NSFWContent"
    )

    @property
    def media_source(self) -> str:
        """The URL, data URI or base64 of the picture; empty when there is none."""
        return self.image_url or self.image_data_uri or self.image_base64_data or ""

    @property
    def is_finished(self) -> bool:
        """Tell a picture by its media: not every answer carries a status."""
        return bool(self.media_source)


class StoredMedia(_ResponseModel):
    """A file that the provider keeps: the answer to `imageUpload` and `mediaStorage`."""

    uuid: str = Field(validation_alias=AliasChoices("mediaUUID", "imageUUID"))
    url: Annotated[str | None, WrapValidator(_none_if_invalid)] = Field(
        None, validation_alias=AliasChoices("mediaURL", "imageURL")
    )


class ProviderAccount(_ResponseModel):
    """The account; `balance` is None where the provider wrote it in no form that is known."""

    organization_name: LenientText = Field(None, alias="organizationName")
    balance: Annotated[MicroUsd | None, BeforeValidator(_parse_balance)] = None


class TaskDetails(_ResponseModel):
    """A task from the archive, as the provider keeps it: raw JSON."""

    request: Any = None
    response: Any = None


class ApiError(_ResponseModel):
    """One entry of `errors`, in the current form or one of the two older ones."""

    code: Annotated[str, BeforeValidator(str)] = Field(
        "unknownError", validation_alias=AliasChoices("code", "errorId")
    )
    message: Annotated[str, BeforeValidator(str)] = Field(
        "", validation_alias=AliasChoices("message", "errorMessage")
    )
    parameter: Annotated[tuple[str, ...], BeforeValidator(_parse_names)] = ()
    task_type: LenientText = Field(None, alias="taskType")
    task_uuid: LenientUuid = Field(None, alias="taskUUID")
    status: Annotated[TaskStatus, BeforeValidator(_parse_status)] = TaskStatus.NONE
    documentation: LenientText = None
    response_content: LenientText = Field(None, alias="responseContent", repr=False)
    cost: Annotated[MicroUsd | None, BeforeValidator(_parse_cost)] = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """The items and errors of one answer; `ignored` counts entries that could not be read.

    `raw` are the entries of `data` as they came, for answers that are no results.
    """

    data: tuple[ResultItem, ...] = ()
    errors: tuple[ApiError, ...] = ()
    ignored_count: int = 0
    has_pong: bool = False
    raw_items: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    @classmethod
    def parse_body(cls, body: bytes) -> Self:
        """Read an answer, its numbers exact; raise `ValueError` unless it is an envelope."""
        try:
            answer = json.loads(body, parse_float=Decimal)
        except (RecursionError, ArithmeticError) as error:
            raise ValueError("the answer is nested too deeply, or holds no number") from error
        if not isinstance(answer, dict) or not answer.keys() & {"data", "errors", "error"}:
            raise ValueError("the answer is no envelope")
        items, failures = (
            _list_entries(answer, "data"),
            _list_entries(answer, "errors") + _list_old_error(answer),
        )
        tasks = [item for item in items if "pong" not in item]
        data, errors = _parse_entries(ResultItem, tasks), _parse_entries(ApiError, failures)
        unread = len(tasks) - len(data) + len(failures) - len(errors)
        return cls(data, errors, unread, len(tasks) < len(items), tuple(tasks))


def _list_entries(answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = answer.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _list_old_error(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the one error of the older forms: `{"error": {...}}` and `{"error": true, ...}`."""
    error = answer.get("error")
    if isinstance(error, dict):
        return [{**answer, **error}]
    return [answer] if error else []


def _parse_entries(
    kind: type[ItemModel], items: Sequence[Mapping[str, Any]]
) -> tuple[ItemModel, ...]:
    read = []
    for item in items:
        with suppress(ValidationError):
            read.append(kind.model_validate(item))
    return tuple(read)
