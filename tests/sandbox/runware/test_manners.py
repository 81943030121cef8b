"""What comes back is what the switches and faults say: its size, and where content lies in it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image, ImageDraw

from sandbox.runware.api.server import LocalRunware
from sandbox.runware.engine.workers import Workers
from sandbox.runware.faults import RunwareFault
from tests.support.runware.caller import Caller, Json
from tests.support.runware.flat_renderer import FlatRenderer
from tests.support.runware.server_fixture import build_data_uri, encode_image
from tests.support.runware.wire_tasks import build_poll

SEED, MARGINS = (205, 150), {"right": 64, "bottom": 64}
CANVAS = (269, 214)
MARK = (60.0, 40.0)
"""Middle of a white square in the seed image, which is also its place in the canvas."""
EXACT = (*CANVAS, *MARK)
SHIFTED = (269, 214, 67.0, 33.0)
STRETCHED = (269, 214, 134.5 + 1.02 * (60 - 134.5), 107 + (40 - 107) / 1.02)
SQUEEZED = (256, 208, 60 * 256 / 269, 40 * 208 / 214)
CUT = (256, 208, 60.0, 40.0)
CLAMPED = (208, 160, 60 * 208 / 269, 40 * 160 / 214)
"""Of 0.035 megapixels: the side is scaled by 0.7797 to 209.7 x 166.9, then floored to sixteens."""


def draw_seed() -> str:
    image = Image.new("RGB", SEED, (0, 0, 90))
    ImageDraw.Draw(image).rectangle((50, 30, 69, 49), "white")
    return build_data_uri(encode_image(image))


@pytest_asyncio.fixture
async def caller() -> AsyncIterator[Caller]:
    async with LocalRunware.open(workers=FlatRenderer()) as runware, Caller.open(runware) as opened:
        yield opened


async def make_results(caller: Caller, count: int = 1, file_format: str = "PNG") -> list[Json]:
    task = await caller.submit_task(
        inputs={"seedImage": draw_seed()},
        outpaint=MARGINS,
        numberResults=count,
        outputFormat=file_format,
    )
    return (await caller.post_tasks(*build_poll(task)))[1]


async def measure(caller: Caller, item: Json) -> tuple[float, ...]:
    """Return a result's size, and the middle of its white square."""
    data = (await caller.http.get(item["imageURL"])).content
    image = Image.open(io.BytesIO(data)).convert("RGB")
    # Of the three colours, only white has much red and much blue: the margins have 128 of blue, and
    # lossy formats change that by some levels.
    bright = np.asarray(image).astype(float)[..., [0, 2]].min(axis=2)
    weight = np.where(bright > 190, bright - 190, 0.0)
    rows, columns = np.indices(weight.shape) + 0.5
    middle = ((columns * weight).sum(), (rows * weight).sum()) / weight.sum()
    return (*image.size, *middle)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, EXACT),
        ({"grid": 16}, SQUEEZED),
        ({"cut": True}, CUT),
        ({"grid": 16, "cut": True}, CUT),
        ({"clamp_megapixels": 0.035}, CLAMPED),
        ({"clamp_megapixels": 1.6}, EXACT),
        ({"shift": 7.0}, SHIFTED),
        ({"scale": 1.02}, STRETCHED),
        ({"shift": 0.0, "scale": 0.0, "grid": 0}, EXACT),
        ({"grid": 16, "cut": True, "shift": 7.0}, (256, 208, 67.0, 33.0)),
    ],
    ids=str,
)
async def test_a_switch_changes_every_result(
    caller: Caller, changes: dict[str, Any], expected: tuple[float, ...]
) -> None:
    caller.set_switches(**changes)
    for item in await make_results(caller, 2):
        assert await measure(caller, item) == pytest.approx(expected, abs=0.35)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("grid", None, SQUEEZED),
        ("clamp", 0.035, CLAMPED),
        ("shift", None, SHIFTED),
        ("scale", None, STRETCHED),
        ("cut_canvas", None, CUT),
    ],
)
async def test_a_fault_strikes_one_result_and_the_task_has_results_of_two_manners(
    caller: Caller, kind: str, value: float | None, expected: tuple[float, ...]
) -> None:
    fault = {"kind": kind, "skip": 1} | ({} if value is None else {"value": value})
    caller.runware.service_state.faults.add(RunwareFault.from_json(fault))
    found = [await measure(caller, item) for item in await make_results(caller, 3)]
    other = [size for size in found if size == pytest.approx(expected, abs=0.35)]
    assert len(other) == 1
    assert sum(size == pytest.approx(EXACT, abs=0.35) for size in found) == 2


async def test_manners_change_between_tasks_and_while_one_waits(caller: Caller) -> None:
    for changes, expected in (({}, EXACT), ({"grid": 16}, SQUEEZED), ({"grid": 1}, EXACT)):
        caller.set_switches(**changes)
        (item,) = await make_results(caller)
        assert await measure(caller, item) == pytest.approx(expected, abs=0.35)
        # What has been made stays as it is.
        caller.set_switches(shift=7.0)
        assert await measure(caller, item) == pytest.approx(expected, abs=0.35)
        caller.set_switches(shift=0.0)


@pytest.mark.parametrize("file_format", ["JPG", "PNG", "WEBP"])
async def test_every_format_has_the_manner(caller: Caller, file_format: str) -> None:
    caller.set_switches(cut=True, shift=7.0)
    (item,) = await make_results(caller, file_format=file_format)
    assert await measure(caller, item) == pytest.approx((256, 208, 67.0, 33.0), abs=1.0)


async def test_the_engine_s_results_have_the_manner_too(engine_workers: Workers) -> None:
    async with (
        LocalRunware.open(workers=engine_workers) as runware,
        Caller.open(runware) as caller,
    ):
        caller.set_switches(cut=True, shift=7.0)
        (item,) = await make_results(caller)
        assert (await measure(caller, item))[:2] == (256, 208)


@pytest.mark.parametrize("kind", ["other_picture", "mirrored", "black", "noise", "tiny"])
async def test_a_wrong_picture_is_billed_like_any_other(caller: Caller, kind: str) -> None:
    caller.runware.service_state.faults.add(RunwareFault.from_json({"kind": kind}))
    (item,) = await make_results(caller)
    data = (await caller.http.get(item["imageURL"])).content
    image = Image.open(io.BytesIO(data)).convert("RGB")
    pixels = np.asarray(image).astype(float)
    assert image.size == ((1, 1) if kind == "tiny" else CANVAS)
    assert len(caller.runware.journal.bills) == 1
    if kind == "mirrored":
        assert (await measure(caller, item))[2:] == pytest.approx((269 - 60, 40), abs=0.35)
    elif kind == "black":
        assert pixels.max() == 0
    elif kind in {"other_picture", "noise"}:
        assert pixels.std() > 50
        assert abs(pixels[:150, :205] - (0, 0, 90)).mean() > 60
