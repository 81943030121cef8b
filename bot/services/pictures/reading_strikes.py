"""Strikes for pictures that crash an image worker or exceed its time."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from bot.clock import Clock
from bot.domain.ids import UserId
from bot.domain.moderation import STRIKE_LIMIT, STRIKE_RETENTION, find_pause_end
from bot.errors import ReadingPaused
from bot.storage.repositories.billing.admission import AdmissionStore
from bot.storage.sqlite.database import Connection

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ReadingStrikes:
    """Pause members whose pictures ended image workers, by the same rules as content refusals."""

    store: AdmissionStore
    clock: Clock

    async def record_strike(self, user: UserId) -> None:
        """Record that a member's picture ended a worker."""
        log.warning("picture ended a worker", user_id=user)
        await self.store.record_reading_strike(user, self.clock.now())

    async def delete_expired(self) -> None:
        """Delete the strikes that no longer count."""
        await self.store.delete_reading_strikes(self.clock.now() - STRIKE_RETENTION)

    async def check_member(self, user: UserId, tx: Connection | None = None) -> None:
        """Raise `ReadingPaused` while a member's pictures are not read."""
        now, source = self.clock.now(), tx or self.store.reader
        strikes = await self.store.list_reading_strikes(source, user, now - STRIKE_RETENTION)
        until = find_pause_end(strikes)
        if until is not None and until > now:
            raise ReadingPaused(STRIKE_LIMIT, until)
