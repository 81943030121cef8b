"""The query that compares every ledger account with the sum of its entries."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

BALANCES: Final = """
    SELECT account.scope, account.held, account.spent,
           COALESCE(SUM(CASE WHEN entry.kind IN ('settle', 'adjust')
                             THEN entry.amount ELSE 0 END), 0)
           + COALESCE((SELECT SUM(amount) FROM adjustment
                       WHERE adjustment.scope = account.scope AND what = 'spent'), 0) AS settled,
           COALESCE(SUM(CASE WHEN entry.kind = 'hold' AND NOT EXISTS (
                                 SELECT 1 FROM entry AS closing
                                 WHERE closing.job_id = entry.job_id
                                   AND closing.scope = entry.scope
                                   AND closing.kind IN ('settle', 'release'))
                             THEN entry.amount ELSE 0 END), 0)
           + COALESCE((SELECT SUM(amount) FROM adjustment
                       WHERE adjustment.scope = account.scope AND what = 'held'), 0) AS open
    FROM account LEFT JOIN entry ON entry.scope = account.scope
    WHERE :scope IS NULL OR account.scope = :scope
    GROUP BY account.scope, account.held, account.spent
"""


@dataclass(frozen=True, slots=True)
class Imbalance:
    """An account whose `what` (`held` or `spent`) differs from its entries."""

    scope: str
    what: str
    expected: int
    found: int


def compare_balances(rows: Iterable[sqlite3.Row]) -> list[Imbalance]:
    """Return the differences in the rows of `BALANCES`."""
    found = []
    for row in rows:
        found.append(Imbalance(row["scope"], "held", row["open"], row["held"]))
        found.append(Imbalance(row["scope"], "spent", row["settled"], row["spent"]))
    return [item for item in found if item.expected != item.found]
