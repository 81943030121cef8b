"""Queries that run all the time read the few open jobs, not the whole table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.domain.ids import UserId
from bot.storage.repositories.archive import ArchiveStore
from bot.storage.repositories.billing.admission import AdmissionStore
from bot.storage.repositories.billing.ledger_audit import audit_bills
from bot.storage.repositories.leases import LeaseStore
from bot.storage.sqlite.database import Database
from tests.support.job_builders import NOW

Query = Callable[[Database], Awaitable[object]]
QUERIES: dict[str, tuple[str, Query]] = {
    "due jobs": ("job_due", lambda each: LeaseStore(each).list_due_jobs("me", NOW, 10)),
    "open jobs": (
        "job_open_by_user",
        lambda each: AdmissionStore(each).count_open_jobs(each.reader, UserId(1)),
    ),
    "old jobs": ("job_by_age", lambda each: ArchiveStore(each).list_expired_jobs(NOW, 10)),
    "bills": ("job_by_age", lambda each: audit_bills(each.reader, NOW)),
}


@pytest.mark.parametrize(("index", "query"), QUERIES.values(), ids=QUERIES)
async def test_a_partial_index_serves(database: Database, index: str, query: Query) -> None:
    statements: list[str] = []
    await database.reader.raw.set_trace_callback(statements.append)
    await query(database)
    (statement,) = statements
    plan = await database.reader.fetch_all(f"EXPLAIN QUERY PLAN {statement}")
    assert any(index in row["detail"] for row in plan), [row["detail"] for row in plan]
