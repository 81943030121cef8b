"""Files whose rows are yet to be written, and stored files that no row names."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Final

from bot.clock import Clock
from bot.domain.ids import Digest
from bot.storage.sqlite.database import Columns, Database, Store
from bot.storage.sqlite.row_mapping import ENDED_SQL, to_ms

_UNNAMED_SQL: Final = f"""
    SELECT value AS digest FROM json_each(:digests) AS stored
    WHERE NOT EXISTS (
        SELECT 1 FROM file_use JOIN job ON job.id = file_use.job_id
        WHERE file_use.digest = stored.value
          AND (job.state NOT IN ({ENDED_SQL})
               OR job.id NOT IN (SELECT job_id FROM removal)))
    AND NOT EXISTS (
        SELECT 1 FROM job WHERE job.state NOT IN ({ENDED_SQL})
        AND instr(job.ordered, stored.value) > 0)
    AND NOT EXISTS (
        SELECT 1 FROM draft WHERE draft.created_at >= :since
        AND (draft.file = stored.value OR instr(draft.body, stored.value) > 0))
    AND NOT EXISTS (
        SELECT 1 FROM pending_file
        WHERE pending_file.digest = stored.value AND pending_file.at >= :since)
"""  # noqa: S608 - the states are our own


class PendingFileStore(Store):
    """Record digests before their files are stored; `clock` dates them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database)
        self._clock = clock

    async def record_digest(self, digest: Digest) -> None:
        """Record that a file is about to be stored, or used again; safe to repeat."""
        await self._execute(
            """
            INSERT INTO pending_file (digest, at) VALUES (:digest, :at)
            ON CONFLICT (digest) DO UPDATE SET at = excluded.at
            """,
            {"digest": digest, "at": to_ms(self._clock.now())},
        )

    async def delete_unnamed(
        self,
        digests: Collection[Digest],
        since: datetime,
        delete: Callable[[Sequence[Digest]], Awaitable[None]],
    ) -> Sequence[Digest]:
        """Call `delete` with those files that no row names, and return them.

        Digests recorded and drafts made since `since` count as rows. `delete` runs under the write
        lock: whoever needs such a file recorded its digest before, so that it stays, or records it
        afterwards and stores the file again.
        """
        async with self.write() as tx:
            values: Columns = {"digests": json.dumps(sorted(digests)), "since": to_ms(since)}
            found = [Digest(row["digest"]) for row in await tx.fetch_all(_UNNAMED_SQL, values)]
            await delete(found)
        return found

    async def forget_before(self, before: datetime) -> None:
        """Forget digests recorded before a time: their rows were written, or never will be."""
        await self._execute(
            "DELETE FROM pending_file WHERE at < :before", {"before": to_ms(before)}
        )
