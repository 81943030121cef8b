"""The door: pauses, the kill switch's file, room on the disk, the queue, and members on hold."""

from __future__ import annotations

import asyncio
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from bot.clock import Clock
from bot.config import LimitSettings
from bot.domain.ids import JobId, UserId
from bot.domain.strikes import MANY, REMEMBERED, paused_until
from bot.errors import IntakePaused, MemberPaused, QueueFull, Refusal, StorageLow, SubmissionsPaused
from bot.storage.database import Connection
from bot.storage.intake import OPERATOR, PROVIDER, IntakeStore, Pause
from bot.storage.reserve import Reserve

log = structlog.get_logger(__name__)

FILE: Final = "PAUSED"
"""Make this file in the data folder, and nothing new is accepted or submitted; its text is why."""
_LOOK_SECONDS: Final = 0.5
_REASON_LENGTH: Final = 200
_PROVIDER_PAUSE: Final = timedelta(minutes=10)
"""How long the intake rests after the provider refused the key or the balance; then one tries."""


class Intake:
    """Say no to new work; what is under way is never touched."""

    def __init__(
        self,
        store: IntakeStore,
        limits: LimitSettings,
        clock: Clock,
        data_dir: Path,
        *,
        min_free: int = 0,
        reserve: int = 0,
    ) -> None:
        self.store = store
        self._limits = limits
        self._clock = clock
        self._data_dir = data_dir
        self._min_free = min_free
        self._reserve = Reserve(data_dir, reserve)
        self._reserve_size = reserve
        self._by_file: str | None = None
        self._free = min_free
        self._stopping = False

    @property
    def has_room(self) -> bool:
        """Say whether the disk has room for new work."""
        return self._free >= self._min_free

    async def admit(self, tx: Connection, user: UserId, at: datetime) -> None:
        """Raise the `Refusal` that stands against one more job of a member, if there is one.

        Called in the accepting transaction, with the job's own row in the queue already.
        """
        pause = await self._pause(tx, at)
        if pause is not None:
            raise IntakePaused(pause.reason, pause.until)
        if not self.has_room:
            raise StorageLow(self._free, self._min_free)
        await self._check_member(tx, user, at)
        await self._check_queue(tx, user)

    async def would_refuse(self, user: UserId, at: datetime) -> Refusal | None:
        """Return what stands against one more job of a member, without making one."""
        try:
            await self.admit(self.store.reader, user, at)
            await self._check_queue(self.store.reader, user, more=1)
        except Refusal as refusal:
            return refusal
        return None

    async def _check_queue(self, tx: Connection, user: UserId, *, more: int = 0) -> None:
        count = await self.store.open_jobs(tx, user)
        own = self._limits.running_per_user + self._limits.waiting_per_user
        if count.own + more > own:
            raise QueueFull(count.own + more - 1, own, own=True)
        if count.all + more > self._limits.queue:
            raise QueueFull(count.all + more - 1, self._limits.queue, own=False)

    async def stopped(self) -> bool:
        """Say whether even accepted jobs must not be submitted: the kill switch is on."""
        pauses = await self.store.pauses(self.store.reader, self._clock.now())
        return self._by_file is not None or any(pause.name == OPERATOR for pause in pauses)

    async def check_submissions(self) -> None:
        """Raise `SubmissionsPaused` while the kill switch is on."""
        if await self.stopped():
            raise SubmissionsPaused("the kill switch is on")

    async def pause(self, reason: str, until: datetime | None = None) -> None:
        """Turn the kill switch on: accept nothing, submit nothing, finish what is under way."""
        log.warning("intake paused by the operator", reason=reason)
        await self.store.pause(Pause(OPERATOR, reason, self._clock.now(), until))

    async def resume(self) -> bool:
        """Turn it off, the file too; return whether it was on."""
        path = self._data_dir / FILE
        had_file = await asyncio.to_thread(path.exists)
        await asyncio.to_thread(path.unlink, missing_ok=True)
        self._by_file = None
        had_pause = await self.store.resume()
        return had_file or had_pause

    async def provider_refused(self, code: str) -> None:
        """Rest the intake: the provider takes no key or no money; the operator is told by the log.

        What was accepted before goes on, so that each of those jobs is told what is wrong.
        """
        now = self._clock.now()
        log.error("intake paused: the provider refuses the account", code=code)
        await self.store.pause(Pause(PROVIDER, code, now, now + _PROVIDER_PAUSE))

    async def strike(self, tx: Connection, job_id: JobId, user: UserId) -> None:
        """Count a refusal by moderation against a member."""
        await self.store.strike(tx, job_id, user, self._clock.now())

    def stop(self) -> None:
        """Accept nothing more: the process is about to end."""
        self._stopping = True

    async def look(self) -> None:
        """Read the kill switch's file and the free space once."""
        reason, self._free = await asyncio.to_thread(self._on_disk)
        await asyncio.to_thread(self._keep_reserve)
        if (reason is None) != (self._by_file is None):
            log.warning("kill switch's file", there=reason is not None)
        self._by_file = reason

    async def run(self) -> None:
        """Look twice a second until cancelled, so that the file works within a second."""
        while True:
            try:
                await self.look()
            except OSError as error:
                log.warning("data folder cannot be looked at", error=str(error))
            await self._clock.sleep(_LOOK_SECONDS)

    async def _pause(self, tx: Connection, at: datetime) -> Pause | None:
        if self._stopping:
            return Pause(OPERATOR, "stopping", at, None)
        if self._by_file is not None:
            return Pause(OPERATOR, self._by_file, at, None)
        return next(iter(await self.store.pauses(tx, at)), None)

    async def _check_member(self, tx: Connection, user: UserId, at: datetime) -> None:
        until = paused_until(await self.store.strikes(tx, user, at - REMEMBERED))
        if until is not None and until > at:
            raise MemberPaused(MANY, until)

    def _keep_reserve(self) -> None:
        """Give the reserve up while the disk is nearly full, and take it again when it is not."""
        if self._free < self._reserve_size // 2:
            if self._reserve.give_up():
                log.error("disk nearly full: the reserve was given up", free=self._free)
        elif self._free > self._min_free + 2 * self._reserve_size:
            self._reserve.take()

    def _on_disk(self) -> tuple[str | None, int]:
        free = shutil.disk_usage(self._data_dir).free
        try:
            with (self._data_dir / FILE).open(encoding="utf-8", errors="replace") as file:
                return " ".join(file.read(_REASON_LENGTH).split()), free
        except FileNotFoundError:
            return None, free
