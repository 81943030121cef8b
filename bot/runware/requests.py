"""What is sent to the provider: every parameter of `imageInference`, with the vendor's bounds.

Requests are strict: a value outside the vendor's list cannot be built. Answers are in `replies`.
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

MODEL: Final = "bfl:1@3"
"""FLUX.1 Expand [pro] in the provider's catalogue (vendor's parameter list: `model`)."""
PROMPT_MIN: Final = 2
PROMPT_MAX: Final = 3000
"""Characters of `positivePrompt` (vendor's parameter list)."""
_ACRONYMS: Final = {
    "task_uuid": "taskUUID",
    "cfg_scale": "CFGScale",
    "webhook_url": "webhookURL",
    "media_uuid": "mediaUUID",
}


def _to_alias(name: str) -> str:
    return _ACRONYMS.get(name) or to_camel(name)


def _to_exact_decimal(value: Any) -> Any:
    """Take a number by its text, so that 55.1 is 55.1 and not the nearest binary fraction."""
    return Decimal(str(value)) if type(value) in {int, float} else value


Margin = Annotated[int, Field(ge=0, le=MAX_MARGIN, multiple_of=MARGIN_STEP)]
CfgScale = Annotated[
    Decimal,
    BeforeValidator(_to_exact_decimal),
    Field(ge=Decimal("1.5"), le=Decimal(100), multiple_of=Decimal("0.01")),
    PlainSerializer(float, return_type=float),
]
Media = Annotated[str, StringConstraints(min_length=1), Field(repr=False)]
"""A URL, a data URI or bare base64."""
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
    """Pixels added on each side; at least one side is extended."""

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


class ImageInference(_Request):
    """One task; the defaults are the vendor's, except for the two that guard the money.

    `delivery_method` is `async`, because a held connection can be lost with a paid result, and
    `include_cost` is on, because the books settle at what was reported.
    """

    task_type: Literal["imageInference"] = "imageInference"
    task_uuid: UUID4
    model: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+:[\w.-]+@[\w.-]+$")] = MODEL
    positive_prompt: Annotated[
        str, StringConstraints(min_length=PROMPT_MIN, max_length=PROMPT_MAX)
    ] = Field(repr=False)
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

    def to_wire(self) -> str:
        """Write the element of the request array as JSON."""
        return self.model_dump_json(by_alias=True, exclude_none=True)


class _FreeRequest(_Request):
    """A task that renders nothing and costs nothing."""

    task_uuid: UUID4

    def to_wire(self) -> str:
        """Write the element of the request array as JSON."""
        return self.model_dump_json(by_alias=True)


class GetResponse(_FreeRequest):
    """Ask what has become of a task; the UUID is the task's own."""

    task_type: Literal["getResponse"] = "getResponse"


class GetTaskDetails(_FreeRequest):
    """Ask the archive for a task's request and answer; the UUID is the task's own."""

    task_type: Literal["getTaskDetails"] = "getTaskDetails"


class GetAccount(_FreeRequest):
    """Ask for the account's details."""

    task_type: Literal["accountManagement"] = "accountManagement"
    operation: Literal["getDetails"] = "getDetails"


class ImageUpload(_FreeRequest):
    """Store an image, to be named as a seed image; deprecated by the vendor for `MediaUpload`."""

    task_type: Literal["imageUpload"] = "imageUpload"
    image: Media


class MediaUpload(_FreeRequest):
    """Store a file, to be named as a seed image; the vendor scales it to 2048 pixels a side."""

    task_type: Literal["mediaStorage"] = "mediaStorage"
    operation: Literal["upload"] = "upload"
    media: Media


class MediaDelete(_FreeRequest):
    task_type: Literal["mediaStorage"] = "mediaStorage"
    operation: Literal["delete"] = "delete"
    media_uuid: UUID4
