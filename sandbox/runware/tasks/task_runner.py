"""Render the results of accepted tasks in the background, and bill each when it is done."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from bot.domain.money import MicroUsd, parse_usd, to_usd
from sandbox.control.clock import sleep_for
from sandbox.control.task_group import BackgroundTasks
from sandbox.runware.engine.render import Rendered, RenderOrder
from sandbox.runware.engine.workers import RenderFailedError
from sandbox.runware.faults import RunwareStage
from sandbox.runware.journal import Bill
from sandbox.runware.media import moderation
from sandbox.runware.media.images import EXTENSIONS
from sandbox.runware.media.picture_store import Picture
from sandbox.runware.media.resize import shrink_seed_image
from sandbox.runware.media.returned_canvas import choose_returned_canvas
from sandbox.runware.pricing import vary_price
from sandbox.runware.problems import Problem
from sandbox.runware.tasks.task_store import TASK_TYPE, TaskResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.control.clock import SandboxClock
    from sandbox.runware.faults import RunwareFault
    from sandbox.runware.journal import RunwareJournal
    from sandbox.runware.media.picture_store import PictureStore
    from sandbox.runware.service_state import ServiceState
    from sandbox.runware.tasks.task_store import Task, TaskStore

log = logging.getLogger(__name__)


class Renderer(Protocol):
    """Render one picture: by the engine's workers, or a stub where only the protocol matters."""

    @property
    def engine(self) -> str | None:
        """Return the engine's name, or None until it is loaded."""
        ...

    @property
    def warming(self) -> bool:
        """Return whether renders still wait for the engine to load."""
        ...

    @property
    def progress(self) -> tuple[float, ...]:
        """Return each running render's progress, 0..1."""
        ...

    async def render(self, order: RenderOrder) -> Rendered:
        """Return the finished file; raise `RenderFailedError`."""
        ...


@dataclass(frozen=True, slots=True)
class Sources:
    """Sources of time, ids and noise seeds (0 .. 2**32-1)."""

    clock: SandboxClock
    new_uuid: Callable[[], UUID]
    new_seed: Callable[[], int]


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a run writes to: the stores, the journal and the service's state."""

    tasks: TaskStore
    pictures: PictureStore
    journal: RunwareJournal
    service_state: ServiceState


class TaskRunner:
    def __init__(self, context: RunContext, *, renderer: Renderer, sources: Sources) -> None:
        self._context = context
        self._renderer = renderer
        self._sources = sources
        self._resumed = asyncio.Event()
        self._resumed.set()
        self._background_tasks = BackgroundTasks()

    @property
    def engine_state(self) -> dict[str, Any]:
        """Return the loaded engine (None: not yet) and each render's progress, 0..1."""
        renderer = self._renderer
        return {
            "engine": renderer.engine,
            "warming": renderer.warming,
            "progress": renderer.progress,
        }

    @property
    def is_paused(self) -> bool:
        return not self._resumed.is_set()

    def pause(self) -> None:
        """Render no task until `resume`; tasks are still accepted."""
        self._resumed.clear()

    def resume(self) -> None:
        self._resumed.set()

    def start(self, task: Task) -> None:
        self._context.service_state.wallet.hold(task.full_price)
        self._background_tasks.start(self._run_task(task), name=f"runware {task.order.uuid}")

    async def stop(self) -> None:
        """Cancel the running tasks; they end without a result."""
        await self._background_tasks.stop()

    async def _run_task(self, task: Task) -> None:
        state = self._context.service_state
        wallet = state.wallet
        try:
            fault = state.faults.take(RunwareStage.TASK, {task.order.uuid})
            late = float(fault.value) if fault and fault.kind == "slow" else 0.0
            await sleep_for(self._sources.clock, state.latency + late)
            await self._resumed.wait()
            await self._make_results(task, fault)
        except Exception:
            log.exception("task failed", extra={"task_uuid": str(task.order.uuid)})
            self._fail_task(task, Problem("internalServerError", "The task failed unexpectedly."))
        finally:
            # Also when cancelled: the money must be released and waiting answers must end.
            wallet.release(task.full_price)
            task.finish(self._sources.clock.now())

    async def _make_results(self, task: Task, fault: RunwareFault | None) -> None:
        """Apply moderation and the fault, then render the remaining results."""
        order, kind = task.order, fault.kind if fault else ""
        if kind == "never":
            await asyncio.Event().wait()
        if kind == "fail":
            self._fail_task(
                task, Problem("timeoutProvider", "The provider did not answer in time.")
            )
            return
        if moderation.is_refused(task.level, order.tolerance):
            self._refuse_results(task, order.count)
            return
        bad = moderation.is_refused(moderation.find_result_level(order.prompt), order.tolerance)
        first = 1 if bad or kind == "moderate" else 0
        if first:
            self._refuse_results(task, first)
        if first and self._context.service_state.switches.partial == "whole":
            return
        # Each task handles its own failure, so one failed result does not cancel the others.
        async with asyncio.TaskGroup() as group:
            for _ in range(order.count - first):
                group.create_task(self._make_result(task, self._sources.new_seed(), fault))

    async def _make_result(self, task: Task, noise_seed: int, fault: RunwareFault | None) -> None:
        order, now = task.order, self._sources.clock.now
        try:
            rendered = await self._renderer.render(self._build_render_order(task, noise_seed))
        except RenderFailedError as error:
            self._fail_task(task, Problem("inferenceError", f"The result was not made: {error}."))
            return
        data, switches = rendered.data, self._context.service_state.switches
        if switches.over_canvas == "reduce":
            data = await asyncio.to_thread(
                shrink_seed_image, data, switches.canvas_pixels, quality=order.quality
            )
        lifetime = order.ttl or switches.url_seconds
        expires_at = now() + lifetime if lifetime else None
        image_uuid = self._sources.new_uuid()
        picture = Picture(data, EXTENSIONS[order.output_format], expires_at, order.uuid)
        self._context.pictures.keep(image_uuid, picture)
        price = self._choose_price(task, image_uuid, fault)
        self._bill_result(task, image_uuid, price, engine=rendered.engine)
        nsfw = moderation.is_nsfw_prompt(order.prompt)
        task.add_outcome(TaskResult(image_uuid, noise_seed, price, nsfw))

    def _build_render_order(self, task: Task, noise_seed: int) -> RenderOrder:
        state, order = self._context.service_state, task.order
        fault = state.faults.take(RunwareStage.RENDER, {order.uuid})
        return RenderOrder(
            seed=task.seed,
            margins=order.margins,
            noise_seed=noise_seed,
            file_format=order.output_format,
            quality=order.quality,
            finish=choose_returned_canvas(state.switches, fault),
        )

    def _choose_price(self, task: Task, image_uuid: UUID, fault: RunwareFault | None) -> MicroUsd:
        if fault and fault.kind == "price":
            return parse_usd(str(fault.value))
        varies = self._context.service_state.switches.price == "varies"
        return vary_price(task.price, image_uuid) if varies else task.price

    def _refuse_results(self, task: Task, results: int) -> None:
        """Refuse results by moderation, billed as the switches say."""
        switches = self._context.service_state.switches
        if switches.moderated_bill != "free":
            for _ in range(results):
                uuid = self._sources.new_uuid()
                self._bill_result(task, uuid, task.price, moderated=True)
        reported = switches.moderated_bill == "reported"
        cost = float(to_usd(MicroUsd(task.price * results))) if reported else None
        message = "The provider's content moderation refused the request."
        for _ in range(results if results < task.order.count else 1):
            self._fail_task(task, Problem(switches.moderation_code, message, cost=cost))

    def _bill_result(
        self,
        task: Task,
        image_uuid: UUID,
        price: MicroUsd,
        *,
        engine: str = "",
        moderated: bool = False,
    ) -> None:
        self._context.service_state.wallet.pay(price)
        bill = Bill(
            self._sources.clock.now(),
            task.order.uuid,
            image_uuid,
            price,
            engine,
            moderated,
            task.order.model.identifier,
        )
        self._context.journal.record_bill(bill)

    def _fail_task(self, task: Task, problem: Problem) -> None:
        task.add_outcome(problem.for_task(TASK_TYPE, str(task.order.uuid)))
