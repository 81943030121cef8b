"""Make the results of accepted tasks in the background, and bill each when it is done."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sandbox.runware.engine.render import Order
from sandbox.runware.engine.workers import RenderFailedError
from sandbox.runware.images import EXTENSIONS
from sandbox.runware.journal import Bill
from sandbox.runware.pricing import PER_RESULT
from sandbox.runware.problems import Problem
from sandbox.runware.store import Picture, Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.control.clock import Clock
    from sandbox.runware.engine.workers import Workers
    from sandbox.runware.journal import Journal
    from sandbox.runware.store import Store, Task

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where time, ids and noise seeds (0 .. 2**32-1) come from."""

    clock: Clock
    new_uuid: Callable[[], UUID]
    new_seed: Callable[[], int]


class Runs:
    """All running tasks; `latency` is seconds before a task starts to be made."""

    def __init__(
        self, store: Store, journal: Journal, *, workers: Workers, sources: Sources
    ) -> None:
        self.latency = 0.0
        self._store = store
        self._journal = journal
        self._workers = workers
        self._sources = sources
        self._open = asyncio.Event()
        self._open.set()
        self._running: set[asyncio.Task[None]] = set()

    @property
    def engine_state(self) -> dict[str, Any]:
        """The engine's name (None until it is loaded), and how far each picture has come, 0..1."""
        workers = self._workers
        return {
            "engine": workers.engine,
            "warming": workers.warming,
            "progress": workers.progress,
        }

    @property
    def held(self) -> bool:
        return not self._open.is_set()

    def hold(self) -> None:
        """Let no task be made until `release`; tasks are still accepted."""
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def start(self, task: Task) -> None:
        running = asyncio.create_task(self._run(task), name=f"runware {task.order.uuid}")
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    async def stop(self) -> None:
        """Cancel what is running; those tasks end without a result."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _run(self, task: Task) -> None:
        try:
            await self._pause(self.latency)
            await self._open.wait()
            async with asyncio.TaskGroup() as group:
                for _ in range(task.order.count):
                    group.create_task(self._make(task, self._sources.new_seed()))
        except Exception:
            log.exception("task failed", extra={"task_uuid": str(task.order.uuid)})
            problem = Problem("internalServerError", "The task failed unexpectedly.")
            task.problems.append(problem.about("imageInference", str(task.order.uuid)))
        finally:
            task.finish()

    async def _make(self, task: Task, noise_seed: int) -> None:
        order = task.order
        try:
            made = await self._workers.render(
                Order(
                    seed=task.seed,
                    margins=order.margins,
                    noise_seed=noise_seed,
                    file_format=order.output_format,
                    quality=order.quality,
                )
            )
        except RenderFailedError as error:
            problem = Problem("inferenceError", f"The result was not made: {error}.")
            task.problems.append(problem.about("imageInference", str(order.uuid)))
            return
        now = self._sources.clock.now()
        image_uuid = self._sources.new_uuid()
        expires_at = now + order.ttl if order.ttl else None
        self._store.keep(
            image_uuid, Picture(made.data, EXTENSIONS[order.output_format], expires_at)
        )
        task.results.append(Result(image_uuid, noise_seed, PER_RESULT))
        self._journal.bill(Bill(now, order.uuid, image_uuid, PER_RESULT, made.engine))

    async def _pause(self, seconds: float) -> None:
        if seconds <= 0:
            return
        woken = asyncio.Event()
        timer = self._sources.clock.call_later(seconds, woken.set)
        try:
            await woken.wait()
        finally:
            timer.cancel()
