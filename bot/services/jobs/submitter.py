"""The submitter: sends tasks that are ready at the same time in one request."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Final

import structlog

from bot.clock import Clock
from bot.errors import OutcomeUnknown, TaskRejected, Transient
from bot.runware.client import RunwareClient
from bot.runware.outcomes import Submission
from bot.runware.requests import ImageInference
from bot.runware.retry import DEFAULT_POLICY

log = structlog.get_logger(__name__)

_BATCH_WINDOW_SECONDS: Final = 0.02
"""How long the first task of a request waits for others."""
_MAX_BATCH: Final = 20
_MAX_BATCH_BYTES: Final = 24 * 2**20
"""Characters of a request's seed images; a single task may exceed it."""


@dataclass(slots=True, eq=False)
class _WaitingTask:
    task: ImageInference
    is_alone: bool
    future: asyncio.Future[Submission] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def set_outcome(self, outcome: Submission | Exception) -> None:
        """Resolve the caller's future, unless the caller was cancelled."""
        if self.future.done():
            return
        if isinstance(outcome, Exception):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)


class Submitter:
    """Send tasks in batches; only those that were surely not accepted are sent again."""

    def __init__(self, client: RunwareClient, clock: Clock, *, max_batch: int = _MAX_BATCH) -> None:
        self._client = client
        self._clock = clock
        self._max_batch = max_batch
        self._waiting: list[_WaitingTask] = []
        self._work_added = asyncio.Event()
        self._not_before = 0.0

    async def submit(self, task: ImageInference, *, alone: bool = False) -> Submission:
        """Send a task together with others that are ready; raise as the client's `submit` does.

        `alone` gives it a request of its own, so that no other task can have it refused. After a
        cancelled call the outcome is unknown.
        """
        waiting = _WaitingTask(task, alone)
        self._waiting.append(waiting)
        self._work_added.set()
        try:
            return await waiting.future
        finally:
            with contextlib.suppress(ValueError):
                self._waiting.remove(waiting)

    async def run(self) -> None:
        """Send ready tasks until cancelled; a slow request delays no other."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._work_added.wait()
                pause = self._not_before - self._clock.monotonic()
                await self._clock.sleep(max(_BATCH_WINDOW_SECONDS, pause))
                while self._waiting and self._clock.monotonic() >= self._not_before:
                    group.create_task(self._send_batch(self._take_batch()), name="submit")
                if not self._waiting:
                    self._work_added.clear()

    def _take_batch(self) -> list[_WaitingTask]:
        """Remove and return as many tasks as fit into one request, in order of arrival."""
        count, size = 0, 0
        for waiting in self._waiting[: self._max_batch]:
            size += len(waiting.task.inputs.seed_image)
            if count and (waiting.is_alone or size > _MAX_BATCH_BYTES):
                break
            count += 1
            if waiting.is_alone:
                break
        batch, self._waiting[:count] = self._waiting[:count], []
        return batch

    async def _send_batch(self, batch: list[_WaitingTask]) -> None:
        try:
            answers = await self._client.submit([waiting.task for waiting in batch])
        except TaskRejected as error:
            await self._send_singly(batch, error)
        except asyncio.CancelledError:
            # the request may have arrived: callers must reconcile, not send again
            for waiting in batch:
                waiting.set_outcome(OutcomeUnknown("the request was given up"))
            raise
        except Exception as error:  # noqa: BLE001 - a task's root: each job judges it by itself
            self._apply_retry_after(error)
            for waiting in batch:
                waiting.set_outcome(error)
        else:
            for waiting in batch:
                waiting.set_outcome(answers[waiting.task.task_uuid])

    async def _send_singly(self, batch: list[_WaitingTask], error: TaskRejected) -> None:
        """Send each task by itself, so that only the invalid one is refused."""
        if len(batch) == 1:
            batch[0].set_outcome(error)
            return
        log.warning("request refused as a whole", tasks=len(batch), code=error.code)
        for waiting in batch:
            await self._send_batch([waiting])

    def _apply_retry_after(self, error: Exception) -> None:
        """Delay all sends by the error's `Retry-After`, up to the policy's limit."""
        if isinstance(error, Transient) and error.retry_after:
            pause = min(error.retry_after, DEFAULT_POLICY.max_retry_after)
            self._not_before = max(self._not_before, self._clock.monotonic() + pause)
