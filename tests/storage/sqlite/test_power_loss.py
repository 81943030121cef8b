"""The power fails: whatever part of the log had reached the disk, the books are those of a moment.

A kill leaves the page cache alone, so what a disk would hold is made here: the file as it was when
the log began, and the log cut off at a frame, or in the middle of one.
"""

from __future__ import annotations

import shutil
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from bot.domain.ledger import LedgerUnit
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.sqlite import backups
from bot.storage.sqlite.database import Database
from tests.storage.repositories.test_ledger import hold_job
from tests.support.job_builders import NOW

HEADER, FRAME_HEADER = 32, 24
"""Bytes of a log's own header and of each frame's (SQLite's "WAL file format")."""
Books = tuple[tuple[object, ...], ...]


def read_log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def read_books(path: Path) -> Books:
    with closing(sqlite3.connect(path)) as connection:
        return (
            *connection.execute("SELECT id, state FROM job ORDER BY 1"),
            *connection.execute("SELECT job_id, scope, kind, amount FROM entry ORDER BY 1, 2, 3"),
            *connection.execute("SELECT scope, held, spent FROM account ORDER BY 1"),
        )


async def run_work(path: Path, jobs: int) -> list[tuple[int, Books]]:
    """Hold and settle; return the log's length and the books after each acknowledged commit.

    Nothing is written back to the file meanwhile, so the log holds all of it.
    """
    said: list[tuple[int, Books]] = []
    async with Database.open(path) as database:
        for pragma in ("wal_checkpoint(TRUNCATE)", "wal_autocheckpoint = 0"):
            await database._writer.execute(f"PRAGMA {pragma}")
        shutil.copy(path, path.with_name("before.db"))
        said.append((0, read_books(path)))
        for number in range(1, jobs + 1):
            job_id = await hold_job(database, number, cap=None)
            said.append((read_log(path).stat().st_size, read_books(path)))
            costs = {LedgerUnit.RESULT: 1, LedgerUnit.MICRO_USD: 50_000 + number}
            async with database.write() as tx:
                await LedgerStore(database).settle_job(tx, job_id, costs, NOW)
            said.append((read_log(path).stat().st_size, read_books(path)))
        shutil.copy(read_log(path), path.with_name("log"))
        shutil.copy(path, path.with_name("after.db"))
    return said


def restore_after_power_loss(folder: Path, log: bytes, file: Path) -> Books:
    """Start from a disk that holds this; the database has to be whole, and to balance."""
    lost = folder / "lost.db"
    shutil.copy(file, lost)
    read_log(lost).write_bytes(log)
    with closing(sqlite3.connect(lost)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    backups.verify_backup(lost)
    found = read_books(lost)
    for each in folder.glob("lost.db*"):
        each.unlink()
    return found


def parse_frame(log: bytes) -> int:
    page: int = struct.unpack(">I", log[8:12])[0]
    return FRAME_HEADER + page


async def test_a_log_cut_at_any_frame_is_a_moments_state_with_all_that_was_acknowledged(
    tmp_path: Path,
) -> None:
    said = await run_work(tmp_path / "a.db", jobs=4)
    log = (tmp_path / "log").read_bytes()
    frame, moments = parse_frame(log), [books for _, books in said]
    cuts = range(HEADER, len(log) + 1, frame)
    assert len(cuts) > 40
    torn = [cut - frame // 2 for cut in cuts[1:]]
    for cut in [0, HEADER // 2, *cuts, *torn, *(cut + FRAME_HEADER for cut in cuts[:-1])]:
        found = restore_after_power_loss(tmp_path, log[:cut], tmp_path / "before.db")
        acknowledged = max(number for number, (size, _) in enumerate(said) if size <= cut)
        assert found == moments[acknowledged], f"cut at {cut}"


@pytest.mark.parametrize("kind", ["zeros", "noise", "older"])
async def test_a_last_page_that_is_not_what_was_written_does_not_count(
    tmp_path: Path, kind: str
) -> None:
    said = await run_work(tmp_path / "a.db", jobs=3)
    log, chance = (tmp_path / "log").read_bytes(), Random(3)  # noqa: S311 - repeatable
    frame, moments = parse_frame(log), [books for _, books in said]
    torn = {"zeros": bytes(frame // 2), "noise": chance.randbytes(frame // 2)}
    for cut in range(HEADER + 2 * frame, len(log) + 1, frame):
        # the disk wrote one half of the last frame, and had something else in the other
        older = log[cut - frame - frame // 2 : cut - frame]
        spoilt = log[: cut - frame // 2] + torn.get(kind, older)
        whole = spoilt == log[:cut]
        found = restore_after_power_loss(tmp_path, spoilt, tmp_path / "before.db")
        kept = cut if whole else cut - frame
        assert found == moments[max(n for n, (size, _) in enumerate(said) if size <= kept)]


async def test_a_checkpoint_that_was_under_way_is_repeated_from_the_log(tmp_path: Path) -> None:
    said = await run_work(tmp_path / "a.db", jobs=4)
    log, chance = (tmp_path / "log").read_bytes(), Random(5)  # noqa: S311 - repeatable
    page = parse_frame(log) - FRAME_HEADER
    frames = range(HEADER, len(log), parse_frame(log))
    newest = {struct.unpack(">I", log[at : at + 4])[0]: at + FRAME_HEADER for at in frames}
    for _ in range(40):
        # some pages had reached the file, one of them torn
        file = bytearray((tmp_path / "before.db").read_bytes())
        for number in chance.sample(sorted(newest), chance.randrange(1, len(newest))):
            at, length = (number - 1) * page, chance.choice((page, page, page // 2))
            file.extend(bytes(max(0, at + page - len(file))))
            file[at : at + length] = log[newest[number] : newest[number] + length]
        (tmp_path / "half.db").write_bytes(file)
        assert restore_after_power_loss(tmp_path, log, tmp_path / "half.db") == said[-1][1]
