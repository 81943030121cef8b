"""An export lists every column of every table about a member, or the reason for not doing so."""

from __future__ import annotations

from typing import Final

from bot.domain.ids import UserId
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.members.records import RECORD_KINDS, MemberRecordStore
from bot.storage.sqlite.database import Database
from tests.support.job_builders import build_job

WHOLE: Final = "*"
OTHERS: Final = "another person's ID"
NOT_EXPORTED: Final = {
    ("job", "reply_token"): "a secret of at most 15 minutes, deleted when the order ends",
    ("job", "owner"): "which process works on the order",
    ("job", "lease_until"): "which process works on the order",
    ("report", "closed_by"): OTHERS,
    ("block", "by_id"): OTHERS,
    ("personal_grant", "granted_by"): OTHERS,
    ("approval", "decided_by"): OTHERS,
    ("fact", WHOLE): "what the program remembers of itself",
    ("guild_setting", WHOLE): "a server's settings: roles, channels and words, nobody's ID",
    ("guild_day", WHOLE): "the days that a server was charged for",
    ("pause", WHOLE): "why the whole bot takes no orders",
    ("best_of", WHOLE): "the weeks whose best pictures a server has posted",
    ("pending_file", WHOLE): "hashes of files under way, for a day: nobody's ID",
    ("stay", WHOLE): "the servers that the bot is in",
}


async def list_columns(database: Database) -> set[tuple[str, str]]:
    rows = await database.reader.fetch_all(
        """
        SELECT m.name AS tbl, c.name AS col FROM sqlite_master AS m, pragma_table_info(m.name) AS c
        WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
        """
    )
    return {(row["tbl"], row["col"]) for row in rows}


async def test_every_column_is_exported_or_has_a_reason_not_to_be(database: Database) -> None:
    columns = await list_columns(database)
    exported = {(kind.table, column) for kind in RECORD_KINDS for column in kind.columns}
    assert exported <= columns
    whole = {table for table, column in NOT_EXPORTED if column == WHOLE}
    reasons = {key for key in NOT_EXPORTED if key[1] != WHOLE}
    assert reasons <= columns - exported, "a reason for a column that is exported, or is none"
    assert whole <= {table for table, _ in columns} - {kind.table for kind in RECORD_KINDS}
    unnamed = {key for key in columns - exported - reasons if key[0] not in whole}
    assert unnamed == set(), "a new column: add it to RECORD_KINDS, or name the reason here"


async def test_only_the_members_own_rows_are_listed(database: Database) -> None:
    async with database.write() as tx:
        await JobStore(database).insert_job(tx, build_job(1))
    store = MemberRecordStore(database)
    own = await store.list_records(UserId(30))
    assert [row["id"] for row in own["orders"]] == ["job1"]
    assert [row["target"] for row in own["order_steps"]] == ["reserved"]
    others = await store.list_records(UserId(3))  # also where an ID is the beginning of another
    assert {name: rows for name, rows in others.items() if rows} == {}
