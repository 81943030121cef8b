"""Run tasks by our client, submitter and poller, as the SDKs' scripts do.

What the services store in a database between the steps is kept in memory here.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from datetime import timedelta
from typing import Any, Final

import structlog

from bot.clock import SystemClock
from bot.domain.errors import ExpanseError
from bot.errors import OutcomeUnknown, TaskConflict, Transient, get_error_code
from bot.runware.circuit_breaker import BreakerLimits, CircuitBreaker
from bot.runware.client import open_client
from bot.runware.outcomes import SubmitRefused, SubmitUnanswered, TaskView
from bot.runware.requests import ImageInference
from bot.services.jobs.poller import Poller, PollSchedule
from bot.services.jobs.provider_slots import ProviderSlots
from bot.services.jobs.submitter import Submitter

_GRACE: Final = 3.0
_POLL_INTERVAL: Final = 0.5
_DEADLINE: Final = 2.0
_MAX_SENDS: Final = 2


class TaskRunner:
    """Run single tasks from submission to results, as `RenderSteps` does for jobs."""

    def __init__(
        self, submitter: Submitter, poller: Poller, slots: ProviderSlots, seconds: float
    ) -> None:
        self._submitter = submitter
        self._poller = poller
        self._slots = slots
        self._seconds = seconds
        self._clock = SystemClock()

    async def run_task(self, task: ImageInference) -> TaskView:
        """Return the finished task; raise OutcomeUnknown or the task's first failure."""
        await self._slots.acquire_slot(task.task_uuid)
        try:
            await self._submit_task(task)
            deadline = self._clock.now() + timedelta(seconds=self._seconds)
            view = await self._poller.wait_until_finished(
                task.task_uuid, task.number_results, deadline
            )
        finally:
            self._slots.release_slot(task.task_uuid)
        if view is None or not view.results:
            raise OutcomeUnknown("no answer") if view is None else view.failures[0]
        return view

    async def _submit_task(self, task: ImageInference) -> None:
        sends = 0
        while True:
            try:
                answer = await self._submitter.submit(task, alone=sends > 0)
                if isinstance(answer, SubmitRefused) and not isinstance(answer.error, TaskConflict):
                    raise answer.error
                if not isinstance(answer, SubmitUnanswered):
                    return
            except Transient as error:
                await asyncio.sleep(error.retry_after or 0.1)
                continue
            except OutcomeUnknown:
                pass
            sends += 1
            if await self._is_found(task) or sends >= _MAX_SENDS:
                return

    async def _is_found(self, task: ImageInference) -> bool:
        until = time.monotonic() + _GRACE
        while time.monotonic() < until:
            await asyncio.sleep(_POLL_INTERVAL)
            try:
                view = await self._poller.fetch_task(task.task_uuid)
            except Transient:
                continue
            if view.is_known and not view.is_unclear:
                return True
        return False


def _parse_task(task: dict[str, Any]) -> ImageInference:
    return ImageInference.model_validate_json(json.dumps(task | {"deliveryMethod": "async"}))


async def run_tasks(spec: dict[str, Any]) -> dict[str, Any]:
    """Run the spec's tasks, `at_once` at a time."""
    clock, breaker = SystemClock(), CircuitBreaker(time.monotonic, BreakerLimits(probe_seconds=0.5))
    tasks = [_parse_task(task) for task in spec["tasks"]]
    warm = [_parse_task(task) for task in spec["warm"]]
    async with open_client(
        base_url=spec["url"], api_key=spec["api_key"], deadline=_DEADLINE, breaker=breaker
    ) as client:
        submitter = Submitter(client, clock)
        poller, slots = (
            Poller(client, clock, PollSchedule()),
            ProviderSlots(int(spec.get("at_once", 1000))),
        )
        runner = TaskRunner(submitter, poller, slots, spec.get("seconds", 30.0))
        serving = [asyncio.create_task(submitter.run()), asyncio.create_task(poller.run())]

        async def one(task: ImageInference) -> dict[str, Any]:
            named: dict[str, Any] = {"task": str(task.task_uuid), "items": [], "error": None}
            try:
                view = await runner.run_task(task)
            except ExpanseError as error:
                return named | {"error": get_error_code(error)}
            items = [
                {"imageUUID": item.image_uuid, "imageURL": item.media_source}
                for item in view.results
            ]
            return named | {"items": items}

        # warm up what is loaded at first use
        await asyncio.gather(*(one(task) for task in warm))
        wall, cpu = time.perf_counter(), time.process_time()
        done = await asyncio.gather(*(one(task) for task in tasks))
        took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        for each in serving:
            each.cancel()
        await asyncio.wait(serving)
    return {"tasks": done} | took


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable()
    sys.stdout.write(json.dumps(asyncio.run(run_tasks(json.load(sys.stdin)))))
