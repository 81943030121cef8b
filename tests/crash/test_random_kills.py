"""kill -9 at random moments, of the process that holds services, storage and provider client."""

from __future__ import annotations

import os

import pytest

from tests.support.kills.bot_runner import run_bot_kills
from tests.support.kills.provider import MODES
from tests.support.kills.runner import run_kills

BOT_KILLS = int(os.environ.get("EXPANSE_BOT_KILLS", "60"))
"""Deaths at the awaits of what speaks with Discord, once each, and at random moments."""
KILLS = int(os.environ.get("EXPANSE_KILLS", "300"))
"""In all; `python -m bench kills --kills 10000` is the long form."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", MODES)
async def test_a_kill_at_any_moment_loses_nothing_and_pays_nothing_twice(mode: str) -> None:
    outcome = await run_kills(mode, seed=7, kills=KILLS // len(MODES))
    assert not outcome.findings.faults, outcome.findings
    assert outcome.kills == KILLS // len(MODES)
    assert outcome.findings.billed > KILLS // len(MODES) // 4


@pytest.mark.timeout(300)
async def test_kills_of_the_real_bot_lose_nothing_and_show_nothing_twice() -> None:
    outcome = await run_bot_kills(kills=BOT_KILLS, seed=5)
    assert not outcome.faults, outcome
    assert outcome.kills == BOT_KILLS
    assert len(outcome.struck) > BOT_KILLS / 3
    assert outcome.billed > BOT_KILLS / 12
