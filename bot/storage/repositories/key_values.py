"""Named values that the program keeps between runs."""

from __future__ import annotations

from bot.storage.sqlite.database import Store


class KeyValueStore(Store):
    async def get(self, name: str) -> str | None:
        sql = "SELECT value FROM fact WHERE name = :name"
        row = await self._reader.fetch_one(sql, {"name": name})
        return None if row is None else str(row["value"])

    async def set(self, name: str, value: str) -> None:
        await self._execute(
            """
            INSERT INTO fact (name, value) VALUES (:name, :value)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """,
            {"name": name, "value": value},
        )
