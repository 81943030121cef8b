"""The ledger: accounts that never pass their cap, entries that are never changed."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import JobId
from bot.domain.ledger import Account, Charge, EntryKind, Unit, close
from bot.storage.audit import imbalances
from bot.storage.balances import Imbalance
from bot.storage.database import Connection, Database, Value
from bot.storage.rows import to_ms


@dataclass(eq=False)
class CapReached(Exception):
    """A charge that would pass its cap; `used` is what was held and spent on that scope before."""

    charge: Charge
    used: int


class LedgerStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def hold(
        self, tx: Connection, job_id: JobId, charges: Iterable[Charge], at: datetime
    ) -> None:
        """Hold every charge or raise `CapReached` for the first that does not fit.

        Scopes are taken in sorted order, so that two writers on a server database cannot deadlock.
        """
        taken = sorted(charges)
        for charge in taken:
            await self._reserve(tx, charge)
        entries = [(charge.scope, EntryKind.HOLD, charge.amount) for charge in taken]
        await self._enter(tx, job_id, entries, at)

    async def settle(
        self,
        tx: Connection,
        job_id: JobId,
        costs: Mapping[Unit, int],
        at: datetime,
        *,
        only: Container[str] | None = None,
    ) -> None:
        """Close every hold of the job at its cost in each unit (absent: 0) and release the rest.

        `only` names the scopes to close, where others are closed already.
        """
        changes: list[dict[str, Value]] = []
        entries: list[tuple[str, EntryKind, int]] = []
        for row in await tx.all(
            """
            SELECT entry.scope, entry.amount, account.unit
            FROM entry JOIN account ON account.scope = entry.scope
            WHERE entry.job_id = :job_id AND entry.kind = 'hold'
            ORDER BY entry.scope
            """,
            {"job_id": job_id},
        ):
            if only is not None and row["scope"] not in only:
                continue
            scope, closing = row["scope"], close(row["amount"], costs.get(Unit(row["unit"]), 0))
            changes.append({"held": row["amount"], "spent": closing.settled, "scope": scope})
            entries.append((scope, EntryKind.SETTLE, closing.settled))
            entries.append((scope, EntryKind.RELEASE, closing.released))
        await tx.many(
            "UPDATE account SET held = held - :held, spent = spent + :spent WHERE scope = :scope",
            changes,
        )
        await self._enter(tx, job_id, [entry for entry in entries if entry[2]], at)

    async def account(self, scope: str, unit: Unit) -> Account:
        """Return the account of a scope; one that was never charged is empty."""
        row = await self._database.reader.one(
            "SELECT scope, unit, held, spent FROM account WHERE scope = :scope", {"scope": scope}
        )
        if row is None:
            return Account(scope, unit, 0, 0)
        return Account(row["scope"], Unit(row["unit"]), row["held"], row["spent"])

    async def charged(self, job_id: JobId, unit: Unit) -> Account | None:
        """Return the first account of this unit that a job was charged to."""
        row = await self._database.reader.one(
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

    async def audit(self) -> list[Imbalance]:
        """Compare every account with the sum of its entries and return the differences."""
        return await imbalances(self._database.reader)

    async def _reserve(self, tx: Connection, charge: Charge) -> None:
        held = await tx.one(
            """
            INSERT INTO account (scope, unit, cap, held)
            SELECT :scope, :unit, :cap, :amount WHERE :cap IS NULL OR :amount <= :cap
            ON CONFLICT (scope) DO UPDATE SET
                held = account.held + excluded.held, cap = excluded.cap
            WHERE excluded.cap IS NULL
               OR account.held + account.spent + excluded.held <= excluded.cap
            RETURNING held
            """,
            {
                "scope": charge.scope,
                "unit": charge.unit,
                "cap": charge.cap,
                "amount": charge.amount,
            },
        )
        if held is None:
            row = await tx.one(
                "SELECT held + spent AS used FROM account WHERE scope = :scope",
                {"scope": charge.scope},
            )
            raise CapReached(charge, row["used"] if row else 0)

    async def _enter(
        self,
        tx: Connection,
        job_id: JobId,
        entries: Iterable[tuple[str, EntryKind, int]],
        at: datetime,
    ) -> None:
        await tx.many(
            """
            INSERT INTO entry (job_id, scope, kind, amount, at)
            VALUES (:job_id, :scope, :kind, :amount, :at)
            """,
            [
                {"job_id": job_id, "scope": scope, "kind": kind, "amount": amount, "at": to_ms(at)}
                for scope, kind, amount in entries
            ],
        )
