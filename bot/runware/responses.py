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
)

from bot.domain.money import MicroUsd, parse_usd

MAX_COST: Final = Decimal(10)
"""Dollars above which the reported cost of a result is implausible: 200 times the list price."""


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


def _is_absurd_cost(value: Any) -> bool:
    """Return whether the reported cost is a number but not a plausible amount."""
    return type(value) in {int, float, Decimal} and _parse_cost(value) is None


def _parse_balance(value: Any) -> MicroUsd | None:
    """Parse the number in older responses, or the only amount in the object in newer ones."""
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


class _ResponseModel(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class ResultItem(_ResponseModel):
    """One entry of `data`: an acknowledgement, a task in progress, or a finished result.

    `cost` is None unless a plausible one was reported. `noise_seed` is the provider's `seed`.
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
    has_absurd_cost: Annotated[bool, BeforeValidator(_is_absurd_cost)] = Field(
        default=False, validation_alias=AliasChoices("cost")
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


class ProviderAccount(_ResponseModel):
    """The account; `balance` is None if its format is unknown."""

    organization_name: LenientText = Field(None, alias="organizationName")
    balance: Annotated[MicroUsd | None, BeforeValidator(_parse_balance)] = None


class ApiError(_ResponseModel):
    """One entry of `errors`, in the current format or one of the two older ones."""

    code: AnyText = Field("unknownError", validation_alias=AliasChoices("code", "errorId"))
    message: AnyText = Field("", validation_alias=AliasChoices("message", "errorMessage"))
    parameter: Annotated[tuple[str, ...], BeforeValidator(_parse_names)] = ()
    task_uuid: LenientUuid = Field(None, alias="taskUUID")
    status: Annotated[TaskStatus, BeforeValidator(_parse_status)] = TaskStatus.NONE
    response_content: LenientText = Field(None, alias="responseContent", repr=False)
    cost: Cost = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """The items and errors of a response; `ignored_count` entries could not be parsed.

    `raw_items` are the unparsed entries of `data`, for responses other than results.
    """

    data: tuple[ResultItem, ...] = ()
    errors: tuple[ApiError, ...] = ()
    ignored_count: int = 0
    has_pong: bool = False
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
        tasks = [item for item in items if "pong" not in item]
        data, errors = _parse_entries(ResultItem, tasks), _parse_entries(ApiError, failures)
        unread = len(tasks) - len(data) + len(failures) - len(errors)
        return cls(data, errors, unread, len(tasks) < len(items), tuple(tasks))


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
