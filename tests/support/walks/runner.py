"""Walks in as many processes as there are cores; what they met, as JSON and as tables."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

import structlog

from bot.images.worker_pool import ImageWorkerPool
from tests.support.walks.oracle import LeakKind
from tests.support.walks.walker import ACTS, Walker, WalkSummary, describe_walk, walk_many

_BATCH_SIZE: Final = 125
"""Walks with one bot; more would only make its database larger."""
_MEMORY_MIB, _SECONDS = 2048, 20.0
_DISK: Final = Path("/dev/shm")  # noqa: S108 - nothing of a walk is kept


def walk_in_processes(first: int, walks: int) -> WalkSummary:
    """Walk from the seeds from `first` on, and report progress on the error output."""
    seeds = range(first, first + walks)
    size = min(_BATCH_SIZE, -(-walks // (os.cpu_count() or 1)))
    batches = [seeds[at : at + size] for at in range(0, walks, size)]
    summary, start = WalkSummary(), time.monotonic()
    context = multiprocessing.get_context("spawn")
    # not `multiprocessing.Pool`, whose processes may not start the bot's image workers
    with ProcessPoolExecutor(os.cpu_count(), context, silence_logs) as pool:
        for batch in pool.map(walk_batch, batches):
            summary.add_summary(batch)
            sys.stderr.write(f"{summary.walks:,} of {walks:,}\n")
    summary.seconds = time.monotonic() - start
    return summary


def walk_batch(seeds: Sequence[int]) -> WalkSummary:
    """Walk from these seeds with one bot."""
    return asyncio.run(_walk_batch(seeds))


async def _walk_batch(seeds: Sequence[int]) -> WalkSummary:
    folder = _DISK if _DISK.is_dir() else None
    async with ImageWorkerPool.open(2, memory_mib=_MEMORY_MIB, seconds=_SECONDS) as workers:
        with tempfile.TemporaryDirectory(dir=folder) as name:
            summary = WalkSummary()
            try:
                async with Walker.open(Path(name), workers) as walker:
                    summary = await walk_many(walker, seeds)
            except AssertionError as error:  # the watch over the event loop
                summary.troubles.append(f"walks {seeds[0]} to {seeds[-1]}: {error}")
            return summary


def silence_logs() -> None:
    """Silence logs of what attackers are refused."""
    logging.disable(logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def build_report(summary: WalkSummary) -> dict[str, Any]:
    """Return the counts; an act that was never done is there with 0."""
    return {
        "walks": summary.walks,
        "seconds": round(summary.seconds, 1),
        "walks_per_second": round(summary.walks / max(summary.seconds, 0.001), 2),
        "acts": summary.acts.total(),
        "acts_by_kind": {name: summary.acts[name] for name in ACTS},
        "results": summary.results,
        "pictures_judged": summary.judged,
        "results_by_property": dict(summary.properties),
        "refusals": summary.refusals.total(),
        "refusals_by_reason": dict(summary.refusals.most_common()),
        "leaks": summary.leaks.total(),
        "leaks_by_kind": {kind.name.lower(): summary.leaks[kind] for kind in LeakKind},
        "ended_early": summary.troubles,
        "shortest_walks": [describe_walk(each) for each in summary.examples.values()],
    }
