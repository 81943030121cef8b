"""Outgoing requests: webhooks and uploads, only to addresses on this machine."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import aiohttp

from sandbox.control.clock import sleep_for
from sandbox.control.task_group import BackgroundTasks
from sandbox.runware.journal import DeliveryRecord
from sandbox.runware.loopback import is_local
from sandbox.runware.media.images import CONTENT_TYPES
from sandbox.runware.problems import RefusedError
from sandbox.runware.tasks.task_store import TASK_TYPE

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from sandbox.control.clock import SandboxClock
    from sandbox.runware.problems import Problem
    from sandbox.runware.tasks.inference import InferenceTask
    from sandbox.runware.tasks.task_store import Task, TaskResult

TIMEOUT: Final = 5.0
"""Seconds that a receiver has to answer with 2xx (vendor's page on webhooks)."""
_FIRST_WAIT_S: Final = 0.25
_MAX_WAIT_S: Final = 8.0
"""Seconds before the second attempt, doubling up to the maximum (vendor's page on webhooks)."""
_JITTER: Final = 0.1


class WebhookSender:
    """Deliver each result of tasks with a webhook or an upload, as soon as it exists."""

    def __init__(
        self, http: aiohttp.ClientSession, inference: InferenceTask, *, clock: SandboxClock
    ) -> None:
        """Send over `http`, which must not read proxy settings."""
        self._http = http
        self._inference = inference
        self._context = inference.context
        self._clock = clock
        self._random = Random()  # noqa: S311 - jitter
        self._background_tasks = BackgroundTasks()

    def follow_task(self, task: Task) -> None:
        if task.order.webhook or task.order.upload:
            self._start_delivery(self._deliver_outcomes(task))

    async def stop(self) -> None:
        await self._background_tasks.stop()

    def _start_delivery(self, work: Coroutine[Any, Any, None]) -> None:
        self._background_tasks.start(work, name="courier")

    async def _deliver_outcomes(self, task: Task) -> None:
        results, problems = 0, 0
        while True:
            for result in task.results[results:]:
                self._start_delivery(self._deliver_result(task, result))
            for problem in task.problems[problems:]:
                self._start_delivery(self._report_problem(task, problem))
            results, problems = len(task.results), len(task.problems)
            if task.finished.is_set():
                return
            await task.wait_for_more(results + problems)

    async def _deliver_result(self, task: Task, result: TaskResult) -> None:
        order = task.order
        try:
            described = self._inference.describe_result(order, result)
        except RefusedError:
            return
        picture = self._context.pictures.picture(result.image_uuid)
        if order.upload and picture:
            kind = CONTENT_TYPES[picture.extension]
            await self._send_with_retries(task, "PUT", order.upload, body=(picture.data, kind))
        if order.webhook:
            await self._post_item(
                task, {"taskType": TASK_TYPE, "taskUUID": str(order.uuid)} | described
            )

    async def _report_problem(self, task: Task, problem: Problem) -> None:
        switches = self._context.service_state.switches
        shape = switches.webhook_failure
        if task.order.webhook and shape != "none":
            error = problem.to_json(switches, polled=True)
            await self._post_item(task, error if shape == "flat" else {"errors": [error]})

    async def _post_item(self, task: Task, item: dict[str, Any]) -> None:
        url = task.order.webhook or ""
        await self._send_with_retries(
            task, "POST", url, body=(json.dumps(item).encode(), "application/json")
        )

    async def _send_with_retries(
        self, task: Task, method: str, url: str, *, body: tuple[bytes, str]
    ) -> None:
        # Exponential back-off with jitter; a receiver that answers late gets an item twice.
        wait = _FIRST_WAIT_S
        attempts = int(self._context.service_state.switches.webhook_attempts)
        for attempt in range(1, attempts + 1):
            status = await self._send_once(method, url, body)
            path = urlsplit(url).path
            uuid = str(task.order.uuid)
            call = DeliveryRecord(self._clock.now(), method, path, uuid, attempt, status)
            self._context.journal.record_delivery(call)
            if 200 <= status < 300:
                return
            await sleep_for(self._clock, wait * (1 + _JITTER * self._random.random()))
            wait = min(2 * wait, _MAX_WAIT_S)

    async def _send_once(self, method: str, url: str, body: tuple[bytes, str]) -> int:
        """Return the receiver's status, 0 without an answer; redirects are not followed."""
        # Checked here too: the sandbox must never call another machine.
        if not is_local(url):
            return 0
        headers = {"Content-Type": body[1]}
        try:
            async with self._http.request(
                method, url, data=body[0], headers=headers, allow_redirects=False
            ) as response:
                return response.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0
