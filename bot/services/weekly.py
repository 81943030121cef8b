"""The best of each week, posted once in every guild that wants it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from bot.domain.ids import GuildId
from bot.errors import Transient
from bot.services.board import BoardClosed
from bot.services.gallery import Gallery

log = structlog.get_logger(__name__)

_EVERY: Final = 600.0
"""Seconds between two looks at the calendar."""
_WEEK: Final = timedelta(days=7)
_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Weekly:
    gallery: Gallery

    async def run(self) -> None:
        """Post what is due, until cancelled."""
        while True:
            for guild in await self.gallery.rankings.weekly_guilds():
                try:
                    await self.post(guild)
                except (BoardClosed, Transient) as error:
                    log.warning("best of the week not posted", guild_id=guild, reason=str(error))
            await self.gallery.clock.sleep(_EVERY)

    async def post(self, guild: GuildId) -> bool:
        """Post the best of the week before this one, by the guild's calendar; say whether it was.

        Who turns it on gets the first with the next week. Posted first and noted then: a repeated
        post within minutes returns the first message.
        """
        settings, now = await self.gallery.guilds.get(guild), self.gallery.clock.now()
        name = _week(now - _WEEK, settings.zone)
        rankings, channel = self.gallery.rankings, settings.gallery_channel
        if channel is None or settings.gallery_frozen or await rankings.was_told(guild, name):
            return False
        changed = await rankings.weekly_changed_at(guild)
        if changed is not None and _week(changed, settings.zone) == _week(now, settings.zone):
            return False
        best = await rankings.best(guild, now - _WEEK, _MOST)
        if best:
            await self.gallery.board.announce(guild, channel, best, f"w{guild % 10**12}{name}")
        return await rankings.tell_week(guild, name, now) and bool(best)


def _week(at: datetime, zone: ZoneInfo) -> str:
    """Name the calendar week of a moment, as ISO 8601 does."""
    year, week, _ = at.astimezone(zone).isocalendar()
    return f"{year}-W{week:02}"
