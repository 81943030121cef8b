"""Our client compared with the vendor's SDKs: same server, jobs and faults, in one run.

Bars: fewer requests, less CPU and less time than the SDK; no picture lost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4

import structlog

from bench.provider import bad_input
from bot.images.worker_pool import ImageWorkerPool
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.faults import KINDS, RunwareStage, SeededRunwareFaults
from tests.support.provider_clients.client_process import ClientRun, ProviderClient, run_client
from tests.support.provider_clients.environments import UnreachableError
from tests.support.runware.flat_renderer import FlatRenderer
from tests.support.services.fault_script import RATE, run_script

AT_ONCE: Final = 20
_RENDER_SECONDS: Final = 0.2
_TASK_SECONDS: Final = 20.0
_FIRST_POLL_SECONDS: Final = 1.0
_FILE_STAGES: Final = {RunwareStage.RENDER, RunwareStage.MEDIA}
_NO_MEDIA: Final = tuple(
    kind for kind, (stages, _) in KINDS.items() if not _FILE_STAGES.intersection(stages)
)
"""Faults of files are left out, as the SDKs download none."""


def main(arguments: list[str]) -> None:
    """Measure and print one JSON object, or with `--table` the tables of docs/benchmarks.md."""
    parser = argparse.ArgumentParser(prog="bench provider")
    parser.add_argument("--jobs", type=int, default=100, help="jobs per client")
    parser.add_argument("--runs", type=int, default=1000, help="runs of the fault script")
    parser.add_argument("--table", action="store_true", help="print tables instead of JSON")
    options = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable()
    found = asyncio.run(_measure(options.jobs, options.runs))
    print(_format_tables(found) if options.table else json.dumps(found))


async def _measure(jobs: int, runs: int) -> dict[str, Any]:
    plain = {
        client.title: await _measure_row(client, jobs, faults=False) for client in ProviderClient
    }
    faulty = {
        client.title: await _measure_row(client, jobs, faults=True) for client in ProviderClient
    }
    async with ImageWorkerPool.open(2, memory_mib=2048, seconds=20.0) as workers:
        with tempfile.TemporaryDirectory(dir=_open_memory_folder()) as folder:
            script = await run_script(runs, Path(folder), workers=workers)
    return {
        "at_once": AT_ONCE,
        "plain": plain,
        "faulty": faulty,
        "script": asdict(script),
        "bad_input": await bad_input.measure_refusals(),
    }


async def _measure_row(client: ProviderClient, jobs: int, *, faults: bool) -> dict[str, Any]:
    """Run one client on a new server; jobs and faults are the same for each."""
    chance = Random(7)  # noqa: S311 - the same for each client
    uuids = [UUID(int=chance.getrandbits(128), version=4) for _ in range(jobs)]
    counts = [chance.choice((1, 1, 2, 3)) if faults else 1 for _ in range(jobs)]
    tasks = [
        bad_input.build_wire_task(taskUUID=str(uuid), numberResults=count, deliveryMethod="async")
        for uuid, count in zip(uuids, counts, strict=True)
    ]
    latency = 0.0 if faults else _RENDER_SECONDS
    async with LocalRunware.open(workers=FlatRenderer(), latency=latency) as runware:
        plan = SeededRunwareFaults(7, RATE, _NO_MEDIA)
        runware.service_state.faults.plan = plan if faults else None
        warm = bad_input.build_wire_task(taskUUID=_list_untouched(plan), deliveryMethod="async")
        options = {"at_once": AT_ONCE, "seconds": _TASK_SECONDS, "settle": _FIRST_POLL_SECONDS}
        try:
            run = await run_client(client, runware, tasks, warm=[warm], **options)
        except UnreachableError as error:
            return {"skipped": str(error)}
        return _sum_run(run, runware, dict(zip(uuids, counts, strict=True)))


def _list_untouched(plan: SeededRunwareFaults) -> str:
    """Return a task UUID for which the plan has no fault."""
    while plan.draw_fault(uuid := uuid4()):
        pass
    return str(uuid)


def _sum_run(run: ClientRun, runware: LocalRunware, ordered: dict[UUID, int]) -> dict[str, Any]:
    jobs = len(run.outcomes)
    got = {item.get("imageUUID") for outcome in run.outcomes for item in outcome.items}
    ours = [bill for bill in runware.journal.bills if bill.task_uuid in ordered]
    bills = [bill for bill in ours if not bill.moderated]
    per_task = Counter(bill.task_uuid for bill in ours)
    named = {str(uuid) for uuid in ordered}
    requests = [
        request
        for request in runware.journal.requests
        if any(task.task_uuid in named for task in request.tasks)
    ]
    return {
        "requests_per_job": round(len(requests) / jobs, 3),
        "cpu_ms_per_job": round(run.cpu * 1000 / jobs, 3),
        "wall_s": round(run.wall, 2),
        "billed": len(bills),
        "lost": sum(str(bill.image_uuid) not in got for bill in bills),
        "paid_twice": sum(max(0, count - ordered[uuid]) for uuid, count in per_task.items()),
    }


def _open_memory_folder() -> str | None:
    """Return a folder in memory if there is one, as the script tests money and not disks."""
    shared = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    return str(shared) if shared.is_dir() else None


def _format_tables(found: dict[str, Any]) -> str:
    blocks = [_format_table(found["plain"]), _format_table(found["faulty"])]
    blocks += [_format_pairs(found["script"]), _format_pairs(found["bad_input"])]
    return "\n\n".join(blocks)


def _format_table(rows: dict[str, dict[str, Any]]) -> str:
    """Format a table with each number's ratio to ours."""
    ours = rows[ProviderClient.OURS.title]
    lines = [f"| client | {' | '.join(name.replace('_', ' ') for name in ours)} |"]
    lines.append("|---" * (len(ours) + 1) + "|")
    for title, row in rows.items():
        cells = [_format_cell(row.get(name, "-"), ours[name], title, name) for name in ours]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _format_cell(value: Any, ours: Any, title: str, name: str) -> str:
    compared = name in {"requests_per_job", "cpu_ms_per_job", "wall_s"}
    if (
        title == ProviderClient.OURS.title
        or not compared
        or not isinstance(value, float)
        or not ours
    ):
        return str(value)
    return f"{value} ({value / ours:.1f} x)"


def _format_pairs(values: dict[str, Any]) -> str:
    lines = ["| what | value |", "|---|---|"]
    return "\n".join(
        lines + [f"| {name.replace('_', ' ')} | {value} |" for name, value in values.items()]
    )
