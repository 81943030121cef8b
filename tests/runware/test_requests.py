from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid1, uuid4

import pytest
from pydantic import ValidationError

from bot.domain.geometry import Margins
from bot.runware.requests import (
    BflSettings,
    GetResponse,
    Inputs,
    Outpaint,
    ProviderSettings,
    Safety,
)
from tests.support.runware.server_fixture import build_task

GOOD: list[dict[str, Any]] = [
    {"positive_prompt": "ab"},
    {"positive_prompt": "a" * 3000},
    {"steps": 15},
    {"steps": 50},
    {"cfg_scale": 1.5},
    {"cfg_scale": Decimal("99.99")},
    {"cfg_scale": 100},
    {"number_results": 1},
    {"number_results": 20},
    {"output_quality": 20},
    {"output_quality": 99},
    {"ttl": 60},
    {"outpaint": Outpaint(top=2048)},
    {"output_type": "dataURI"},
    {"output_format": "WEBP"},
    {"webhook_url": "https://example.org/hook"},
]
BAD: list[dict[str, Any]] = [
    {"positive_prompt": "a"},
    {"positive_prompt": "a" * 3001},
    {"steps": 14},
    {"steps": 51},
    {"steps": 20.0},
    {"steps": "20"},
    {"steps": True},
    {"cfg_scale": 1.49},
    {"cfg_scale": 100.01},
    {"cfg_scale": 55.555},
    {"cfg_scale": float("nan")},
    {"cfg_scale": True},
    {"cfg_scale": "55"},
    {"number_results": 0},
    {"number_results": 21},
    {"output_quality": 19},
    {"output_quality": 100},
    {"ttl": 59},
    {"ttl": 60, "output_type": "base64Data"},
    {"output_type": "PDF"},
    {"output_format": "GIF"},
    {"delivery_method": "later"},
    {"webhook_url": "ftp://example.org"},
    {"model": "flux"},
    {"task_uuid": uuid1()},
    {"seed": 1},
]


@pytest.mark.parametrize("changed", GOOD)
def test_every_bound_of_the_vendor_is_itself_allowed(changed: dict[str, Any]) -> None:
    build_task(**changed)


@pytest.mark.parametrize("changed", BAD)
def test_a_value_just_outside_the_vendors_bounds_cannot_be_built(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        build_task(**{"uuid": uuid4()} | changed)


@pytest.mark.parametrize("side", ["top", "right", "bottom", "left"])
@pytest.mark.parametrize("pixels", [-64, 1, 63, 65, 2049, 2112, 64.0, "64", True])
def test_a_margin_off_the_grid_cannot_be_built(side: str, pixels: Any) -> None:
    with pytest.raises(ValidationError):
        build_task(outpaint=Outpaint(**{side: pixels}))


def test_an_outpaint_of_nothing_cannot_be_built() -> None:
    with pytest.raises(ValidationError):
        Outpaint()


@pytest.mark.parametrize("tolerance", [-1, 7, 2.0])
def test_a_safety_tolerance_outside_0_to_6_cannot_be_built(tolerance: Any) -> None:
    with pytest.raises(ValidationError):
        build_task(provider_settings=ProviderSettings(bfl=BflSettings(safety_tolerance=tolerance)))


def test_an_empty_seed_image_cannot_be_built() -> None:
    with pytest.raises(ValidationError):
        Inputs(seed_image="")


def test_a_task_is_written_with_the_vendors_names() -> None:
    uuid = UUID("567a4534-6ee4-464a-8a66-3ba4be47cd3e")
    task = build_task(
        uuid=uuid,
        inputs=Inputs(seed_image="aGk="),
        outpaint=Outpaint.from_margins(Margins(64, 128, 0, 192)),
        cfg_scale=55.25,
        safety=Safety(check_content=True, mode="fast"),
        provider_settings=ProviderSettings(bfl=BflSettings(prompt_upsampling=True)),
        webhook_url="https://example.org/hook",
    )
    assert json.loads(task.to_wire()) == {
        "taskType": "imageInference",
        "taskUUID": str(uuid),
        "model": "bfl:1@3",
        "positivePrompt": "more of the same field",
        "inputs": {"seedImage": "aGk="},
        "outpaint": {"top": 64, "right": 128, "bottom": 0, "left": 192},
        "steps": 50,
        "CFGScale": 55.25,
        "numberResults": 1,
        "outputType": "URL",
        "outputFormat": "JPG",
        "outputQuality": 95,
        "deliveryMethod": "async",
        "includeCost": True,
        "safety": {"checkContent": True, "mode": "fast"},
        "providerSettings": {"bfl": {"promptUpsampling": True, "safetyTolerance": 2}},
        "webhookURL": "https://example.org/hook",
    }


def test_a_poll_carries_the_tasks_own_uuid() -> None:
    uuid = uuid4()
    assert json.loads(GetResponse(task_uuid=uuid).to_wire()) == {
        "taskType": "getResponse",
        "taskUUID": str(uuid),
    }


def test_neither_prompt_nor_picture_shows_in_a_tasks_repr() -> None:
    shown = repr(build_task(positive_prompt="a secret meadow"))
    assert "secret" not in shown
    assert "base64" not in shown
