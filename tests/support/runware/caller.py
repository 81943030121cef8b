"""A plain caller of the local Runware, over a real socket and without our client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self
from uuid import uuid4

import httpx

from bot.runware.transport import get_tls_context
from sandbox.runware.api.server import LocalRunware
from tests.support.app_fixture import wait_until
from tests.support.runware.wire_tasks import build_wire_task

Json = dict[str, Any]


class Caller:
    """Speak to the service with its switches set."""

    def __init__(self, runware: LocalRunware, http: httpx.AsyncClient) -> None:
        self.runware = runware
        self.http = http

    @classmethod
    @asynccontextmanager
    async def open(cls, runware: LocalRunware) -> AsyncIterator[Self]:
        headers = {"Authorization": f"Bearer {runware.api_key}"}
        async with httpx.AsyncClient(
            headers=headers, trust_env=False, verify=get_tls_context(), timeout=30.0
        ) as http:
            yield cls(runware, http)

    def set_switches(self, **changes: Any) -> None:
        conditions = self.runware.service_state
        conditions.switches = conditions.switches.with_changes(changes)

    async def post_tasks(self, *elements: Json) -> tuple[int, list[Json], list[Json]]:
        response = await self.http.post(self.runware.base_url, json=list(elements))
        answer = response.json()
        return response.status_code, answer["data"], answer.get("errors", [])

    async def post_task(self, **fields: Any) -> tuple[list[Json], list[Json]]:
        """Post one task with a UUID of its own; return its data and errors."""
        _, data, errors = await self.post_tasks({"taskUUID": str(uuid4())} | fields)
        return data, errors

    async def submit_task(self, **changed: Any) -> Json:
        """Have a task made to its end; return it."""
        task = build_wire_task(**changed)
        await self.post_tasks(task)
        service = self.runware
        await wait_until(lambda: not service._control.context.tasks.unfinished)
        return task
