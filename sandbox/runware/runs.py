"""Make the results of accepted tasks in the background, and bill each when it is done."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import UUID

from bot.domain.money import MicroUsd, to_usd
from sandbox.control.clock import pause
from sandbox.control.running import Running
from sandbox.runware import moderation
from sandbox.runware.engine.render import Order, Rendered
from sandbox.runware.engine.workers import RenderFailedError
from sandbox.runware.faults import Stage
from sandbox.runware.images import EXTENSIONS
from sandbox.runware.journal import Bill
from sandbox.runware.picture_store import Picture
from sandbox.runware.pricing import PER_RESULT
from sandbox.runware.problems import Problem
from sandbox.runware.reshape import within_pixels
from sandbox.runware.task_store import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.control.clock import Clock
    from sandbox.runware.conditions import Conditions
    from sandbox.runware.faults import Fault
    from sandbox.runware.journal import Journal
    from sandbox.runware.picture_store import PictureStore
    from sandbox.runware.task_store import Task, TaskStore

log = logging.getLogger(__name__)
TYPE: Final = "imageInference"


class Renderer(Protocol):
    """Make one picture: the engine's workers do, and a stub where only the protocol matters."""

    @property
    def engine(self) -> str | None:
        """The engine's name; None until it is loaded."""
        ...

    @property
    def warming(self) -> bool:
        """Whether orders still wait for the engine to be loaded."""
        ...

    @property
    def progress(self) -> tuple[float, ...]:
        """How far each picture under way has come, 0..1."""
        ...

    async def render(self, order: Order) -> Rendered:
        """Return the finished file, or raise `RenderFailedError`."""
        ...


@dataclass(frozen=True, slots=True)
class Sources:
    """Where time, ids and noise seeds (0 .. 2**32-1) come from."""

    clock: Clock
    new_uuid: Callable[[], UUID]
    new_seed: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Books:
    """What a run writes to: both stores, the journal and the present conditions."""

    tasks: TaskStore
    pictures: PictureStore
    journal: Journal
    conditions: Conditions


class Runs:
    """All running tasks."""

    def __init__(self, books: Books, *, renderer: Renderer, sources: Sources) -> None:
        self._books = books
        self._renderer = renderer
        self._sources = sources
        self._open = asyncio.Event()
        self._open.set()
        self._running = Running()

    @property
    def engine_state(self) -> dict[str, Any]:
        """Say which engine is loaded (None: not yet), and how far each picture has come, 0..1."""
        renderer = self._renderer
        return {
            "engine": renderer.engine,
            "warming": renderer.warming,
            "progress": renderer.progress,
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
        self._books.conditions.wallet.hold(task.order.count)
        self._running.start(self._run(task), name=f"runware {task.order.uuid}")

    async def stop(self) -> None:
        """Cancel what is running; those tasks end without a result."""
        await self._running.stop()

    async def _run(self, task: Task) -> None:
        conditions = self._books.conditions
        wallet = conditions.wallet
        try:
            fault = conditions.faults.take(Stage.TASK, {task.order.uuid})
            late = float(fault.value) if fault and fault.kind == "slow" else 0.0
            await pause(self._sources.clock, conditions.latency + late)
            await self._open.wait()
            await self._decide(task, fault)
        except Exception:
            log.exception("task failed", extra={"task_uuid": str(task.order.uuid)})
            self._fail(task, Problem("internalServerError", "The task failed unexpectedly."))
        finally:
            wallet.release(task.order.count)
            task.finish(self._sources.clock.now())

    async def _decide(self, task: Task, fault: Fault | None) -> None:
        """Let moderation and a fault have their say, then make what is left to make."""
        order, kind = task.order, fault.kind if fault else ""
        if kind == "never":
            await asyncio.Event().wait()
        if kind == "fail":
            self._fail(task, Problem("timeoutProvider", "The provider did not answer in time."))
            return
        if moderation.refuses(task.level, order.tolerance):
            self._moderate(task, order.count)
            return
        bad = moderation.refuses(moderation.result_level(order.prompt), order.tolerance)
        first = 1 if bad or kind == "moderate" else 0
        if first:
            self._moderate(task, first)
        if first and self._books.conditions.switches.partial == "whole":
            return
        async with asyncio.TaskGroup() as group:
            for _ in range(order.count - first):
                group.create_task(self._make(task, self._sources.new_seed()))

    async def _make(self, task: Task, noise_seed: int) -> None:
        order, now = task.order, self._sources.clock.now
        try:
            made = await self._renderer.render(
                Order(
                    seed=task.seed,
                    margins=order.margins,
                    noise_seed=noise_seed,
                    file_format=order.output_format,
                    quality=order.quality,
                )
            )
        except RenderFailedError as error:
            self._fail(task, Problem("inferenceError", f"The result was not made: {error}."))
            return
        data, switches = made.data, self._books.conditions.switches
        if switches.over_canvas == "reduce":
            data = await asyncio.to_thread(
                within_pixels, data, switches.canvas_pixels, quality=order.quality
            )
        lifetime = order.ttl or switches.url_seconds
        expires_at = now() + lifetime if lifetime else None
        image_uuid = self._sources.new_uuid()
        picture = Picture(data, EXTENSIONS[order.output_format], expires_at, order.uuid)
        self._books.pictures.keep(image_uuid, picture)
        self._bill(task, image_uuid, engine=made.engine)
        nsfw = moderation.flags_results(order.prompt)
        task.grow(Result(image_uuid, noise_seed, PER_RESULT, nsfw))

    def _moderate(self, task: Task, results: int) -> None:
        """End `results` results by moderation, billed as the switches say."""
        switches = self._books.conditions.switches
        if switches.moderated_bill != "free":
            for _ in range(results):
                self._bill(task, self._sources.new_uuid(), moderated=True)
        reported = switches.moderated_bill == "reported"
        cost = float(to_usd(MicroUsd(PER_RESULT * results))) if reported else None
        message = "The provider's content moderation refused the request."
        for _ in range(results if results < task.order.count else 1):
            self._fail(task, Problem(switches.moderation_code, message, cost=cost))

    def _bill(
        self, task: Task, image_uuid: UUID, *, engine: str = "", moderated: bool = False
    ) -> None:
        self._books.conditions.wallet.pay(PER_RESULT)
        now = self._sources.clock.now()
        bill = Bill(now, task.order.uuid, image_uuid, PER_RESULT, engine, moderated)
        self._books.journal.bill(bill)

    def _fail(self, task: Task, problem: Problem) -> None:
        task.grow(problem.about(TYPE, str(task.order.uuid)))
