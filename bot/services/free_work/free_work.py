"""Free work: one budget per member and one for all, in turns that are fair between members."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Final

from bot.clock import Clock
from bot.domain.ids import UserId
from bot.domain.order import Origin
from bot.errors import FreeWorkLimit, FreeWorkRefused
from bot.services.free_work.allowance import Allowances, Work
from bot.services.jobs.fair_queue import FairQueue, QueueEntry

_WAITING_PER_MEMBER: Final = 2
"""Requests of a member that may wait, beside the one that is worked on."""
_MAX_WAITING: Final = 60
"""Requests of all members that may wait: what two workers do in `_WAIT_SECONDS`."""
_WAIT_SECONDS: Final = 60.0
"""Longest wait for a turn."""
_WORK_SECONDS: Final = 120.0
"""Deadline of one request: enough for a download of 60 s and a worker's 20 s, and short enough for
the interaction's token, which is valid for 15 minutes."""
_RETRY_AFTER: Final = timedelta(seconds=30)
"""When to try again if too many requests wait."""


@dataclass(eq=False)
class Turn:
    """A member's turn; `started` is done when it begins."""

    started: asyncio.Future[bool]
    """True when the turn starts, False if another guild got its place in the queue."""
    clock: Clock

    def end_wait(self, *, is_served: bool) -> None:
        # a cancelled turn gives its place back when its block ends
        if not self.started.done():
            self.started.set_result(is_served)

    @asynccontextmanager
    async def start_work(self) -> AsyncIterator[None]:
        """Wait for the turn, then work in the block; raise `FreeWorkRefused` after a deadline."""
        deadline = asyncio.timeout(_WAIT_SECONDS)
        try:
            async with deadline:
                if not await self.started:
                    raise _build_refusal(self.clock)
                deadline.reschedule(asyncio.get_running_loop().time() + _WORK_SECONDS)
                yield
        except TimeoutError:
            if not deadline.expired():
                raise
            raise _build_refusal(self.clock) from None


class FreeWork:
    """Limit free work by member and in total, and give turns.

    `places` is how many requests run at the same time, each from before its file is fetched until
    its answer is sent: it bounds the memory.
    """

    def __init__(self, clock: Clock, places: int) -> None:
        self._clock = clock
        self._places = places
        self._allowances = Allowances()
        self._queue = FairQueue[int]()
        self._turns: dict[int, Turn] = {}
        self._open = Counter[UserId]()
        self._running: dict[int, UserId] = {}
        self._numbers = count()

    def use_allowance(self, origin: Origin, work: Work, times: int = 1) -> None:
        """Count work that needs no turn; raise `FreeWorkRefused` for too much of it."""
        seconds = self._allowances.take_tokens(
            origin.user_id, work * times, self._clock.monotonic()
        )
        if seconds:
            again = self._clock.now() + timedelta(seconds=seconds)
            raise FreeWorkRefused(FreeWorkLimit.RATE, again)

    @contextmanager
    def request_turn(self, origin: Origin, work: Work, times: int = 1) -> Iterator[Turn]:
        """Queue for a turn until the block ends; raise `FreeWorkRefused` if over a limit.

        A full queue makes room for a guild that has less in it than another.
        """
        user = origin.user_id
        if self._open[user] > _WAITING_PER_MEMBER:
            raise FreeWorkRefused(FreeWorkLimit.OWN, None)
        is_full = len(self._queue) >= _MAX_WAITING
        surplus = self._queue.find_surplus(origin.guild_id) if is_full else None
        if is_full and surplus is None:
            raise _build_refusal(self._clock)
        self.use_allowance(origin, work, times)
        if surplus is not None:
            self._queue.remove_entry(surplus.key)
            self._turns[surplus.key].end_wait(is_served=False)
        number = next(self._numbers)
        turn = Turn(asyncio.get_running_loop().create_future(), self._clock)
        self._turns[number] = turn
        self._open[user] += 1
        self._queue.add_entry(QueueEntry(number, origin.guild_id, user))
        self._start_waiting()
        try:
            yield turn
        finally:
            self._end_turn(number, user)

    def _start_waiting(self) -> None:
        while len(self._running) < self._places:
            busy = set(self._running.values())
            entry = self._queue.take_next(lambda user: user not in busy)  # noqa: B023 - called here
            if entry is None:
                return
            self._running[entry.key] = entry.user
            self._turns[entry.key].end_wait(is_served=True)

    def _end_turn(self, number: int, user: UserId) -> None:
        self._turns.pop(number).started.cancel()
        self._queue.remove_entry(number)
        self._running.pop(number, None)
        self._open -= Counter({user: 1})
        self._start_waiting()


def _build_refusal(clock: Clock) -> FreeWorkRefused:
    return FreeWorkRefused(FreeWorkLimit.ALL, clock.now() + _RETRY_AFTER)
