"""What this service sends by itself: webhooks and uploads, to addresses on this machine alone."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import aiohttp

from sandbox.control.clock import pause
from sandbox.control.running import Running
from sandbox.runware.images import CONTENT_TYPES
from sandbox.runware.journal import Call
from sandbox.runware.local import is_local
from sandbox.runware.problems import RefusedError
from sandbox.runware.runs import TYPE

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from sandbox.control.clock import Clock
    from sandbox.runware.inference import ImageInference
    from sandbox.runware.problems import Problem
    from sandbox.runware.task_store import Result, Task

PATIENCE: Final = 5.0
"""Seconds that a receiver has to answer with 2xx (vendor's page on webhooks)."""
_FIRST: Final = 0.25
_LONGEST: Final = 8.0
"""Seconds before the second try, doubling up to the longest (vendor's page on webhooks)."""
_JITTER: Final = 0.1


class Courier:
    """Follow tasks that asked for a webhook or an upload, and deliver each result as it comes."""

    def __init__(
        self, http: aiohttp.ClientSession, inference: ImageInference, *, clock: Clock
    ) -> None:
        """Send over `http`, which must read no proxy settings."""
        self._http = http
        self._inference = inference
        self._books = inference.books
        self._clock = clock
        self._chance = Random()  # noqa: S311 - jitter
        self._running = Running()

    def follow(self, task: Task) -> None:
        if task.order.webhook or task.order.upload:
            self._start(self._follow(task))

    async def stop(self) -> None:
        """Cancel what is still to be delivered."""
        await self._running.stop()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._running.start(work, name="courier")

    async def _follow(self, task: Task) -> None:
        results, problems = 0, 0
        while True:
            for result in task.results[results:]:
                self._start(self._deliver(task, result))
            for problem in task.problems[problems:]:
                self._start(self._report(task, problem))
            results, problems = len(task.results), len(task.problems)
            if task.finished.is_set():
                return
            await task.more(results + problems)

    async def _deliver(self, task: Task, result: Result) -> None:
        order = task.order
        try:
            described = self._inference.describe(order, result)
        except RefusedError:
            return
        picture = self._books.pictures.picture(result.image_uuid)
        if order.upload and picture:
            kind = CONTENT_TYPES[picture.extension]
            await self._send(task, "PUT", order.upload, body=(picture.data, kind))
        if order.webhook:
            await self._post(task, {"taskType": TYPE, "taskUUID": str(order.uuid)} | described)

    async def _report(self, task: Task, problem: Problem) -> None:
        shape = self._books.conditions.switches.webhook_failure
        if task.order.webhook and shape != "none":
            error = problem.to_json(polled=True)
            await self._post(task, error if shape == "flat" else {"errors": [error]})

    async def _post(self, task: Task, item: dict[str, Any]) -> None:
        url = task.order.webhook or ""
        await self._send(task, "POST", url, body=(json.dumps(item).encode(), "application/json"))

    async def _send(self, task: Task, method: str, url: str, *, body: tuple[bytes, str]) -> None:
        wait = _FIRST
        attempts = int(self._books.conditions.switches.webhook_attempts)
        for attempt in range(1, attempts + 1):
            status = await self._try(method, url, body)
            path = urlsplit(url).path
            uuid = str(task.order.uuid)
            call = Call(self._clock.now(), method, path, uuid, attempt, status)
            self._books.journal.call(call)
            if 200 <= status < 300:
                return
            await pause(self._clock, wait * (1 + _JITTER * self._chance.random()))
            wait = min(2 * wait, _LONGEST)

    async def _try(self, method: str, url: str, body: tuple[bytes, str]) -> int:
        """Return the receiver's status, 0 where it gave none; redirects are not followed."""
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
