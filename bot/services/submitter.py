"""One submitter for every task that is ready: those that come together leave in one request."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Final

import structlog

from bot.clock import Clock
from bot.errors import OutcomeUnknown, TaskRejected, Transient
from bot.runware.answers import Submission
from bot.runware.client import RunwareClient
from bot.runware.models import ImageInference
from bot.runware.retry import DEFAULT

log = structlog.get_logger(__name__)

_WINDOW: Final = 0.02
"""Seconds that the first task of a request waits for others."""
_MOST: Final = 20
_MOST_BYTES: Final = 24 * 2**20
"""Tasks in a request, and characters of their seed images; one task may be longer alone."""


@dataclass(slots=True, eq=False)
class _Waiting:
    task: ImageInference
    sent: asyncio.Future[Submission] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def settle(self, outcome: Submission | Exception) -> None:
        """Wake the caller, unless it has gone away."""
        if self.sent.done():
            return
        if isinstance(outcome, Exception):
            self.sent.set_exception(outcome)
        else:
            self.sent.set_result(outcome)


class Submitter:
    """Send tasks; no task leaves twice from here, unless it surely was not accepted."""

    def __init__(self, client: RunwareClient, clock: Clock, *, most: int = _MOST) -> None:
        self._client = client
        self._clock = clock
        self._most = most
        self._waiting: list[_Waiting] = []
        self._more = asyncio.Event()
        self._not_before = 0.0

    async def submit(self, task: ImageInference) -> Submission:
        """Send a task with whatever others are ready; raise as the client's `submit` does.

        A caller that is cancelled leaves the outcome unknown.
        """
        waiting = _Waiting(task)
        self._waiting.append(waiting)
        self._more.set()
        try:
            return await waiting.sent
        finally:
            with contextlib.suppress(ValueError):
                self._waiting.remove(waiting)

    async def run(self) -> None:
        """Send what is ready until cancelled; a slow request holds up no other."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._more.wait()
                pause = self._not_before - self._clock.monotonic()
                await self._clock.sleep(max(_WINDOW, pause))
                while self._waiting and self._clock.monotonic() >= self._not_before:
                    group.create_task(self._send(self._batch()), name="submit")
                if not self._waiting:
                    self._more.clear()

    def _batch(self) -> list[_Waiting]:
        """Take as many tasks as one request may hold, in the order they came."""
        count, size = 0, 0
        for waiting in self._waiting[: self._most]:
            size += len(waiting.task.inputs.seed_image)
            if count and size > _MOST_BYTES:
                break
            count += 1
        batch, self._waiting[:count] = self._waiting[:count], []
        return batch

    async def _send(self, batch: list[_Waiting]) -> None:
        try:
            answers = await self._client.submit([waiting.task for waiting in batch])
        except TaskRejected as error:
            await self._send_apart(batch, error)
        except asyncio.CancelledError:
            for waiting in batch:
                waiting.settle(OutcomeUnknown("the request was given up"))
            raise
        except Exception as error:  # noqa: BLE001 - a task's root: each job judges it by itself
            self._obey(error)
            for waiting in batch:
                waiting.settle(error)
        else:
            for waiting in batch:
                waiting.settle(answers[waiting.task.task_uuid])

    async def _send_apart(self, batch: list[_Waiting], error: TaskRejected) -> None:
        """Find out by single requests which task it was that had all of them refused."""
        if len(batch) == 1:
            batch[0].settle(error)
            return
        log.warning("request refused as a whole", tasks=len(batch), code=error.code)
        for waiting in batch:
            await self._send([waiting])

    def _obey(self, error: Exception) -> None:
        """Send nothing before the time that the provider named, up to the policy's ceiling."""
        if isinstance(error, Transient) and error.retry_after:
            told = min(error.retry_after, DEFAULT.obeyed)
            self._not_before = max(self._not_before, self._clock.monotonic() + told)
