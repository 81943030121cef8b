"""Usage counters of a guild by day, member and channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from bot.domain.ids import ChannelId, GuildId, UserId
from bot.domain.ledger import UsageReport, UsageTotals
from bot.domain.money import MicroUsd
from bot.domain.order import Origin
from bot.storage.sqlite.database import Columns, Connection, Row, Store, Value


class UsageStore(Store):
    async def add_tally(
        self, tx: Connection, origin: Origin, day: date, tally: UsageTotals
    ) -> None:
        """Add to a member's counters, in the transaction that causes the change."""
        key: Columns = {
            "guild": origin.guild_id,
            "day": day.isoformat(),
            "user": origin.user_id,
            "channel": origin.channel_id,
        }
        await tx.execute(
            """
            INSERT INTO usage_day (guild_id, day, user_id, channel_id,
                                   results, failures, refusals, cost)
            VALUES (:guild, :day, :user, :channel, :results, :failures, :refusals, :cost)
            ON CONFLICT (guild_id, day, user_id, channel_id) DO UPDATE SET
                results = usage_day.results + excluded.results,
                failures = usage_day.failures + excluded.failures,
                refusals = usage_day.refusals + excluded.refusals,
                cost = usage_day.cost + excluded.cost
            """,
            {**key, **asdict(tally)},
        )

    async def build_report(self, guild: GuildId, first: date, last: date) -> UsageReport:
        """Return a guild's usage from the first to the last day, inclusive."""
        span: Columns = {
            "guild": guild,
            "first": first.isoformat(),
            "last": last.isoformat(),
        }
        days = await self._query_sums("day", span)
        channels = await self._query_sums("channel_id", span)
        members = await self._query_members(span)
        return UsageReport(
            {date.fromisoformat(row["key"]): _decode_tally(row) for row in days},
            {UserId(row["key"]): _decode_tally(row) for row in members},
            {ChannelId(row["key"]): _decode_tally(row) for row in channels},
            {UserId(row["key"]): row["name"] for row in members if row["name"]},
        )

    async def _query_members(self, span: Mapping[str, Value]) -> list[Row]:
        """Return the sums of members, with each one's name in their last order."""
        return await self._reader.fetch_all(
            f"""
            SELECT active.*, (
                SELECT user_name FROM job
                WHERE job.guild_id = :guild AND job.user_id = active.key
                ORDER BY created_at DESC LIMIT 1
            ) AS name
            FROM ({_build_sums_sql("user_id")}) AS active ORDER BY cost DESC, results DESC, key
            """,  # noqa: S608 - a column's name of our own
            span,
        )

    async def _query_sums(self, column: str, span: Mapping[str, Value]) -> list[Row]:
        sql = f"{_build_sums_sql(column)} ORDER BY cost DESC, results DESC, key"
        return await self._reader.fetch_all(sql, span)


def _build_sums_sql(column: str) -> str:
    """Return the query that sums a guild's counters by one column."""
    return f"""
        SELECT {column} AS key, SUM(results) AS results, SUM(failures) AS failures,
               SUM(refusals) AS refusals, SUM(cost) AS cost
        FROM usage_day WHERE guild_id = :guild AND day >= :first AND day <= :last
        GROUP BY {column}
    """  # noqa: S608 - one of our own columns


def _decode_tally(row: Row) -> UsageTotals:
    return UsageTotals(row["results"], row["failures"], row["refusals"], MicroUsd(row["cost"]))
