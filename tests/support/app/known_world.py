"""Orders of parts of a world with a known value everywhere, and what is posted of them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bot.domain.geometry import Margins, Size
from bot.domain.job import JobState
from sandbox.discord.actors.invocation import TrackedInvocation
from tests.support.app_fixture import AppFixture, encode_upload
from tests.support.runware.true_renderer import TrueRenderer

LEFT, TOP = 1300, 1250
"""Where the members' pictures lie in the world: far enough from its edges."""
MOST_ERROR: Final = 4.0
"""Largest mean error of the margins in levels."""


async def expand_world(
    app: AppFixture, renderer: TrueRenderer, size: Size, **options: Any
) -> TrackedInvocation:
    """Let a member expand a part of the world of this size."""
    seed = renderer.world.show(renderer.show_seed(LEFT, TOP, size), size)
    return await app.ana.slash("expand", image=encode_upload(seed), **options)


def cut_world(renderer: TrueRenderer, size: Size, margins: Margins) -> NDArray[np.float32]:
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
    *,
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
