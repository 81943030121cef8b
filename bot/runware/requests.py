"""Requests to the provider, with all parameters of `imageInference` and the vendor's bounds.

A value outside the vendor's bounds, or outside those of the request's model, raises a
`ValidationError`.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    UUID4,
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    model_validator,
)
from pydantic.alias_generators import to_camel

from bot.domain.geometry import Margins
from bot.domain.model import DEFAULT_MODEL, get_model

_ACRONYMS: Final = {
    "task_uuid": "taskUUID",
    "cfg_scale": "CFGScale",
    "webhook_url": "webhookURL",
}


def _to_alias(name: str) -> str:
    return _ACRONYMS.get(name) or to_camel(name)


def _to_exact_decimal(value: Any) -> Any:
    """Convert a number via its text, so that 55.1 stays 55.1 instead of a binary fraction."""
    return Decimal(str(value)) if type(value) in {int, float} else value


CfgScale = Annotated[
    Decimal, BeforeValidator(_to_exact_decimal), PlainSerializer(float, return_type=float)
]
WebUri = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+")]


class _Request(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=AliasGenerator(alias=_to_alias),
        validate_by_name=True,
        validate_by_alias=True,
    )


class Inputs(_Request):
    """`seed_image` is a UUID of an earlier result, a URL, a data URI or bare base64."""

    seed_image: Annotated[str, StringConstraints(min_length=1)] = Field(repr=False)


class Outpaint(_Request):
    """Pixels to add on each side, at least one of them not 0."""

    top: int = 0
    right: int = 0
    bottom: int = 0
    left: int = 0

    @model_validator(mode="after")
    def _require_extension(self) -> Self:
        if not (self.top or self.right or self.bottom or self.left):
            raise ValueError("at least one side must be extended")
        return self

    @classmethod
    def from_margins(cls, margins: Margins) -> Self:
        return cls(top=margins.top, right=margins.right, bottom=margins.bottom, left=margins.left)


class BflSettings(_Request):
    prompt_upsampling: bool = False
    safety_tolerance: int = DEFAULT_MODEL.tolerance.default


class ProviderSettings(_Request):
    bfl: BflSettings = BflSettings()


class Safety(_Request):
    check_content: bool = False
    mode: Literal["none", "fast"] = "none"


class _Task(_Request):
    task_uuid: UUID4

    def to_wire(self) -> str:
        """Write the element of the request array as JSON."""
        return self.model_dump_json(by_alias=True, exclude_none=True)


class ImageInference(_Task):
    """One task, with the vendor's defaults except for two.

    `delivery_method` is `async`, since a connection held open can be lost with a paid result, and
    `include_cost` is on, since the ledger settles at the reported cost.
    """

    task_type: Literal["imageInference"] = "imageInference"
    model: str = DEFAULT_MODEL.identifier
    positive_prompt: str = Field(repr=False)
    inputs: Inputs
    outpaint: Outpaint
    steps: int = DEFAULT_MODEL.steps.default
    cfg_scale: CfgScale = DEFAULT_MODEL.cfg_scale.default
    number_results: int = DEFAULT_MODEL.results.default
    output_type: Literal["URL", "base64Data", "dataURI"] = "URL"
    output_format: Literal["JPG", "PNG", "WEBP"] = "JPG"
    output_quality: Annotated[int, Field(ge=20, le=99)] = 95
    delivery_method: Literal["sync", "async"] = "async"
    include_cost: bool = True
    ttl: Annotated[int, Field(ge=60)] | None = None
    safety: Safety | None = None
    provider_settings: ProviderSettings = ProviderSettings()
    webhook_url: WebUri | None = None
    upload_endpoint: WebUri | None = None

    @model_validator(mode="after")
    def _check_model_bounds(self) -> Self:
        model = get_model(self.model)
        if not model.min_prompt_length <= len(self.positive_prompt) <= model.max_prompt_length:
            raise ValueError(f"the prompt is too short or too long for {model.identifier}")
        margins = (self.outpaint.top, self.outpaint.right, self.outpaint.bottom, self.outpaint.left)
        values = (
            *((model.margin, side) for side in margins),
            (model.tolerance, self.provider_settings.bfl.safety_tolerance),
            (model.results, self.number_results),
            (model.steps, self.steps),
        )
        numbers_fit = all(bounds.allows(value) for bounds, value in values)
        if not (numbers_fit and model.cfg_scale.allows(self.cfg_scale)):
            raise ValueError(f"a number is out of bounds for {model.identifier}")
        return self

    @model_validator(mode="after")
    def _require_url_for_ttl(self) -> Self:
        if self.ttl is not None and self.output_type != "URL":
            raise ValueError("ttl applies only to results delivered by URL")
        return self


class GetResponse(_Task):
    """Poll a task, whose UUID is `task_uuid`."""

    task_type: Literal["getResponse"] = "getResponse"


class GetAccount(_Task):
    task_type: Literal["accountManagement"] = "accountManagement"
    operation: Literal["getDetails"] = "getDetails"


class GetUsage(_Task):
    """Ask what the models cost on each day (UTC), first and last day included; at most 30 days.

    Source: the vendor's page of account management; the limit: its public clients.
    """

    task_type: Literal["accountManagement"] = "accountManagement"
    operation: Literal["getUsageActivity"] = "getUsageActivity"
    start_date: date
    end_date: date
    models: tuple[str, ...]
    group_by: tuple[Literal["date"], ...] = ("date",)
    timezone: Literal["UTC"] = "UTC"
