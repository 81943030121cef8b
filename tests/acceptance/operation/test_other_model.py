"""A second model with other numbers: commands, plan, price, request and provider follow it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.config.loader import load_settings
from bot.domain.geometry import Margins
from bot.domain.model import MODELS, PriceRule
from bot.domain.money import MicroUsd
from bot.errors import StartError
from sandbox.runware.api.server import LocalRunware
from tests.support.app.card_controls import press_button
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    list_media,
    read_text,
)
from tests.support.other_model import OTHER_MODEL
from tests.support.runware.sent_requests import fetch_request
from tests.support.runware.wire_tasks import build_wire_task

CANVAS_PIXELS = 416 * 240
PRICE = 1_000 + 1_997
"""For a picture of 320x240 and 70 pixels more: 96 are rendered, which are 0.09984 megapixels."""


@pytest_asyncio.fixture
async def other_app(
    app_fixture: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AppFixture]:
    monkeypatch.setitem(MODELS, OTHER_MODEL.identifier, OTHER_MODEL)
    app_fixture.model = OTHER_MODEL.identifier
    await app_fixture.restart()
    yield app_fixture
    await app_fixture.stop()


def read_bounds(app_fixture: AppFixture, command: str) -> dict[str, tuple[Any, Any]]:
    """Return the bounds of a command's options as Discord was told them."""
    known = next(
        each for each in app_fixture.discord.state.commands.all() if each["name"] == command
    )
    return {
        option["name"]: (
            option.get("min_value", option.get("min_length")),
            option.get("max_value", option.get("max_length")),
        )
        for option in known["options"]
    }


async def test_the_commands_have_the_bounds_of_the_model(other_app: AppFixture) -> None:
    directed, by_sides = read_bounds(other_app, "expand"), read_bounds(other_app, "expand-sides")
    assert directed["pixels"] == (1, 1024)
    assert directed["prompt"] == (5, 400)
    assert directed["results"] == (1, 3)
    assert directed["tolerance"] == (0, 4)
    assert {by_sides[side] for side in ("left", "right", "top", "bottom")} == {(0, 1024)}
    offered = await other_app.ana.autocomplete("expand", "pixels", 10).choices()
    assert [choice["value"] for choice in offered][-1] == 1024


async def test_plan_price_and_request_follow_the_model(other_app: AppFixture) -> None:
    call = await other_app.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=70, results=2
    )
    await other_app.wait_for_result(call)
    job = await other_app.wait_for_job(call)
    assert job.prepared_plan.rendered == Margins(right=96)
    assert job.prepared_plan.rendered_canvas.pixel_count == CANVAS_PIXELS
    assert job.hold == job.cost == 2 * PRICE
    assert [bill.cost for bill in other_app.runware.journal.bills] == [PRICE] * 2
    sent = await fetch_request(other_app.runware, job)
    assert (sent["model"], sent["outpaint"]["right"]) == ("other:7@2", 96)
    assert (sent["steps"], sent["CFGScale"]) == (20, 7.5)
    assert await other_app.core.ledger.find_imbalances() == []


async def test_a_large_picture_is_scaled_to_what_the_model_renders_well(
    other_app: AppFixture,
) -> None:
    preview = await open_preview(other_app, draw_photograph(1200, 800), pixels=400)
    text = read_text(preview)
    assert "1200x800 → 1600x800" in text
    # 32 x 32: 832 x 544 with 288 to the right are 609,280 pixels, 736 x 480 with 256 are 476,160
    assert "Rendered at 992x480, then scaled up." in text
    moved = press_button(other_app.ana, preview, "→ +32")
    assert "→ 1616x800" in read_text(
        await moved.message(lambda seen: "1616x800" in read_text(seen))
    )


async def open_preview(app_fixture: AppFixture, picture: Any, **options: Any) -> Any:
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(picture), direction="right", preview=True, **options
    )
    return await call.message(lambda message: bool(list_media(message)))


@pytest.mark.parametrize(
    ("filled", "words"),
    [({"pixels": "1025"}, "1,024"), ({"pixels": "64", "prompt": "tree"}, "5")],
)
async def test_forms_refuse_what_the_model_does_not_take(
    other_app: AppFixture, filled: dict[str, str], words: str
) -> None:
    message = await other_app.ana.upload(encode_upload(draw_photograph()))
    form = await other_app.ana.menu("Expand image", message).modal()
    assert "1 to 1024" in str(form)
    call = await other_app.ana.submit(form, {"direction": "up", "prompt": "", **filled})
    assert words in read_text(await call.message())
    assert other_app.billed_count == 0


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, None),
        ({"outpaint": {"right": 1024}}, None),
        ({"outpaint": {"right": 1056}}, "invalidOutpaintRight"),
        ({"outpaint": {"right": 48}}, "invalidOutpaintRight"),
        ({"positivePrompt": "tree"}, "invalidPositivePrompt"),
        ({"numberResults": 4}, "invalidNumberResults"),
        ({"steps": 31}, "invalidSteps"),
        ({"CFGScale": 7.25}, "invalidCFGScale"),
        ({"providerSettings": {"bfl": {"safetyTolerance": 5}}}, "invalidSafetyTolerance"),
        ({"model": "other:7@3", "outpaint": {"right": 64}}, "invalidModel"),
    ],
)
async def test_the_local_provider_holds_to_the_bounds_of_the_model(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any], code: str | None
) -> None:
    monkeypatch.setitem(MODELS, OTHER_MODEL.identifier, OTHER_MODEL)
    task = build_wire_task(model=OTHER_MODEL.identifier, outpaint={"right": 32}) | changed
    headers = {"X-Runware-Dry-Run": "1"}
    async with LocalRunware.open() as runware, httpx.AsyncClient() as http:
        headers["Authorization"] = f"Bearer {runware.api_key}"
        answer = (await http.post(runware.base_url, json=[task], headers=headers)).json()
    if code is None:
        pixels = (96 + task["outpaint"]["right"]) * 80
        cost = Decimal(str(answer["data"][0]["cost"])) * 1_000_000
        assert cost == OTHER_MODEL.price.compute_price(pixels)
    else:
        assert [error["code"] for error in answer["errors"]] == [code]


def test_the_operators_limits_end_where_the_models_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS, OTHER_MODEL.identifier, OTHER_MODEL)
    monkeypatch.setenv("EXPANSE_RUNWARE__MODEL", OTHER_MODEL.identifier)
    settings = load_settings(None)
    assert settings.bounded_limits.results_per_command == 3
    assert settings.max_tolerance == 4
    assert settings.best_pixels == 500_000
    assert settings.price_rule == OTHER_MODEL.price
    monkeypatch.setenv("EXPANSE_LIMITS__USD_PER_RESULT", "0.07")
    monkeypatch.setenv("EXPANSE_RUNWARE__BEST_MEGAPIXELS", "2.5")
    stated = load_settings(None)
    assert stated.price_rule == PriceRule(MicroUsd(70_000))
    assert stated.best_pixels == 2_500_000


def test_a_model_that_is_not_known_is_named_with_those_that_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EXPANSE_RUNWARE__MODEL", "bfl:9@9")
    with pytest.raises(StartError, match="must be a known model: bfl:1@3"):
        load_settings(None)
