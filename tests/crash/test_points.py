"""Death at every await of every step, with a provider that makes each doubt as hard as it can."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bench.kills.command import ROOT, run_lane
from bench.kills.config import PARTS
from bench.kills.points import points_under
from bench.kills.provider import MODES

ON_THE_WAY = {
    "bot.services.engine:Dispatcher": ("run", "stop", "_sweep", "_carry", "_advance", "_stumble"),
    "bot.services.expansion:Expansions": ("accept", "start", "cancel", "withdraw"),
    "bot.services.poller:Poller": ("finished", "look", "_ask"),
    "bot.services.provider_slots:ProviderSlots": ("acquire_slot",),
    "bot.services.rendering:Rendering": (
        *("submit", "reconcile", "collect", "links"),
        *("_look", "_park", "_send", "_send_again", "_task", "_move"),
    ),
    "bot.services.steps:Steps": (
        *("advance", "prepare", "store", "deliver", "settle", "fail"),
        *("_links", "_stored", "_composed", "_shown", "_tell", "_close", "_move"),
    ),
    "bot.services.submitter:Submitter": ("submit", "_send"),
    "bot.storage.database:Database": ("open", "write"),
    "bot.storage.files:FileStore": ("put",),
    "bot.storage.jobs:JobStore": ("insert", "move", "postpone", "note_send", "put_results"),
    "bot.storage.leases:LeaseStore": ("due", "claim", "take_over"),
    "bot.storage.ledger:LedgerStore": ("hold", "settle", "_reserve", "_enter"),
}
"""Functions in which somebody has to die in any case, lest a new name go unseen."""
NOT_MET = {
    "bot.services.engine:Dispatcher._beat": "the first is after ten seconds of one life",
    "bot.storage.leases:LeaseStore.beat": "the same",
    "bot.services.engine:Dispatcher._stumble": "a job is given up after minutes: simulation",
    "bot.services.submitter:Submitter._send:": "a request refused as a whole: test_submitter",
    "bot.services.steps:Steps.fail:3": "no key, no balance: test_intake",
    "bot.services.steps:Steps._shown:4": "no way to the member is open: test_delivery",
    "bot.services.steps:Steps._withheld": "a moderator looks first: test_approvals",
    "bot.services.steps:Steps._tell:2": "a failure that could not be shown is seldom",
    "bot.services.rendering:Rendering._send_again:4": "refused at the second send: simulation",
    "bot.services.rendering:Rendering.collect": "silent past the deadline is seldom",
    "bot.services.progress:Progress.finish": "finished during an edit is seldom",
    "bot.services.seeds:Seeds.of:": "the picture of an earlier job, stored already",
    "bot.storage.database:_check": "a damaged file: test_faults",
    "bot.storage.database:_connect:3": "the same",
}
NEVER_LEFT = ("Dispatcher.run:", "Poller.run:", "Progress.run:", "Submitter.run:")
"""What runs until it is cancelled leaves its group by an exception."""


def function(point: str) -> str:
    return point.rsplit(":", 2)[0]


def is_excused(point: str) -> bool:
    left = point.endswith(":left") and any(name in point for name in NEVER_LEFT)
    return left or point.startswith(tuple(NOT_MET))


@pytest.mark.timeout(1500)
async def test_a_death_at_any_await_loses_nothing_and_pays_nothing_twice() -> None:
    outcomes = await asyncio.gather(*(run_lane(mode, seed=3) for mode in MODES))
    for outcome in outcomes:
        assert not outcome.verdict.faults, (outcome.mode, outcome.verdict)
        assert outcome.verdict.billed > 30
    struck = frozenset().union(*(outcome.struck for outcome in outcomes))
    entered = {function(point) for point in struck}
    assert not {f"{at}.{name}" for at, names in ON_THE_WAY.items() for name in names} - entered
    known = [point for point in points_under(PARTS, ROOT) if function(point) in entered]
    wanted = {point for point in known if not is_excused(point)}
    assert not wanted - struck
    for outcome in outcomes:
        missed = wanted - outcome.struck
        assert len(missed) < 0.1 * len(wanted), (outcome.mode, missed)


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
