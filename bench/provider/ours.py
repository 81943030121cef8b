"""Run tasks through our client, its submitter and its poller; the twin of the SDKs' scripts.

What the services do with a database between the steps is done here without one.
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
from bot.errors import ExpanseError, OutcomeUnknown, TaskConflict, Transient, code_of
from bot.runware.answers import Refused, TaskView, Unanswered
from bot.runware.breaker import Breaker, Limits
from bot.runware.client import open_client
from bot.runware.models import ImageInference
from bot.services.poller import Pace, Poller
from bot.services.provider_slots import ProviderSlots
from bot.services.submitter import Submitter

_GRACE: Final = 3.0
_LOOK: Final = 0.5
_DEADLINE: Final = 2.0
_MOST_SENDS: Final = 2


class Talk:
    """Carry single tasks from submit to results, as `services.rendering` carries jobs."""

    def __init__(
        self, submitter: Submitter, poller: Poller, slots: ProviderSlots, seconds: float
    ) -> None:
        self._submitter = submitter
        self._poller = poller
        self._slots = slots
        self._seconds = seconds
        self._clock = SystemClock()

    async def finished(self, task: ImageInference) -> TaskView:
        await self._slots.acquire_slot(task.task_uuid)
        try:
            await self._accepted(task)
            deadline = self._clock.now() + timedelta(seconds=self._seconds)
            view = await self._poller.finished(task.task_uuid, task.number_results, deadline)
        finally:
            self._slots.release_slot(task.task_uuid)
        if view is None or not view.results:
            raise OutcomeUnknown("no answer") if view is None else view.failures[0]
        return view

    async def _accepted(self, task: ImageInference) -> None:
        sends = 0
        while True:
            try:
                answer = await self._submitter.submit(task, alone=sends > 0)
                if isinstance(answer, Refused) and not isinstance(answer.error, TaskConflict):
                    raise answer.error
                if not isinstance(answer, Unanswered):
                    return
            except Transient as error:
                await asyncio.sleep(error.retry_after or 0.1)
                continue
            except OutcomeUnknown:
                pass
            sends += 1
            if await self._is_found(task) or sends >= _MOST_SENDS:
                return

    async def _is_found(self, task: ImageInference) -> bool:
        until = time.monotonic() + _GRACE
        while time.monotonic() < until:
            await asyncio.sleep(_LOOK)
            try:
                view = await self._poller.look(task.task_uuid)
            except Transient:
                continue
            if view.known and not view.unclear:
                return True
        return False


def _read(task: dict[str, Any]) -> ImageInference:
    return ImageInference.model_validate_json(json.dumps(task | {"deliveryMethod": "async"}))


async def run(spec: dict[str, Any]) -> dict[str, Any]:
    """Run the spec's tasks, `at_once` at a time."""
    clock, breaker = SystemClock(), Breaker(time.monotonic, Limits(probe=0.5))
    tasks = [_read(task) for task in spec["tasks"]]
    warm = [_read(task) for task in spec["warm"]]
    async with open_client(
        base_url=spec["url"], api_key=spec["api_key"], deadline=_DEADLINE, breaker=breaker
    ) as client:
        submitter = Submitter(client, clock)
        poller, slots = Poller(client, clock, Pace()), ProviderSlots(int(spec.get("at_once", 1000)))
        talk = Talk(submitter, poller, slots, spec.get("seconds", 30.0))
        serving = [asyncio.create_task(submitter.run()), asyncio.create_task(poller.run())]

        async def one(task: ImageInference) -> dict[str, Any]:
            named: dict[str, Any] = {"task": str(task.task_uuid), "items": [], "error": None}
            try:
                view = await talk.finished(task)
            except ExpanseError as error:
                return named | {"error": code_of(error)}
            items = [
                {"imageUUID": item.image_uuid, "imageURL": item.media} for item in view.results
            ]
            return named | {"items": items}

        # what is loaded at first use is not measured
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
    sys.stdout.write(json.dumps(asyncio.run(run(json.load(sys.stdin)))))
