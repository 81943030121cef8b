"""All parameters of `imageInference`, as the vendor lists them, with the bounds of its model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from bot.domain.geometry import Margins, Size
from bot.domain.model import DEFAULT_MODEL, MODELS, Bounds, ImageModel
from bot.domain.money import MicroUsd
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

_SIDES: Final = ("top", "right", "bottom", "left")
_COMMON: Final[dict[str, ValueRule | GroupRule]] = {
    "taskType": ValueRule(make_choice_check("imageInference"), required=True),
    "taskUUID": ValueRule(check_uuid4, required=True),
    "inputs": GroupRule({"seedImage": ValueRule(make_text_check(1))}),
    "seedImage": ValueRule(make_text_check(1)),
    "outputType": ValueRule(make_choice_check("URL", "base64Data", "dataURI")),
    "outputFormat": ValueRule(make_choice_check("JPG", "PNG", "WEBP")),
    "outputQuality": ValueRule(make_integer_check(20, 99)),
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
    # Typed for this model in the vendor's SDK, but documented nowhere.
    "routing": ValueRule(accept_anything),
    "advancedFeatures": ValueRule(accept_anything),
}
"""What has the same bounds for every model."""
_CALLED: Final = ("webhookURL", "uploadEndpoint")


def build_rules(model: ImageModel) -> GroupRule:
    """Return the rules of all parameters; `model` bounds those that are the model's own."""
    margin, cfg_scale = _build_integer_rule(model.margin), model.cfg_scale
    prompt = make_text_check(model.min_prompt_length, model.max_prompt_length)
    limits = (str(cfg_scale.minimum), str(cfg_scale.maximum))
    bfl = {
        "promptUpsampling": ValueRule(check_boolean),
        "safetyTolerance": _build_integer_rule(model.tolerance),
    }
    own: dict[str, ValueRule | GroupRule] = {
        "model": ValueRule(make_choice_check(*MODELS), required=True),
        "positivePrompt": ValueRule(prompt, required=True),
        "outpaint": GroupRule(dict.fromkeys(_SIDES, margin), required=True, prefix="Outpaint"),
        "steps": _build_integer_rule(model.steps),
        "CFGScale": ValueRule(make_number_check(*limits, step=str(cfg_scale.step))),
        "numberResults": _build_integer_rule(model.results),
        "providerSettings": GroupRule({"bfl": GroupRule(bfl)}),
    }
    return GroupRule(_COMMON | own)


def _build_integer_rule(bounds: Bounds[int]) -> ValueRule:
    return ValueRule(make_integer_check(bounds.minimum, bounds.maximum, step=bounds.step))


@dataclass(frozen=True, slots=True)
class ImageTask:
    """A valid task with the vendor's defaults."""

    uuid: UUID
    model: ImageModel
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
    tolerance: int
    webhook: str | None = None
    upload: str | None = None

    def compute_price(self, seed: Size) -> MicroUsd:
        """Return the price of one result for a seed image of this size."""
        return self.model.price.compute_price(seed.grow_by(self.margins).pixel_count)


def read_image_task(given: dict[str, Any]) -> ImageTask:
    """Return the task; raise `RefusedError` with all problems found."""
    model = _find_model(given)
    problems = [*find_problems(given, build_rules(model))] or [*_check_across_fields(given)]
    if problems:
        raise RefusedError(*problems)
    outpaint = given["outpaint"]
    safety = given.get("safety", {})
    return ImageTask(
        uuid=UUID(given["taskUUID"]),
        model=model,
        prompt=given["positivePrompt"],
        seed_image=given.get("inputs", {}).get("seedImage") or given["seedImage"],
        margins=Margins(**{side: outpaint.get(side, 0) for side in _SIDES}),
        count=given.get("numberResults", model.results.default),
        delivery=given.get("deliveryMethod", "sync"),
        output_type=given.get("outputType", "URL"),
        output_format=given.get("outputFormat", "JPG"),
        quality=given.get("outputQuality", 95),
        ttl=given.get("ttl"),
        include_cost=given.get("includeCost", False),
        # The vendor's API reference: `mode` overrides `checkContent`.
        check_content=safety.get("mode", "fast" if safety.get("checkContent") else "none")
        == "fast",
        tolerance=given.get("providerSettings", {})
        .get("bfl", {})
        .get("safetyTolerance", model.tolerance.default),
        webhook=given.get("webhookURL"),
        upload=given.get("uploadEndpoint"),
    )


def _find_model(given: dict[str, Any]) -> ImageModel:
    """Return the model that a request names; the default's bounds apply beside an unknown one."""
    named = given.get("model")
    return MODELS.get(named, DEFAULT_MODEL) if isinstance(named, str) else DEFAULT_MODEL


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
