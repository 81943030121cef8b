"""The services pass under every setting of every switch: nothing lost, nothing paid twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.domain.geometry import Size
from bot.domain.job import Job, JobState
from bot.images.worker_pool import ImageWorkerPool
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.behaviour_switches import Switches
from sandbox.runware.faults import RunwareFault, RunwareStage
from tests.support.runware.flat_renderer import FlatRenderer
from tests.support.services.fault_script import sum_results
from tests.support.services.service_harness import ServiceHarness, Timing

SETTINGS = [
    {name: value} for name, values in Switches.list_choices().items() for value in values[1:]
]
TOGETHER: list[dict[str, Any]] = [
    {"canvas_pixels": 20_000.0},
    {"canvas_pixels": 20_000.0, "over_canvas": "reduce"},
    {"canvas_pixels": 20_000.0, "batch": "whole"},
    {"waiting": "none", "late": 0.3, "ack": "empty", "unknown_task": "unnamed"},
    {"partial": "silent", "waiting": "none", "moderated_bill": "reported"},
]
TEMPO = Timing(deadline=15.0, grace=3.0, longest=60.0)
"""The grace period has to be longer than the provider is late, or it cannot be told from loss.

Nothing here waits for a deadline or for a task that never ends: both are far, for a busy machine.
"""


def build_mixtures(count: int) -> Iterator[dict[str, Any]]:
    chance = Random(5)  # noqa: S311 - the same mixtures at each run
    for _ in range(count):
        yield {name: chance.choice(values) for name, values in Switches.list_choices().items()}


async def place_orders(services: ServiceHarness, runware: LocalRunware) -> list[Job]:
    """Order what goes well, what is moderated, what is large, and what meets faults."""
    jobs = [
        await services.place_order(),
        await services.place_order(results=3),
        await services.place_order(results=3, prompt="unsafe-result-6"),
        await services.place_order(results=2, prompt="unsafe-prompt-6"),
        await services.place_order(size=Size(2200, 64)),
    ]
    for kind in ("accept_503", "unavailable", "busy", "cut"):
        job = await services.place_order(results=2)
        runware.service_state.faults.add(
            RunwareFault(kind, RunwareStage.SUBMIT, task=job.task_uuid, value=0.1)
        )
        jobs.append(job)
    return jobs


async def find_failure(setting: dict[str, Any], folder: Path, workers: ImageWorkerPool) -> str:
    """Run the orders under a setting; return what was wrong, if anything."""
    async with (
        LocalRunware.open(workers=FlatRenderer()) as runware,
        ServiceHarness.open(runware, folder, workers=workers, tempo=TEMPO) as room,
    ):
        runware.service_state.switches = runware.service_state.switches.with_changes(setting)
        jobs = [await room.wait_for_end(job) for job in await place_orders(room, runware)]
        done = await sum_results(room, runware, jobs)
        states = [job.state for job in jobs]
        expected = list_expected_states(runware.service_state.switches, len(jobs))
    money = done.lost or done.twice or done.stray or done.unbalanced
    return f"{setting}: {states} {done}" if money or states != expected else ""


def list_expected_states(switches: Switches, jobs: int) -> list[JobState]:
    states = [JobState.SETTLED] * jobs
    states[3] = JobState.FAILED
    if switches.partial == "whole":
        states[2] = JobState.FAILED
    if switches.canvas_pixels < 150_000 and switches.over_canvas == "refuse":
        states[4] = JobState.FAILED
    return states


@pytest.mark.timeout(120)
@pytest.mark.parametrize("part", range(3))
async def test_every_setting_of_every_switch(
    part: int, tmp_path: Path, image_workers: ImageWorkerPool
) -> None:
    cases = [*SETTINGS, *TOGETHER, *build_mixtures(8)][part::3]
    found = await asyncio.gather(
        *(
            find_failure(setting, tmp_path / str(number), image_workers)
            for number, setting in enumerate(cases)
        )
    )
    assert not [words for words in found if words]
