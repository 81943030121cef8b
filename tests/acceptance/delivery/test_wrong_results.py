"""A paid result that is no continuation is never posted, and the member hears of it soon."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PIL import Image

from bot.domain.geometry import Margins, Size
from bot.domain.job import JobState
from sandbox.runware.faults import RunwareFault
from tests.support.app.known_world import cut_world, expand_world
from tests.support.app_fixture import AppFixture, encode_upload, list_media, read_text
from tests.support.images.world import World
from tests.support.runware.true_renderer import TrueRenderer

SIZE, MARGINS = Size(400, 300), Margins(right=128)
LONGEST = 15.0
"""Seconds within which a member is told."""


@pytest.mark.parametrize("kind", ["other_picture", "mirrored", "black", "noise", "tiny"])
async def test_a_wrong_picture_is_fetched_once_more_and_then_given_up(
    app_in_known_world: AppFixture, renderer: TrueRenderer, kind: str
) -> None:
    runware = app_in_known_world.runware
    runware.service_state.faults.add(RunwareFault.from_json({"kind": kind}))
    started = time.monotonic()
    call = await expand_world(
        app_in_known_world, renderer, SIZE, direction="right", pixels=MARGINS.right
    )
    job = await app_in_known_world.wait_for_job(call)
    message = await call.message(lambda card: "could not be used" in read_text(card))
    assert time.monotonic() - started < LONGEST
    assert (job.state, job.cost, list_media(message)) == (JobState.FAILED, 50_000, [])
    assert "$0.05 was billed" in read_text(message)
    assert sum(request.method == "GET" for request in runware.journal.requests) == 2
    assert await app_in_known_world.core.ledger.find_imbalances() == []


async def test_one_wrong_picture_of_three_costs_the_others_nothing(
    app_in_known_world: AppFixture, renderer: TrueRenderer
) -> None:
    fault = RunwareFault.from_json({"kind": "other_picture", "skip": 1})
    app_in_known_world.runware.service_state.faults.add(fault)
    call = await expand_world(
        app_in_known_world, renderer, SIZE, direction="right", pixels=MARGINS.right, results=3
    )
    message = await app_in_known_world.wait_for_result(call)
    job = await app_in_known_world.wait_for_job(call)
    assert (job.state, job.cost, len(list_media(message))) == (JobState.SETTLED, 150_000, 2)
    truth = cut_world(renderer, SIZE, MARGINS)
    for index in range(2):
        posted = np.asarray(app_in_known_world.read_picture(message, index)).astype(np.float32)
        assert np.abs(posted - truth).mean() < 1


async def test_a_seed_image_of_one_colour_is_pasted_where_planned_and_the_card_says_so(
    app_in_known_world: AppFixture, renderer: TrueRenderer
) -> None:
    plain = Image.new("RGB", (200, 150), (40, 90, 160))
    renderer.world = World(Image.new("RGB", (1000, 1000), (40, 90, 160)))
    renderer.show_seed(400, 400, Size(200, 150))
    state = app_in_known_world.runware.service_state
    state.switches = state.switches.with_changes({"shift": 7.0})
    call = await app_in_known_world.ana.slash(
        "expand", image=encode_upload(plain), direction="left", pixels=64
    )
    message = await app_in_known_world.wait_for_result(call)
    assert (await app_in_known_world.wait_for_job(call)).state is JobState.SETTLED
    picture = app_in_known_world.read_picture(message).convert("RGB")
    assert picture.tobytes() == Image.new("RGB", (264, 150), (40, 90, 160)).tobytes()
    assert "too little detail" in read_text(message)
