"""Requests to the provider, with all parameters of `imageInference` and the vendor's bounds.

Models are strict: a value outside the vendor's bounds raises a `ValidationError`.
"""

from __future__ import annotations

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

from bot.domain.geometry import MARGIN_STEP, MAX_MARGIN, Margins
from bot.domain.prompt import MAX_PROMPT_LENGTH, MIN_PROMPT_LENGTH

MODEL: Final = "bfl:1@3"
"""FLUX.1 Expand [pro] in the provider's catalogue (vendor's parameter list: `model`)."""
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


Margin = Annotated[int, Field(ge=0, le=MAX_MARGIN, multiple_of=MARGIN_STEP)]
CfgScale = Annotated[
    Decimal,
    BeforeValidator(_to_exact_decimal),
    Field(ge=Decimal("1.5"), le=Decimal(100), multiple_of=Decimal("0.01")),
    PlainSerializer(float, return_type=float),
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

    top: Margin = 0
    right: Margin = 0
    bottom: Margin = 0
    left: Margin = 0

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
    safety_tolerance: Annotated[int, Field(ge=0, le=6)] = 2


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
    model: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+:[\w.-]+@[\w.-]+$")] = MODEL
    positive_prompt: str = Field(
        min_length=MIN_PROMPT_LENGTH, max_length=MAX_PROMPT_LENGTH, repr=False
    )
    inputs: Inputs
    outpaint: Outpaint
    steps: Annotated[int, Field(ge=15, le=50)] = 50
    cfg_scale: CfgScale = Decimal(60)
    number_results: Annotated[int, Field(ge=1, le=20)] = 1
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
