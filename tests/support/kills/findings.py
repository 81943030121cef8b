"""What a kill run left behind, by the journals of provider and members."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass

from bot.services.maintenance.file_sweep import GRACE, FileSweep
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.pictures.pending_files import PendingFileStore
from bot.storage.sqlite.database import Database
from sandbox.runware.journal import RunwareJournal
from tests.support.clocks import ScaledClock
from tests.support.kills.config import KillRun
from tests.support.kills.members import Members

_MUST_BE_ZERO = (
    "lost",
    "twice",
    "stray",
    "strange",
    "forgotten",
    "open",
    "unbalanced",
    "misbooked",
    "missing",
    "unnamed",
)


@dataclass(frozen=True, slots=True)
class RunFindings:
    """Counts; all but the first three must be 0.

    `lost`: billed pictures never shown. `twice`: bills beyond what was ordered. `stray`: parked
    jobs with a bill. `strange`: bills of a task that no job has. `forgotten`: acknowledged orders
    without a job. `open`: jobs that did not end. `unbalanced`: accounts that differ from their
    entries. `misbooked`: micro-dollars between the provider's bills and our ledger. `missing`:
    files that a row names, gone after the sweep of a day later; `unnamed`: files that it left and
    no row names.
    """

    jobs: int
    billed: int
    parked: int
    lost: int
    twice: int
    stray: int
    strange: int
    forgotten: int
    open: int
    unbalanced: int
    misbooked: int
    missing: int
    unnamed: int

    @property
    def faults(self) -> dict[str, int]:
        """Return the counts that should be 0 and are not."""
        return {
            name: value for name, value in asdict(self).items() if name in _MUST_BE_ZERO and value
        }


async def compare_journals(
    kill_run: KillRun, members: Members, journal: RunwareJournal
) -> RunFindings:
    """Compare the run's database, which no process may have open, with the journals."""
    async with Database.open(kill_run.database_file) as database:
        jobs = {
            row["task_uuid"]: row
            for row in await database.reader.fetch_all(
                "SELECT id, task_uuid, state, ordered FROM job"
            )
        }
        row = await database.reader.fetch_one(
            "SELECT TOTAL(spent) AS spent FROM account WHERE scope LIKE 'global:d:%'"
        )
        imbalances = await LedgerStore(database).find_imbalances()
        named, stored = await _sweep_files(database, kill_run)
    ordered = {uuid: _parse_results(row["ordered"]) for uuid, row in jobs.items()}
    bills = Counter(str(bill.task_uuid) for bill in journal.bills)
    pictures = [str(bill.image_uuid) for bill in journal.bills if not bill.moderated]
    states = Counter(row["state"] for row in jobs.values())
    ended = sum(states[state] for state in ("settled", "failed", "cancelled", "parked"))
    return RunFindings(
        jobs=len(jobs),
        billed=len(journal.bills),
        parked=states["parked"],
        lost=sum(uuid not in members.delivered for uuid in pictures),
        twice=sum(max(0, count - ordered.get(uuid, 0)) for uuid, count in bills.items()),
        stray=sum(row["state"] == "parked" and uuid in bills for uuid, row in jobs.items()),
        strange=sum(uuid not in jobs for uuid in bills),
        forgotten=len(set(members.accepted.values()) - {row["id"] for row in jobs.values()} - {""}),
        open=len(jobs) - ended,
        unbalanced=len(imbalances),
        misbooked=abs(sum(bill.cost for bill in journal.bills) - int(row["spent"] if row else 0)),
        missing=len(named - stored),
        unnamed=len(stored - named),
    )


async def _sweep_files(database: Database, kill_run: KillRun) -> tuple[set[str], set[str]]:
    """Sweep as the bot does, a day later; return the files that rows name, and those left."""
    clock, files = ScaledClock(), FileStore(kill_run.folder / "files")
    clock.advance((2 * GRACE).total_seconds())
    await FileSweep(files, PendingFileStore(database, clock), clock).delete_unnamed()
    rows = await database.reader.fetch_all("SELECT DISTINCT digest FROM file_use")
    left = {path.name for path in files.root.rglob("*") if path.is_file()}
    return {row["digest"] for row in rows}, left


def _parse_results(ordered: str) -> int:
    """Return how many pictures an order's JSON asked for."""
    return int(ordered.partition('"results":')[2].partition(",")[0])
