"""Time that a start needs to end the jobs that another process left open."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import logging
import random
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from PIL import Image

from bench._reserved_jobs import PICTURE, build_reserved_job
from bot.domain.ids import Digest
from bot.domain.job import OPEN_STATES, JobState, Result
from bot.domain.ledger import Charge, LedgerUnit
from bot.domain.model import DEFAULT_MODEL
from bot.domain.order import OutputFormat
from bot.runware.client import open_client
from bot.runware.media_download import Downloader
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.sqlite.database import Connection, Database
from tests.support.kills.child_process import ThreadWorkers
from tests.support.services.service_harness import RecordingPublisher, build_order, stop_task
from tests.support.services.service_wiring import ServiceInputs, run_services, wire_services

_OPEN: Final = ", ".join(f"'{state}'" for state in sorted(OPEN_STATES))
_BATCH: Final = 500


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench recovery")
    parser.add_argument("--jobs", type=int, default=10_000)
    jobs = parser.parse_args(arguments).jobs
    silence_logs()
    with tempfile.TemporaryDirectory() as folder:
        seconds = asyncio.run(measure_recovery(Path(folder), jobs))
    print(json.dumps({"jobs": jobs, "seconds": seconds, "per_s": round(jobs / seconds)}))


def silence_logs() -> None:
    """Log only warnings: rendering console lines would be a large part of the measured work."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


async def measure_recovery(folder: Path, jobs: int) -> float:
    """Leave `jobs` open jobs with stored pictures, start, and return the seconds until all ended.

    Every other job is already delivered. The remaining steps need only our database and files.
    """
    files = FileStore(folder / "files")
    out = io.BytesIO()
    Image.new("RGB", (128, 64)).save(out, "PNG")
    async with Database.open(folder / "expanse.db") as database:
        picture = await files.save_bytes(out.getvalue())
        for first in range(1, jobs + 1, _BATCH):
            async with database.write() as tx:
                for number in range(first, min(first + _BATCH, jobs + 1)):
                    await _leave_job(tx, database, number, picture)
    started = time.perf_counter()
    async with (
        Database.open(folder / "expanse.db") as database,
        open_client(base_url="http://127.0.0.1:9/v1", api_key="none") as client,
        Downloader.open([], max_bytes=1, deadline=1.0) as media,
    ):
        inputs = ServiceInputs(
            database,
            client,
            media,
            ThreadWorkers(),
            files,
            RecordingPublisher(),
            random.Random(1),  # noqa: S311 - repeatable
        )
        running = asyncio.create_task(run_services(wire_services(inputs)))
        try:
            await _wait_for_end(database)
        finally:
            await stop_task(running)
        if await LedgerStore(database).find_imbalances():
            raise RuntimeError("the books do not balance")
    return round(time.perf_counter() - started, 1)


async def _leave_job(tx: Connection, database: Database, number: int, picture: Digest) -> None:
    """Create a job as left by a process that died after storing its last picture."""
    jobs, now = JobStore(database), datetime.now(UTC)
    origin, order = build_order(number, PICTURE)
    job = build_reserved_job(number, origin, order, now)
    stored_job = replace(
        job, hold=DEFAULT_MODEL.price.per_result, run_at=now - timedelta(seconds=1)
    )
    await jobs.insert_job(tx, stored_job)
    charges = [
        Charge(f"u:1:{number}:d:2026-11-22", LedgerUnit.RESULT, 1, None),
        Charge("global:d:2026-11-22", LedgerUnit.MICRO_USD, DEFAULT_MODEL.price.per_result, None),
    ]
    await LedgerStore(database).hold_charges(tx, stored_job.id, charges, now)
    result = Result(
        0,
        f"image{number}",
        "",
        1,
        DEFAULT_MODEL.price.per_result,
        picture,
        picture,
        OutputFormat.PNG,
    )
    await jobs.save_results(tx, stored_job, [result])
    state = JobState.STORED if number % 2 else JobState.DELIVERED
    await tx.execute(
        "UPDATE job SET state = :state, cost = hold, output = 'PNG' WHERE id = :id",
        {"state": state, "id": stored_job.id},
    )


async def _wait_for_end(database: Database) -> None:
    sql = f"SELECT COUNT(*) FROM job WHERE state IN ({_OPEN})"  # noqa: S608 - the states are our own
    while True:
        row = await database.reader.fetch_one(sql)
        if row is None or not row[0]:
            return
        await asyncio.sleep(0.1)
