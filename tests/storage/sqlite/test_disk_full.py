"""The disk takes no more at any write: what was acknowledged is there, all else never happened."""

from __future__ import annotations

import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.domain.ids import JobId
from bot.domain.ledger import LedgerUnit
from bot.errors import StorageUnavailable
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.sqlite import backups
from bot.storage.sqlite.database import Database
from tests.storage.repositories.test_ledger import hold_job
from tests.storage.sqlite.test_power_loss import read_log
from tests.support.job_builders import NOW

COSTS = {LedgerUnit.RESULT: 1, LedgerUnit.MICRO_USD: 50_000}


@contextmanager
def limit_file_size(size: int) -> Iterator[None]:
    """Let the system refuse every byte of a file past this size, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def run_ledger_work(database: Database, jobs: range) -> tuple[set[int], set[int]]:
    """Hold and settle; return whose hold and whose settlement was acknowledged."""
    holds, settled = set(), set()
    for number in jobs:
        try:
            await hold_job(database, number, cap=None)
            holds.add(number)
            async with database.write() as tx:
                await LedgerStore(database).settle_job(tx, JobId(f"job{number}"), COSTS, NOW)
            settled.add(number)
        except StorageUnavailable:
            assert database.is_failing
    return holds, settled


def list_entered(path: Path) -> tuple[set[int], set[int]]:
    sql = "SELECT DISTINCT substr(job_id, 4) FROM entry WHERE kind = :kind"
    with closing(sqlite3.connect(path)) as connection:
        found = [
            {int(number) for (number,) in connection.execute(sql, {"kind": kind})}
            for kind in ("hold", "settle")
        ]
    return found[0], found[1]


async def test_a_disk_that_is_full_at_any_write_loses_nothing_and_invents_nothing(
    tmp_path: Path,
) -> None:
    async with Database.open(tmp_path / "empty.db"):
        pass
    path, refused, size = tmp_path / "a.db", 0, 0
    while True:
        shutil.copy(tmp_path / "empty.db", path)
        async with Database.open(path) as database:
            await database._writer.execute("PRAGMA wal_autocheckpoint = 0")
            with limit_file_size(size):
                holds, settled = await run_ledger_work(database, range(1, 3))
                full = read_log(path).stat().st_size
            refused += 2 - len(settled)
            assert list_entered(path) == (holds, settled), size
            assert await LedgerStore(database).find_imbalances() == []
            assert await run_ledger_work(database, range(3, 4)) == ({3}, {3})
            assert not database.is_failing
        backups.verify_backup(path)
        path.unlink()
        if len(settled) == 2:
            break
        size += 2060
    assert size > full / 2
    assert refused > 20
