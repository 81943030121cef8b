"""Orders whose picture was read and then not used: refused, or cancelled. They cost nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from bot.clock import Clock
from bot.domain.errors import Refusal
from bot.domain.ids import UserId
from bot.errors import FreeWorkLimit, FreeWorkRefused
from bot.services.free_work.allowance import Allowances, Work
from bot.storage.repositories.jobs import JobSuperseded


class UnusedReadings:
    """Limit the pictures that are read for a member's orders and not used: 10, then one every 6 s.

    It is apart from free work, so that previews take nothing from orders.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._allowances = Allowances()

    @contextmanager
    def count_reading(self, user: UserId) -> Iterator[bool]:
        """Read a picture within the block; count it if the order is refused or cancelled.

        Yields False if another picture of the member was read and not used in the last seconds.
        Raises `FreeWorkRefused` if that happened too often.
        """
        now = self._clock.monotonic()
        seconds = self._allowances.find_wait(user, Work.RENDER, now)
        if seconds:
            again = self._clock.now() + timedelta(seconds=seconds)
            raise FreeWorkRefused(FreeWorkLimit.RATE, again)
        try:
            yield self._allowances.is_full(user, now)
        except (Refusal, JobSuperseded):
            self._allowances.take_tokens(user, Work.RENDER, self._clock.monotonic())
            raise
