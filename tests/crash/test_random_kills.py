"""kill -9 at random moments, of the process that holds services, storage and provider client."""

from __future__ import annotations

import os

import pytest

from bench.kills.command import run_lane
from bench.kills.provider import MODES

KILLS = int(os.environ.get("EXPANSE_KILLS", "300"))
"""In all; `python -m bench kills --kills 10000` is the long form."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", MODES)
async def test_a_kill_at_any_moment_loses_nothing_and_pays_nothing_twice(mode: str) -> None:
    outcome = await run_lane(mode, seed=7, kills=KILLS // len(MODES))
    assert not outcome.verdict.faults, outcome.verdict
    assert outcome.kills == KILLS // len(MODES)
    assert outcome.verdict.billed > KILLS // len(MODES) // 4
