"""Run schedules in as many processes as there are cores, and name the seeds that fail."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import structlog

from tests.support.simulation.schedule import ScheduleReport, create_database, run_schedule

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a schedule's crash ends no machine
_BATCH_SIZE: Final = 50
"""Schedules passed to a process at a time."""
_PROGRESS_STEP: Final = 1_000
"""Schedules between two progress reports."""


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench simulate")
    parser.add_argument("--schedules", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0, help="the first of them")
    given = parser.parse_args(arguments)
    started = time.monotonic()
    shares = [
        range(first, min(first + _BATCH_SIZE, given.seed + given.schedules))
        for first in range(given.seed, given.seed + given.schedules, _BATCH_SIZE)
    ]
    context = multiprocessing.get_context("spawn")
    with context.Pool(os.cpu_count(), initializer=silence_logs) as pool:
        reports: list[ScheduleReport] = []
        for share in pool.imap_unordered(run_schedules, shares):
            reports += share
            print_progress(share, len(reports), given.schedules)
    sums = build_summary(reports)
    print(json.dumps(sums | {"seconds": round(time.monotonic() - started, 1)}))
    raise SystemExit(bool(sums["failed_seeds"]))


def print_progress(share: Sequence[ScheduleReport], done: int, wanted: int) -> None:
    """Print failed schedules immediately, and progress from time to time."""
    for report in share:
        if report.wrong:
            print(report, file=sys.stderr, flush=True)
    if done // _PROGRESS_STEP > (done - len(share)) // _PROGRESS_STEP:
        print(f"{done:,} of {wanted:,}", file=sys.stderr, flush=True)


def silence_logs() -> None:
    """Silence logs of intended errors."""
    logging.disable(logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def run_schedules(seeds: Sequence[int]) -> list[ScheduleReport]:
    """Run the schedules of these seeds, one after another."""
    with _open_folder() as folder:
        asyncio.run(create_database(folder))
        return [run_schedule(seed, folder) for seed in seeds]


def build_summary(reports: Sequence[ScheduleReport]) -> dict[str, Any]:
    """Return the totals of all schedules, and the seeds that failed."""
    states: Counter[str] = Counter()
    for report in reports:
        states.update(report.states)
    return {
        "schedules": len(reports),
        "jobs": sum(report.jobs for report in reports),
        "crashes": sum(report.crashes for report in reports),
        "faults": sum(report.faults for report in reports),
        "billed": sum(report.billed for report in reports),
        "altered": sum(report.altered for report in reports),
        "virtual_hours": round(sum(report.seconds for report in reports) / 3600, 1),
        "states": dict(states),
        "failed_seeds": sorted(report.seed for report in reports if report.wrong),
    }


@contextmanager
def _open_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as name:
        yield Path(name)
