"""All parameters of `imageInference` for FLUX.1 Expand [pro], as the vendor lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from bot.domain.geometry import MARGIN_STEP, MAX_MARGIN, Margins
from sandbox.runware.loopback import is_local
from sandbox.runware.problems import Problem, RefusedError
from sandbox.runware.value_checks import (
    GroupRule,
    ValueRule,
    accept_anything,
    check_boolean,
    check_uri,
    check_uuid4,
    find_problems,
    make_choice_check,
    make_integer_check,
    make_number_check,
    make_text_check,
)

MODEL: Final = "bfl:1@3"
_SIDES: Final = ("top", "right", "bottom", "left")
_MARGIN: Final = ValueRule(make_integer_check(0, MAX_MARGIN, step=MARGIN_STEP))

IMAGE_INFERENCE: Final = GroupRule(
    {
        "taskType": ValueRule(make_choice_check("imageInference"), required=True),
        "taskUUID": ValueRule(check_uuid4, required=True),
        "model": ValueRule(make_choice_check(MODEL), required=True),
        "positivePrompt": ValueRule(make_text_check(2, 3000), required=True),
        "inputs": GroupRule({"seedImage": ValueRule(make_text_check(1))}),
        "seedImage": ValueRule(make_text_check(1)),
        "outpaint": GroupRule(dict.fromkeys(_SIDES, _MARGIN), required=True, prefix="Outpaint"),
        "steps": ValueRule(make_integer_check(15, 50)),
        "CFGScale": ValueRule(make_number_check("1.5", "100", step="0.01")),
        "outputType": ValueRule(make_choice_check("URL", "base64Data", "dataURI")),
        "outputFormat": ValueRule(make_choice_check("JPG", "PNG", "WEBP")),
        "outputQuality": ValueRule(make_integer_check(20, 99)),
        "numberResults": ValueRule(make_integer_check(1, 20)),
        "includeCost": ValueRule(check_boolean),
        "ttl": ValueRule(make_integer_check(60)),
        "deliveryMethod": ValueRule(make_choice_check("sync", "async")),
        "webhookURL": ValueRule(check_uri),
        "uploadEndpoint": ValueRule(check_uri),
        "safety": GroupRule(
            {
                "checkContent": ValueRule(check_boolean),
                "mode": ValueRule(make_choice_check("none", "fast")),
            }
        ),
        "providerSettings": GroupRule(
            {
                "bfl": GroupRule(
                    {
                        "promptUpsampling": ValueRule(check_boolean),
                        "safetyTolerance": ValueRule(make_integer_check(0, 6)),
                    }
                )
            }
        ),
        # Typed for this model in the vendor's SDK, but documented nowhere.
        "routing": ValueRule(accept_anything),
        "advancedFeatures": ValueRule(accept_anything),
    }
)
_CALLED: Final = ("webhookURL", "uploadEndpoint")


@dataclass(frozen=True, slots=True)
class ImageTask:
    """A valid task with the vendor's defaults."""

    uuid: UUID
    prompt: str
    seed_image: str
    margins: Margins
    count: int
    delivery: str
    output_type: str
    output_format: str
    quality: int
    ttl: int | None
    include_cost: bool
    check_content: bool
    tolerance: int = 2
    webhook: str | None = None
    upload: str | None = None


def read_image_task(given: dict[str, Any]) -> ImageTask:
    """Return the task; raise `RefusedError` with all problems found."""
    problems = [*find_problems(given, IMAGE_INFERENCE)] or [*_check_across_fields(given)]
    if problems:
        raise RefusedError(*problems)
    outpaint = given["outpaint"]
    safety = given.get("safety", {})
    return ImageTask(
        uuid=UUID(given["taskUUID"]),
        prompt=given["positivePrompt"],
        seed_image=given.get("inputs", {}).get("seedImage") or given["seedImage"],
        margins=Margins(**{side: outpaint.get(side, 0) for side in _SIDES}),
        count=given.get("numberResults", 1),
        delivery=given.get("deliveryMethod", "sync"),
        output_type=given.get("outputType", "URL"),
        output_format=given.get("outputFormat", "JPG"),
        quality=given.get("outputQuality", 95),
        ttl=given.get("ttl"),
        include_cost=given.get("includeCost", False),
        # The vendor's API reference: `mode` overrides `checkContent`.
        check_content=safety.get("mode", "fast" if safety.get("checkContent") else "none")
        == "fast",
        tolerance=given.get("providerSettings", {}).get("bfl", {}).get("safetyTolerance", 2),
        webhook=given.get("webhookURL"),
        upload=given.get("uploadEndpoint"),
    )


def _check_across_fields(given: dict[str, Any]) -> list[Problem]:
    problems = []
    seeds = [holder for holder in (given, given.get("inputs", {})) if "seedImage" in holder]
    if not seeds:
        problems.append(
            Problem("missingSeedImage", "A seed image is required.", "inputs.seedImage")
        )
    if len(seeds) > 1:
        problems.append(
            Problem(
                "incompatibleParameters",
                "Give the seed image once, in 'inputs.seedImage'.",
                ("seedImage", "inputs.seedImage"),
            )
        )
    if not any(given["outpaint"].values()):
        problems.append(
            Problem(
                "invalidOutpaint",
                "At least one side must be extended.",
                tuple(f"outpaint.{side}" for side in _SIDES),
            )
        )
    problems += [
        Problem(
            f"invalid{name[0].upper()}{name[1:]}",
            f"'{name}' must be an address on this machine: this service calls nobody else.",
            name,
        )
        for name in _CALLED
        if name in given and not is_local(given[name])
    ]
    return problems
