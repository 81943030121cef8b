"""Run schedules in as many processes as there are cores; a seed that fails is named."""

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

from bench.simulate.schedule import Report, migrate, run_schedule

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a schedule's crash ends no machine
_SHARE: Final = 50
"""Schedules that a process is handed at a time."""
_STEP: Final = 1_000
"""Schedules after which it is told how far the run is."""


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench simulate")
    parser.add_argument("--schedules", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0, help="the first of them")
    given = parser.parse_args(arguments)
    started = time.monotonic()
    shares = [
        range(first, min(first + _SHARE, given.seed + given.schedules))
        for first in range(given.seed, given.seed + given.schedules, _SHARE)
    ]
    context = multiprocessing.get_context("spawn")
    with context.Pool(os.cpu_count(), initializer=quiet) as pool:
        reports: list[Report] = []
        for share in pool.imap_unordered(run_all, shares):
            reports += share
            tell(share, len(reports), given.schedules)
    sums = summary(reports)
    print(json.dumps(sums | {"seconds": round(time.monotonic() - started, 1)}))
    raise SystemExit(bool(sums["failed_seeds"]))


def tell(share: Sequence[Report], done: int, wanted: int) -> None:
    """Name what failed as soon as it is known, and now and then how far it all is."""
    for report in share:
        if report.wrong:
            print(report, file=sys.stderr, flush=True)
    if done // _STEP > (done - len(share)) // _STEP:
        print(f"{done:,} of {wanted:,}", file=sys.stderr, flush=True)


def quiet() -> None:
    """Say nothing of what goes wrong on purpose."""
    logging.disable(logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def run_all(seeds: Sequence[int]) -> list[Report]:
    """Run the schedules of these seeds, one after the other."""
    with _folder() as folder:
        asyncio.run(migrate(folder))
        return [run_schedule(seed, folder) for seed in seeds]


def summary(reports: Sequence[Report]) -> dict[str, Any]:
    """Add up what the schedules were like, and name the seeds that failed."""
    states: Counter[str] = Counter()
    for report in reports:
        states.update(report.states)
    return {
        "schedules": len(reports),
        "jobs": sum(report.jobs for report in reports),
        "crashes": sum(report.crashes for report in reports),
        "faults": sum(report.faults for report in reports),
        "billed": sum(report.billed for report in reports),
        "virtual_hours": round(sum(report.seconds for report in reports) / 3600, 1),
        "states": dict(states),
        "failed_seeds": sorted(report.seed for report in reports if report.wrong),
    }


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as name:
        yield Path(name)
