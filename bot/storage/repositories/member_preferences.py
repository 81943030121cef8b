"""Members' preferences and reports, across all guilds."""

from __future__ import annotations

from datetime import datetime

from bot.domain.ids import UserId
from bot.storage.sqlite.database import Store
from bot.storage.sqlite.row_mapping import to_ms


class MemberPreferenceStore(Store):
    async def has_opted_out(self, user: UserId) -> bool:
        """Return whether the member forbids others to expand their pictures."""
        return await self._has_row("SELECT 1 FROM opt_out WHERE user_id = :user", {"user": user})

    async def opt_out(self, user: UserId, now: datetime) -> None:
        await self._execute(
            """
            INSERT INTO opt_out (user_id, since) VALUES (:user, :at)
            ON CONFLICT (user_id) DO NOTHING
            """,
            {"user": user, "at": to_ms(now)},
        )

    async def opt_in(self, user: UserId) -> None:
        await self._execute("DELETE FROM opt_out WHERE user_id = :user", {"user": user})
