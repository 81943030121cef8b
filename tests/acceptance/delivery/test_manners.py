"""Whatever way a result comes back, what members see is the original, truly continued.

The world around the members' pictures is known, so the posted margins are compared with it.
"""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.geometry import Margins, Size
from sandbox.runware.faults import RunwareFault
from tests.support.app.known_world import check_posted, expand_world
from tests.support.app_fixture import AppFixture
from tests.support.runware.true_renderer import TrueRenderer

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


@pytest.mark.parametrize("number", range(len(MANNERS)), ids=[name for name, _ in MANNERS])
async def test_a_result_of_any_manner_is_posted_with_true_margins(
    app_in_known_world: AppFixture, renderer: TrueRenderer, number: int
) -> None:
    switches = app_in_known_world.runware.service_state.switches
    app_in_known_world.runware.service_state.switches = switches.with_changes(MANNERS[number][1])
    for size, options, margins in (WAYS[number % 4], WAYS[(number + 1) % 4]):
        call = await expand_world(app_in_known_world, renderer, size, **options)
        await check_posted(app_in_known_world, renderer, call, size, margins)
    assert app_in_known_world.billed_count == 2


async def test_each_result_of_one_order_may_come_back_in_another_manner(
    app_in_known_world: AppFixture, renderer: TrueRenderer
) -> None:
    kinds = [{"kind": "shift"}, {"kind": "clamp", "value": 0.2}, {"kind": "cut_canvas"}]
    app_in_known_world.runware.service_state.faults.add(*map(RunwareFault.from_json, kinds))
    size, options, margins = WAYS[1]
    call = await expand_world(app_in_known_world, renderer, size, **options, results=4)
    await check_posted(app_in_known_world, renderer, call, size, margins, results=4)
    struck = {fault.kind for fault in app_in_known_world.runware.journal.faults}
    assert struck == {"shift", "clamp", "cut_canvas"}
    assert app_in_known_world.billed_count == 4


async def test_a_provider_may_change_its_manners_between_two_orders(
    app_in_known_world: AppFixture, renderer: TrueRenderer
) -> None:
    state = app_in_known_world.runware.service_state
    size, options, margins = WAYS[0]
    changes: list[dict[str, Any]] = [{"grid": 48}, {"grid": 1, "scale": 1.02}, {"scale": 1.0}]
    for change in changes:
        state.switches = state.switches.with_changes(change)
        call = await expand_world(app_in_known_world, renderer, size, **options)
        await check_posted(app_in_known_world, renderer, call, size, margins)


async def test_a_picture_that_is_sent_smaller_is_posted_with_true_margins(
    app_in_known_world: AppFixture, renderer: TrueRenderer
) -> None:
    state = app_in_known_world.runware.service_state
    changes = {"clamp_megapixels": 1.6, "grid": 16, "shift": 4.0}
    state.switches = state.switches.with_changes(changes)
    size, margins = Size(1500, 1200), Margins(right=300)
    call = await expand_world(app_in_known_world, renderer, size, direction="right", pixels=300)
    await check_posted(app_in_known_world, renderer, call, size, margins)
