"""A guild's settings with the log of changes, and grants to single members."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from bot.domain.guild import (
    PERSONAL_SETTINGS,
    SETTINGS,
    GuildSettings,
    PersonalGrant,
    replace_settings,
)
from bot.domain.ids import PERSONAL_GUILD, GuildId, UserId
from bot.domain.moderation import SettingChange
from bot.storage.sqlite.database import Columns, Connection, Store
from bot.storage.sqlite.row_mapping import from_ms, from_ms_or_none, to_ms, to_ms_or_none

_SETTINGS: Final = TypeAdapter(GuildSettings)
_SET_SQL: Final = """
    INSERT INTO guild_setting (guild_id, name, value) VALUES (:guild, :name, :value)
    ON CONFLICT (guild_id, name) DO UPDATE SET value = excluded.value
"""
_RECORD_SQL: Final = """
    INSERT INTO guild_change (guild_id, actor_id, at, name, before, after)
    VALUES (:guild, :actor, :at, :name, :before, :value)
"""


class GuildSettingsStore(Store):
    async def get(self, guild: GuildId) -> GuildSettings:
        """Return the guild's settings, with defaults for those not set."""
        return await self.read_settings(self._reader, guild)

    async def read_settings(self, tx: Connection, guild: GuildId) -> GuildSettings:
        """Read the settings inside a transaction; those of `PERSONAL_GUILD` are fixed."""
        if guild == PERSONAL_GUILD:
            return PERSONAL_SETTINGS
        rows = await tx.fetch_all(
            "SELECT name, value FROM guild_setting WHERE guild_id = :guild", {"guild": guild}
        )
        # names that only another version knows are ignored
        values = {row["name"]: json.loads(row["value"]) for row in rows if row["name"] in SETTINGS}
        return _SETTINGS.validate_python(values)

    async def set_value(
        self, guild: GuildId, name: str, value: object, actor: UserId, now: datetime
    ) -> GuildSettings:
        """Change one setting and record who did; raise `SettingRefused` if it is invalid."""
        _, after = await self.change_values(guild, lambda _: {name: value}, actor, now)
        return after

    async def change_values(
        self,
        guild: GuildId,
        compute_values: Callable[[GuildSettings], Mapping[str, object]],
        actor: UserId,
        now: datetime,
    ) -> tuple[Sequence[str], GuildSettings]:
        """Change settings depending on the current ones; return changed names and all settings.

        Changes all or none; raises `SettingRefused` if any is invalid.
        """
        async with self.write() as tx:
            before = await self.read_settings(tx, guild)
            values = compute_values(before)
            after = replace_settings(before, values)
            names = []
            for name in values:
                old, new = _encode_value(before, name), _encode_value(after, name)
                if old == new:
                    continue
                names.append(name)
                row: Columns = {"guild": guild, "name": name, "value": new}
                await tx.execute(_SET_SQL, row)
                change: Columns = {"actor": actor, "at": to_ms(now), "before": old}
                await tx.execute(_RECORD_SQL, {**row, **change})
        return names, after

    async def list_changes(self, guild: GuildId, limit: int) -> list[SettingChange]:
        """Return the latest changes, newest first."""
        rows = await self._reader.fetch_all(
            """
            SELECT name, actor_id, at, before, after FROM guild_change
            WHERE guild_id = :guild ORDER BY id DESC LIMIT :limit
            """,
            {"guild": guild, "limit": limit},
        )
        return [
            SettingChange(
                row["name"], row["actor_id"], from_ms(row["at"]), row["before"], row["after"]
            )
            for row in rows
        ]

    async def add_grant(
        self, guild: GuildId, grant: PersonalGrant, actor: UserId, now: datetime
    ) -> None:
        """Grant a member an individual quota, replacing an earlier grant."""
        async with self.write() as tx:
            await self.insert_grant(tx, guild, grant, actor, now)

    async def insert_grant(
        self, tx: Connection, guild: GuildId, grant: PersonalGrant, actor: UserId, now: datetime
    ) -> None:
        """Do what `add_grant` does inside a transaction."""
        await tx.execute(
            """
            INSERT INTO personal_grant (guild_id, user_id, results_per_day, until,
                                        granted_by, granted_at)
            VALUES (:guild, :user, :results, :until, :actor, :at)
            ON CONFLICT (guild_id, user_id) DO UPDATE SET
                results_per_day = excluded.results_per_day, until = excluded.until,
                granted_by = excluded.granted_by, granted_at = excluded.granted_at
            """,
            {
                "guild": guild,
                "user": grant.user,
                "results": grant.results_per_day,
                "until": to_ms_or_none(grant.until),
                "actor": actor,
                "at": to_ms(now),
            },
        )

    async def delete_grant(self, tx: Connection, guild: GuildId, user: UserId) -> bool:
        """Delete a grant; return whether there was one."""
        sql = "DELETE FROM personal_grant WHERE guild_id = :guild AND user_id = :user"
        return bool(await tx.execute(sql, {"guild": guild, "user": user}))

    async def find_grant(
        self, tx: Connection, guild: GuildId, user: UserId, now: datetime
    ) -> PersonalGrant | None:
        """Return a member's grant, unless it has expired."""
        row = await tx.fetch_one(
            """
            SELECT results_per_day, until FROM personal_grant
            WHERE guild_id = :guild AND user_id = :user AND (until IS NULL OR until > :at)
            """,
            {"guild": guild, "user": user, "at": to_ms(now)},
        )
        if row is None:
            return None
        until = from_ms_or_none(row["until"])
        return PersonalGrant(user, row["results_per_day"], until)


def _encode_value(settings: GuildSettings, name: str) -> str:
    return json.dumps(_SETTINGS.dump_python(settings, mode="json")[name])
