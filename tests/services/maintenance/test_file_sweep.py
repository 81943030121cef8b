"""A file that no row names is deleted after a day; one that a row names, or will name, is not."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.ids import Digest, JobId
from bot.domain.job import JobState, Result
from bot.services.maintenance.file_sweep import FileSweep
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.pictures.pending_files import PendingFileStore
from bot.storage.sqlite.database import Database
from tests.support.clocks import ScaledClock
from tests.support.job_builders import NOW, build_job

DAY = timedelta(days=1).total_seconds()


@dataclass
class SweepHarness:
    database: Database
    files: FileStore
    sweep: FileSweep
    clock: ScaledClock

    async def store_job(self, number: int, seed: Digest) -> JobId:
        made = replace(build_job(number), seed=seed)
        jobs = JobStore(self.database)
        async with self.database.write() as tx:
            await jobs.insert_job(tx, made)
            await tx.execute(
                "UPDATE job SET seed = :seed WHERE id = :id", {"seed": seed, "id": made.id}
            )
        return made.id

    async def has(self, digest: Digest) -> bool:
        return await self.files.has_file(digest)


@pytest_asyncio.fixture
async def harness(tmp_path: Path) -> AsyncIterator[SweepHarness]:
    async with Database.open(tmp_path / "expanse.db") as database:
        clock = ScaledClock()
        pending = PendingFileStore(database, clock)
        files = FileStore(tmp_path / "files", pending.record_digest)
        yield SweepHarness(database, files, FileSweep(files, pending, clock), clock)


async def test_a_digest_is_on_record_before_its_file(harness: SweepHarness) -> None:
    names: list[tuple[Digest, bool]] = []

    async def record(digest: Digest) -> None:
        names.append((digest, harness.files.get_path(digest).exists()))

    digest = await FileStore(harness.files.root, record).save_bytes(b"seed")
    assert names == [(digest, False)]
    assert await harness.has(digest)


async def test_a_seed_whose_row_was_never_written_is_deleted_after_a_day(
    harness: SweepHarness,
) -> None:
    lost = await harness.files.save_bytes(b"a crash comes now")
    kept = await harness.files.save_bytes(b"a job has this")
    await harness.store_job(1, kept)
    assert await harness.sweep.delete_unnamed() == 0
    harness.clock.advance(DAY - 60)
    assert await harness.sweep.delete_unnamed() == 0
    harness.clock.advance(120)
    assert await harness.sweep.delete_unnamed() == 1
    assert (await harness.has(lost), await harness.has(kept)) == (False, True)
    row = await harness.database.reader.fetch_one("SELECT COUNT(*) AS n FROM pending_file")
    assert row is not None
    assert row["n"] == 0


async def test_every_row_that_names_a_file_keeps_it(harness: SweepHarness) -> None:
    names = ("raw", "delivered", "master", "draft", "body", "ordered", "none")
    found = {name: await harness.files.save_bytes(name.encode()) for name in names}
    job = build_job(1)
    jobs = JobStore(harness.database)
    result = Result(0, "i", "", None, None, raw=found["raw"], delivered=found["delivered"])
    later = harness.clock.now() + timedelta(days=1, hours=1)
    async with harness.database.write() as tx:
        await jobs.insert_job(tx, job)
        await jobs.save_results(tx, job, [result])
        values = {"id": job.id, "digest": found["master"]}
        await tx.execute("INSERT INTO master VALUES (:id, 0, :digest)", values)
        await tx.execute(
            "UPDATE job SET ordered = json_set(ordered, '$.seed', :digest) WHERE id = :id",
            {"id": job.id, "digest": found["ordered"]},
        )
        for name, file, body in (("a", found["draft"], "{}"), ("b", None, found["body"])):
            await tx.execute(
                "INSERT INTO draft (id, guild_id, user_id, body, file, created_at)"
                " VALUES (:id, 1, 1, :body, :file, :at)",
                {"id": name, "body": body, "file": file, "at": int(later.timestamp() * 1000)},
            )
    harness.clock.advance(DAY + 3600)
    assert await harness.sweep.delete_unnamed() == 1
    assert [name for name in names if not await harness.has(found[name])] == ["none"]


@pytest.mark.parametrize(("state", "is_kept"), [(JobState.SETTLED, False), (JobState.STORED, True)])
async def test_a_removed_jobs_file_is_kept_only_while_the_job_is_under_way(
    harness: SweepHarness, state: JobState, *, is_kept: bool
) -> None:
    digest = await harness.files.save_bytes(b"removed, and then a crash")
    job_id = await harness.store_job(1, digest)
    async with harness.database.write() as tx:
        await tx.execute("UPDATE job SET state = :state", {"state": state})
        await tx.execute(
            "INSERT INTO removal (job_id, reason, at) VALUES (:id, 'member', 0)", {"id": job_id}
        )
    harness.clock.advance(DAY + 60)
    assert await harness.sweep.delete_unnamed() == (not is_kept)
    assert await harness.has(digest) == is_kept


async def test_what_an_unfinished_write_left_is_deleted_and_one_under_way_is_not(
    harness: SweepHarness,
) -> None:
    folder = harness.files.root / "ab"
    folder.mkdir(parents=True)
    old, new = folder / ".new-old", folder / ".new-new"
    for path in (old, new):
        path.write_bytes(b"half")
    past = NOW.timestamp() - 9 * DAY
    os.utime(old, (past, past))
    await harness.sweep.delete_unnamed()
    assert (old.exists(), new.exists()) == (False, True)


@pytest.mark.parametrize("seed", range(5))
async def test_no_order_loses_the_file_that_it_is_about_to_name(
    harness: SweepHarness, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable
    pictures = [f"picture {number}".encode() for number in range(8)]
    for picture in pictures:
        await harness.files.save_bytes(picture)
    harness.clock.advance(DAY + 60)  # all of them may be deleted, unless somebody wants them

    async def order(number: int) -> Digest:
        await asyncio.sleep(chance.random() / 20)
        digest = await harness.files.save_bytes(pictures[number])
        await asyncio.sleep(chance.random() / 20)
        await harness.store_job(number + 1, digest)
        return digest

    async def sweep() -> None:
        for _ in range(10):
            await harness.sweep.delete_unnamed()
            await asyncio.sleep(chance.random() / 100)

    *wanted, _ = await asyncio.gather(*(order(number) for number in range(5)), sweep())
    assert [await harness.has(digest) for digest in wanted if digest] == [True] * 5
    await harness.sweep.delete_unnamed()
    assert len(harness.files.list_files(harness.clock.now())) == 5
