"""Whatever way a result comes back, what members see is the original, truly continued.

The world around the members' pictures is known, so the posted margins are compared with it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray

from bot.domain.geometry import Margins, Size
from bot.domain.job import JobState
from bot.images.worker_pool import ImageWorkerPool
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.runware.faults import RunwareFault
from tests.support.app_fixture import AppFixture, encode_upload
from tests.support.images.world import draw_world
from tests.support.runware.true_renderer import TrueRenderer

Pixels = NDArray[np.float32]
LEFT, TOP = 1300, 1250
"""Where the members' pictures lie in the world: far enough from its edges."""
MOST_ERROR = 4.0
"""Mean error in levels of the margins that the issue allows."""

MANNERS: list[tuple[str, dict[str, Any]]] = [
    ("exact", {}),
    ("grid", {"grid": 16}),
    ("clamp", {"clamp_megapixels": 0.3}),
    ("cut", {"cut": True}),
    ("shift", {"shift": 7.0}),
    ("scale", {"scale": 1.02}),
    ("clamp and move", {"clamp_megapixels": 0.3, "shift": 5.5, "scale": 1.01}),
    ("cut and move", {"cut": True, "shift": 4.0, "scale": 0.99}),
]
WAYS: list[tuple[Size, dict[str, Any], Margins]] = [
    (Size(640, 480), {"direction": "right", "pixels": 200}, Margins(right=200)),
    (Size(501, 703), {"direction": "up", "pixels": 128}, Margins(top=128)),
    (Size(803, 333), {"direction": "all", "pixels": 90}, Margins(90, 90, 90, 90)),
    (Size(480, 480), {"direction": "horizontal", "pixels": 250}, Margins(left=250, right=250)),
]


@pytest_asyncio.fixture
async def renderer() -> TrueRenderer:
    return TrueRenderer(draw_world())


@pytest_asyncio.fixture
async def app(
    tmp_path: Path, image_workers: ImageWorkerPool, renderer: TrueRenderer
) -> AsyncIterator[AppFixture]:
    async with AppFixture.open(tmp_path / "data", image_workers, renderer) as opened:
        await opened.start()
        yield opened


async def expand_world(
    app: AppFixture, renderer: TrueRenderer, size: Size, **options: Any
) -> TrackedInvocation:
    """Let a member expand a part of the world of this size."""
    seed = renderer.world.show(renderer.show_seed(LEFT, TOP, size), size)
    return await app.ana.slash("expand", image=encode_upload(seed), **options)


def cut_world(renderer: TrueRenderer, size: Size, margins: Margins) -> Pixels:
    canvas = size.grow_by(margins)
    left, top = LEFT - margins.left, TOP - margins.top
    box = (left, top, left + canvas.width, top + canvas.height)
    return np.asarray(renderer.world.image.crop(box)).astype(np.float32)


async def check_posted(
    app: AppFixture,
    renderer: TrueRenderer,
    call: TrackedInvocation,
    size: Size,
    margins: Margins,
    results: int = 1,
) -> None:
    """Compare every posted picture with the world, and what was billed with what was posted."""
    message = await app.wait_for_result(call)
    job = await app.wait_for_job(call)
    assert (job.state, job.prepared_plan.delivered) == (JobState.SETTLED, margins)
    truth = cut_world(renderer, size, margins)
    inside = np.zeros(truth.shape[:2], bool)
    inside[margins.top :, margins.left :][: size.height, : size.width] = True
    for index in range(results):
        posted = np.asarray(app.read_picture(message, index).convert("RGB")).astype(np.float32)
        assert posted.shape == truth.shape
        assert (posted[inside] == truth[inside]).all()
        error = float(np.abs(posted - truth)[~inside].mean())
        assert error <= MOST_ERROR, (index, error)


@pytest.mark.parametrize("number", range(len(MANNERS)), ids=[name for name, _ in MANNERS])
async def test_a_result_of_any_manner_is_posted_with_true_margins(
    app: AppFixture, renderer: TrueRenderer, number: int
) -> None:
    switches = app.runware.service_state.switches
    app.runware.service_state.switches = switches.with_changes(MANNERS[number][1])
    for size, options, margins in (WAYS[number % 4], WAYS[(number + 1) % 4]):
        call = await expand_world(app, renderer, size, **options)
        await check_posted(app, renderer, call, size, margins)
    assert app.billed_count == 2


async def test_each_result_of_one_order_may_come_back_in_another_manner(
    app: AppFixture, renderer: TrueRenderer
) -> None:
    kinds = [{"kind": "shift"}, {"kind": "clamp", "value": 0.2}, {"kind": "cut_canvas"}]
    app.runware.service_state.faults.add(*map(RunwareFault.from_json, kinds))
    size, options, margins = WAYS[1]
    call = await expand_world(app, renderer, size, **options, results=4)
    await check_posted(app, renderer, call, size, margins, results=4)
    assert {fault.kind for fault in app.runware.journal.faults} == {"shift", "clamp", "cut_canvas"}
    assert app.billed_count == 4


async def test_a_provider_may_change_its_manners_between_two_orders(
    app: AppFixture, renderer: TrueRenderer
) -> None:
    state = app.runware.service_state
    size, options, margins = WAYS[0]
    changes: list[dict[str, Any]] = [{"grid": 48}, {"grid": 1, "scale": 1.02}, {"scale": 1.0}]
    for change in changes:
        state.switches = state.switches.with_changes(change)
        call = await expand_world(app, renderer, size, **options)
        await check_posted(app, renderer, call, size, margins)


async def test_a_picture_that_is_sent_smaller_is_posted_with_true_margins(
    app: AppFixture, renderer: TrueRenderer
) -> None:
    app.runware.service_state.switches = app.runware.service_state.switches.with_changes(
        {"clamp_megapixels": 1.6, "grid": 16, "shift": 4.0}
    )
    size, margins = Size(1500, 1200), Margins(right=300)
    call = await expand_world(app, renderer, size, direction="right", pixels=300)
    await check_posted(app, renderer, call, size, margins)
