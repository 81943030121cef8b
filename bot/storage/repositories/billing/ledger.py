"""The ledger: accounts with limits, and append-only entries."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import JobId
from bot.domain.ledger import (
    DAILY_QUOTA_PATTERN,
    Account,
    Charge,
    EntryKind,
    LedgerUnit,
    close_hold,
)
from bot.storage.repositories.billing.ledger_audit import audit_accounts
from bot.storage.sqlite.database import Columns, Connection, Store
from bot.storage.sqlite.ledger_balances import Imbalance
from bot.storage.sqlite.row_mapping import to_ms


@dataclass(eq=False)
class LimitReached(Exception):
    """A charge would exceed its limit; `used` is what was already held and spent on its scope."""

    charge: Charge
    used: int


class LedgerStore(Store):
    async def hold_charges(
        self, tx: Connection, job_id: JobId, charges: Iterable[Charge], now: datetime
    ) -> None:
        """Hold every charge, or raise `LimitReached` for the first that does not fit."""
        # by scope: on a server database two writers then lock rows in the same order
        taken = sorted(charges)
        if not taken:
            return
        granted = await self._hold_fitting(tx, taken)
        for charge in taken:
            if charge.scope not in granted:
                raise LimitReached(charge, await self._get_used(tx, charge.scope))
        entries = [(charge.scope, EntryKind.HOLD, charge.amount) for charge in taken]
        await self._insert_entries(tx, job_id, entries, now)

    async def settle_job(
        self,
        tx: Connection,
        job_id: JobId,
        costs: Mapping[LedgerUnit, int],
        now: datetime,
        *,
        only_scopes: Container[str] | None = None,
    ) -> None:
        """Settle each hold of the job at its cost in that unit (default 0) and release the rest.

        `only_scopes` names the scopes to settle if others are settled already.
        """
        changes: list[Columns] = []
        entries: list[tuple[str, EntryKind, int]] = []
        for row in await tx.fetch_all(
            """
            SELECT entry.scope, entry.amount, account.unit
            FROM entry JOIN account ON account.scope = entry.scope
            WHERE entry.job_id = :job_id AND entry.kind = 'hold'
            ORDER BY entry.scope
            """,
            {"job_id": job_id},
        ):
            if only_scopes is not None and row["scope"] not in only_scopes:
                continue
            scope, cost = row["scope"], costs.get(LedgerUnit(row["unit"]), 0)
            closing = close_hold(row["amount"], cost)
            changes.append({"held": row["amount"], "spent": closing.settled, "scope": scope})
            entries.append((scope, EntryKind.SETTLE, closing.settled))
            entries.append((scope, EntryKind.RELEASE, closing.released))
        await tx.execute_many(
            "UPDATE account SET held = held - :held, spent = spent + :spent WHERE scope = :scope",
            changes,
        )
        # a repeat fails here: the primary key allows one entry of each kind per job and scope
        await self._insert_entries(tx, job_id, [entry for entry in entries if entry[2]], now)

    async def refund_results(self, tx: Connection, job_id: JobId, now: datetime) -> int:
        """Give a job's pictures back to the member's daily quota, once; return how many.

        Money stays spent, and the operator's ceiling stays used. Returns 0 if nothing was settled
        or it was refunded before.
        """
        row = await tx.fetch_one(
            """
            SELECT entry.scope, entry.amount FROM entry
            JOIN account ON account.scope = entry.scope AND account.unit = 'result'
            WHERE entry.job_id = :job_id AND entry.kind = 'settle'
              AND entry.scope LIKE :daily AND NOT EXISTS (
                SELECT 1 FROM entry AS earlier WHERE earlier.job_id = entry.job_id
                AND earlier.scope = entry.scope AND earlier.kind = 'adjust')
            """,
            {"job_id": job_id, "daily": DAILY_QUOTA_PATTERN},
        )
        if row is None:
            return 0
        await self._insert_entries(
            tx, job_id, [(row["scope"], EntryKind.ADJUST, -row["amount"])], now
        )
        await tx.execute(
            "UPDATE account SET spent = spent - :amount WHERE scope = :scope",
            {"amount": row["amount"], "scope": row["scope"]},
        )
        return int(row["amount"])

    async def get_account(self, scope: str, unit: LedgerUnit) -> Account:
        """Return the account of a scope, empty if it was never charged."""
        row = await self._reader.fetch_one(
            "SELECT scope, unit, held, spent FROM account WHERE scope = :scope", {"scope": scope}
        )
        if row is None:
            return Account(scope, unit, 0, 0)
        return Account(row["scope"], LedgerUnit(row["unit"]), row["held"], row["spent"])

    async def find_charged_account(self, job_id: JobId, unit: LedgerUnit) -> Account | None:
        """Return the first account of this unit, by scope, that a job was charged to."""
        row = await self._reader.fetch_one(
            """
            SELECT account.scope, account.held, account.spent, account.cap
            FROM entry JOIN account ON account.scope = entry.scope
            WHERE entry.job_id = :job_id AND entry.kind = 'hold' AND account.unit = :unit
            ORDER BY entry.scope
            """,
            {"job_id": job_id, "unit": unit},
        )
        if row is None:
            return None
        return Account(row["scope"], unit, row["held"], row["spent"], row["cap"])

    async def find_imbalances(self) -> list[Imbalance]:
        """Return the accounts that differ from the sum of their entries."""
        return await audit_accounts(self._reader)

    async def _hold_fitting(self, tx: Connection, charges: Sequence[Charge]) -> frozenset[str]:
        """Hold every charge that fits, in one statement, and return their scopes.

        The limit is part of the statement, so no concurrent charge can slip past it.
        """
        values: Columns = {}
        for n, charge in enumerate(charges):
            values |= {f"scope{n}": charge.scope, f"unit{n}": charge.unit}
            values |= {f"cap{n}": charge.limit, f"amount{n}": charge.amount}
        rows = ", ".join(f"(:scope{n}, :unit{n}, :cap{n}, :amount{n})" for n in range(len(charges)))
        fitting = await tx.fetch_all(
            f"""
            INSERT INTO account (scope, unit, cap, held)
            SELECT column1, column2, column3, column4 FROM (VALUES {rows}) AS charge
            WHERE column3 IS NULL OR column4 <= column3
            ON CONFLICT (scope) DO UPDATE SET
                held = account.held + excluded.held, cap = excluded.cap
            WHERE excluded.cap IS NULL
               OR account.held + account.spent + excluded.held <= excluded.cap
            RETURNING scope
            """,  # noqa: S608 - names of parameters
            values,
        )
        return frozenset(row["scope"] for row in fitting)

    async def _get_used(self, tx: Connection, scope: str) -> int:
        row = await tx.fetch_one(
            "SELECT held + spent AS used FROM account WHERE scope = :scope", {"scope": scope}
        )
        return row["used"] if row else 0

    async def _insert_entries(
        self,
        tx: Connection,
        job_id: JobId,
        entries: Iterable[tuple[str, EntryKind, int]],
        now: datetime,
    ) -> None:
        await tx.execute_many(
            """
            INSERT INTO entry (job_id, scope, kind, amount, at)
            VALUES (:job_id, :scope, :kind, :amount, :at)
            """,
            [
                {"job_id": job_id, "scope": scope, "kind": kind, "amount": amount, "at": to_ms(now)}
                for scope, kind, amount in entries
            ],
        )
