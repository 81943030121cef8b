"""Schedules of crashes and faults on every port, in virtual time; `bench simulate` runs more."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.simulation.runner import build_summary, run_schedules, silence_logs
from tests.support.simulation.schedule import create_database, run_schedule
from tests.support.simulation.virtual_loop import LoopStuck, VirtualLoop

SCHEDULES = int(os.environ.get("EXPANSE_SCHEDULES", "2000"))
SHARES = 8
FOUND = (38, 1853, 5865, 51301, 78716, 85197, 85324)
"""Seeds that once failed: a paid picture given up, a stop swallowed by a failing write, a grace
period that a jump of the clock ended, a request sent again because its grace had been counted from
its intent, a stop swallowed once more."""


@pytest.fixture(autouse=True)
def quiet_logs() -> Iterator[None]:
    silence_logs()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("share", range(SHARES))
def test_no_schedule_loses_a_picture_or_pays_one_twice(share: int) -> None:
    reports = run_schedules(range(share, SCHEDULES, SHARES))
    wrong = [report for report in reports if report.wrong]
    assert not wrong, "run_schedule(seed) repeats each of them"
    sums = build_summary(reports)
    assert sums["states"].keys() >= {"settled", "failed"}
    assert sums["faults"] > 5 * len(reports)
    assert sums["crashes"] > len(reports)
    assert sums["altered"] > sums["billed"] / 2


@pytest.mark.timeout(60)
def test_schedules_that_once_failed_end_well() -> None:
    assert [report for report in run_schedules(FOUND) if report.wrong] == []


def test_a_seed_repeats_its_whole_schedule(tmp_path: Path) -> None:
    asyncio.run(create_database(tmp_path))
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        (folder / "empty.db").write_bytes((tmp_path / "empty.db").read_bytes())
    assert run_schedule(6, first) == run_schedule(6, second)


def test_virtual_time_passes_without_waiting() -> None:
    loop = VirtualLoop()
    try:
        loop.run_until_complete(asyncio.sleep(86_400))
        assert loop.time() >= 86_400
        with pytest.raises(LoopStuck):
            loop.run_until_complete(asyncio.Event().wait())
        loop.close_tasks()
    finally:
        loop.close()


async def sleep_forever(pause: float) -> None:
    while True:  # noqa: ASYNC110 - never to end is its purpose
        await asyncio.sleep(pause)


@pytest.mark.parametrize("pause", [0.0, 60.0])
def test_what_never_ends_is_found_out(pause: float) -> None:
    loop = VirtualLoop(deadline=3600)
    try:
        with pytest.raises(LoopStuck):
            loop.run_until_complete(sleep_forever(pause))
        loop.close_tasks()
    finally:
        loop.close()


def test_a_schedule_that_never_ends_is_named(tmp_path: Path) -> None:
    asyncio.run(create_database(tmp_path))
    report = run_schedule(6, tmp_path, deadline=5.0)
    assert (report.seed, report.wrong) == (6, {"stuck": 1})
