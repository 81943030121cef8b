"""The fault script: whatever goes wrong on the way, no paid picture is lost and none paid twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.images.worker_pool import ImageWorkerPool
from tests.support.services.fault_script import run_script

RUNS = int(os.environ.get("EXPANSE_FAULT_RUNS", "60"))
"""Set it to 1000 for the whole script, which `python -m bench provider` runs too."""


@pytest.mark.timeout(300)
async def test_nothing_is_lost_and_nothing_is_paid_twice(
    tmp_path: Path, image_workers: ImageWorkerPool
) -> None:
    done = await run_script(RUNS, tmp_path, workers=image_workers, seed=11)
    assert (done.lost, done.twice, done.stray, done.unbalanced) == (0, 0, 0, 0), done
    assert done.faults > RUNS / 2
    assert done.billed == done.delivered > RUNS
    assert done.states["settled"] > 0.8 * RUNS
