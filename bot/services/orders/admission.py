"""Admission: pauses, the kill switch file, free disk space, queue limits and paused members."""

from __future__ import annotations

import asyncio
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from bot.clock import Clock
from bot.config.settings import LimitSettings
from bot.domain.errors import Refusal
from bot.domain.ids import JobId, UserId
from bot.domain.ledger import CountLimit, CountUse
from bot.domain.moderation import STRIKE_LIMIT, STRIKE_RETENTION, find_pause_end
from bot.errors import (
    IntakePaused,
    MemberPaused,
    PauseReason,
    QueueFull,
    StorageLow,
    StorageUnavailable,
    SubmissionsPaused,
)
from bot.services.pictures.reading_strikes import ReadingStrikes
from bot.storage.disk.reserve_file import ReserveFile
from bot.storage.repositories.billing.admission import OPERATOR, PROVIDER, AdmissionStore, Pause
from bot.storage.sqlite.database import Connection

log = structlog.get_logger(__name__)

KILL_SWITCH_FILE: Final = "PAUSED"
"""While the data folder has this file, nothing is accepted or submitted; its text is the reason."""
_LOOK_SECONDS: Final = 0.5
_REASON_LENGTH: Final = 200
_PROVIDER_PAUSE: Final = timedelta(minutes=10)
"""How long new orders are refused after the provider refused the API key or the balance."""


class AdmissionControl:
    """Refuse new orders and submissions; submitted jobs are never stopped."""

    def __init__(
        self,
        store: AdmissionStore,
        limits: LimitSettings,
        clock: Clock,
        data_dir: Path,
        *,
        min_free: int = 0,
        reserve: int = 0,
    ) -> None:
        self.store = store
        self._reading_strikes = ReadingStrikes(store, clock)
        self._limits = limits
        self._clock = clock
        self._data_dir = data_dir
        self._min_free = min_free
        self._reserve = ReserveFile(data_dir, reserve)
        self._reserve_size = reserve
        self._file_reason: str | None = None
        self._free_bytes = min_free
        self._stopping = False
        self._was_paused = False

    @property
    def has_room(self) -> bool:
        """Return whether the disk has room for new jobs."""
        return self._free_bytes >= self._min_free

    async def check_admission(self, tx: Connection, user: UserId, now: datetime) -> None:
        """Raise a `Refusal` if a member's new job may not be accepted.

        Call it in the accepting transaction, after the job was inserted: the queue counts it.
        """
        await self._check_pause(tx, now)
        if not self.has_room:
            raise self._build_storage_refusal()
        await self._check_strikes(tx, user, now)
        await self._check_queue(tx, user)

    async def list_refusals(self, user: UserId, now: datetime) -> list[Refusal]:
        """Return why a member's next job would be refused, without the limits of the queue."""
        reader, found = self.store.reader, list[Refusal]()
        for check in (self._check_pause(reader, now), self._check_strikes(reader, user, now)):
            try:
                await check
            except Refusal as refusal:
                found.append(refusal)
        return found if self.has_room else [*found, self._build_storage_refusal()]

    async def list_queue_usage(self, user: UserId) -> list[CountUse]:
        """Return how many orders of a member and of all are open, with one more of the member."""
        count, limits = await self.store.count_open_jobs(self.store.reader, user), self._limits
        own = limits.running_per_user + limits.waiting_per_user
        return [
            CountUse(CountLimit.USER_ORDERS, 1, count.own, own),
            CountUse(CountLimit.ALL_ORDERS, 1, count.total, limits.queue),
        ]

    async def check_member(self, user: UserId) -> None:
        """Raise `MemberPaused` or `ReadingPaused` after too many strikes."""
        await self._check_strikes(self.store.reader, user, self._clock.now())

    async def _check_queue(self, tx: Connection, user: UserId) -> None:
        count = await self.store.count_open_jobs(tx, user)
        own = self._limits.running_per_user + self._limits.waiting_per_user
        if count.own > own:
            raise QueueFull(count.own - 1, own, own=True)
        if count.total > self._limits.queue:
            raise QueueFull(count.total - 1, self._limits.queue, own=False)

    async def _check_pause(self, tx: Connection, now: datetime) -> None:
        pause = await self._find_pause(tx, now)
        if pause is not None:
            raise IntakePaused(pause.reason, pause.until)

    def _build_storage_refusal(self) -> StorageLow:
        return StorageLow(self._free_bytes, self._min_free)

    async def is_kill_switch_on(self) -> bool:
        """Return whether the kill switch is on: accepted jobs must not be submitted either."""
        pauses = await self.store.list_pauses(self.store.reader, self._clock.now())
        return self._file_reason is not None or any(pause.name == OPERATOR for pause in pauses)

    async def check_submissions(self) -> None:
        """Raise `SubmissionsPaused` while the kill switch is on."""
        if await self.is_kill_switch_on():
            raise SubmissionsPaused("the kill switch is on")

    async def pause_orders(self, reason: str, until: datetime | None = None) -> None:
        """Turn the kill switch on: accept and submit nothing; submitted jobs go on."""
        await self.store.save_pause(Pause(OPERATOR, reason, self._clock.now(), until))

    async def resume_orders(self) -> bool:
        """Turn the kill switch off and delete its file; return whether it was on."""
        path = self._data_dir / KILL_SWITCH_FILE
        had_file = await asyncio.to_thread(path.exists)
        await asyncio.to_thread(path.unlink, missing_ok=True)
        self._file_reason = None
        had_pause = await self.store.delete_pauses()
        return had_file or had_pause

    async def pause_for_provider(self, code: str) -> None:
        """Pause new orders because the provider refused the API key or the balance.

        Accepted jobs go on, so that each member gets an answer.
        """
        now = self._clock.now()
        log.error("intake paused: the provider refuses the account", code=code)
        await self.store.save_pause(Pause(PROVIDER, code, now, now + _PROVIDER_PAUSE))

    async def record_strike(self, tx: Connection, job_id: JobId, user: UserId) -> None:
        """Record that the provider's moderation refused a member's order."""
        await self.store.record_strike(tx, job_id, user, self._clock.now())

    def stop_accepting(self) -> None:
        """Refuse new orders from now on, because the process is stopping."""
        self._stopping = True

    async def check_disk(self) -> None:
        """Read the kill switch file and the free disk space once."""
        reason, self._free_bytes = await asyncio.to_thread(self._read_disk)
        await asyncio.to_thread(self._update_reserve)
        self._file_reason = reason

    async def run(self) -> None:
        """Check disk and pauses twice a second until cancelled; log when orders stop and resume."""
        while True:
            try:
                await self.check_disk()
                await self._log_pause()
            except (OSError, StorageUnavailable) as error:
                log.warning("data folder can't be read", error=str(error))
            await self._clock.sleep(_LOOK_SECONDS)

    async def _log_pause(self) -> None:
        """Log whoever pauses and resumes: commands, the file, the provider, or the time."""
        if self._stopping:
            return
        pause = await self._find_pause(self.store.reader, self._clock.now())
        if pause is not None and not self._was_paused:
            log.warning("new orders are paused", by=pause.name, until=str(pause.until or ""))
        elif pause is None and self._was_paused:
            log.info("new orders are accepted again")
        self._was_paused = pause is not None

    async def _find_pause(self, tx: Connection, now: datetime) -> Pause | None:
        if self._stopping:
            return Pause(OPERATOR, PauseReason.STOPPING, now, None)
        if self._file_reason is not None:
            return Pause(OPERATOR, self._file_reason, now, None)
        return next(iter(await self.store.list_pauses(tx, now)), None)

    async def _check_strikes(self, tx: Connection, user: UserId, now: datetime) -> None:
        until = find_pause_end(await self.store.list_strikes(tx, user, now - STRIKE_RETENTION))
        if until is not None and until > now:
            raise MemberPaused(STRIKE_LIMIT, until)
        await self._reading_strikes.check_member(user, tx)

    def _update_reserve(self) -> None:
        """Delete the reserve file if the disk is nearly full; create it again if there is space."""
        if self._free_bytes < self._reserve_size // 2:
            if self._reserve.free_space():
                log.error("disk nearly full: the reserve was given up", free=self._free_bytes)
        elif self._free_bytes > self._min_free + 2 * self._reserve_size:
            self._reserve.allocate_space()

    def _read_disk(self) -> tuple[str | None, int]:
        free = shutil.disk_usage(self._data_dir).free
        try:
            path = self._data_dir / KILL_SWITCH_FILE
            with path.open(encoding="utf-8", errors="replace") as file:
                return " ".join(file.read(_REASON_LENGTH).split()), free
        except FileNotFoundError:
            return None, free
