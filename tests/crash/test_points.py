"""Death at every await of every step, with a provider that makes each doubt as hard as it can."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bench.kills.command import ROOT, run_lane
from bench.kills.config import PARTS
from bench.kills.points import points_under
from bench.kills.provider import MODES

ELSEWHERE = {
    "bot.services.accounting:Accounting.uses": "no job's: what a member asks",
    "bot.services.engine:Dispatcher._beat": "after ten seconds of one life: test_engine",
    "bot.storage.leases:LeaseStore.beat": "the same",
    "bot.services.engine:Dispatcher._stumble:4": "a job is given up after minutes: simulation",
    "bot.services.steps:Steps.give_up": "the same",
    "bot.services.engine:Dispatcher.run:3:left": "a task that runs until it is cancelled",
    "bot.services.poller:Poller.run:1:left": "the same",
    "bot.services.progress:Progress.run:1:left": "the same",
    "bot.services.submitter:Submitter.run:1:left": "the same",
    "bot.services.intake:Intake.pause": "the operator's",
    "bot.services.intake:Intake.resume": "the operator's",
    "bot.services.intake:Intake.provider_refused": "no key, no balance: test_intake",
    "bot.services.steps:Steps.fail:3": "the same",
    "bot.storage.intake:IntakeStore.pause:": "the same",
    "bot.storage.intake:IntakeStore.resume": "the operator's",
    "bot.services.submitter:Submitter._send:2": "a request refused as a whole: test_submitter",
    "bot.services.submitter:Submitter._send_apart": "the same",
    "bot.storage.files:FileStore.get": "no job's",
    "bot.storage.jobs:JobStore.events": "no job's: for those who look",
}
SELDOM = {
    "bot.services.rendering:Rendering._send_again:4": "refused at the second send",
    "bot.services.progress:Progress.finish": "finished during an edit",
    "bot.services.rendering:Rendering.collect": "silent past the deadline",
    "bot.services.rendering:Rendering._park": "the same",
    "bot.services.steps:Steps._tell:2": "the failure could not be shown",
}


def test_every_exception_names_points_that_exist() -> None:
    points = points_under(PARTS, ROOT)
    for name in ELSEWHERE | SELDOM:
        assert any(point.startswith(name) for point in points), name


@pytest.mark.timeout(400)
async def test_a_death_at_any_await_loses_nothing_and_pays_nothing_twice() -> None:
    outcomes = await asyncio.gather(*(run_lane(mode, seed=3) for mode in MODES))
    wanted = {
        point for point in points_under(PARTS, ROOT) if not point.startswith(tuple(ELSEWHERE))
    }
    for outcome in outcomes:
        assert not outcome.verdict.faults, (outcome.mode, outcome.verdict)
        assert outcome.verdict.billed > 30
        assert outcome.kills > 0.9 * len(wanted)
    missed = wanted - frozenset().union(*(outcome.struck for outcome in outcomes))
    assert not sorted(point for point in missed if not point.startswith(tuple(SELDOM)))


def test_points_are_before_and_after_each_await(tmp_path: Path) -> None:
    (tmp_path / "step.py").write_text(
        "async def go(x):\n    async with x as y:\n        return await y(await x.z())\n"
    )
    assert points_under(["step"], tmp_path) == [
        "step:go:1:before",
        "step:go:1:entered",
        "step:go:1:leaving",
        "step:go:1:left",
        "step:go:2:before",
        "step:go:2:after",
        "step:go:3:before",
        "step:go:3:after",
    ]
