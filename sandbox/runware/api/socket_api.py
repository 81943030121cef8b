"""The WebSocket on `/v1`: authentication first, then arrays of tasks, answered when done."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from aiohttp import WSMsgType, web

from sandbox.control.broken_responses import reset_connection
from sandbox.runware.api.api import (
    MAX_BODY,
    check_key,
    parse_tasks,
    read_requested_task,
    take_request_fault,
)
from sandbox.runware.fault_injection import REFUSALS
from sandbox.runware.journal import RequestRecord
from sandbox.runware.problems import Problem, RefusedError

if TYPE_CHECKING:
    from sandbox.control.clock import SandboxClock
    from sandbox.runware.api.sessions import SocketSession, SocketSessions
    from sandbox.runware.faults import RunwareFault
    from sandbox.runware.tasks.answers import Answer
    from sandbox.runware.tasks.inference import InferenceTask
from sandbox.runware.tasks.task_handlers import TaskHandlers

IDLE_TIMEOUT_S: Final = 120.0
"""Seconds after its last message that a connection is closed (vendor's SDK documentation)."""


class SocketApi:
    def __init__(
        self,
        tasks: TaskHandlers,
        sessions: SocketSessions,
        *,
        inference: InferenceTask,
        api_key: str,
        clock: SandboxClock,
    ) -> None:
        self._tasks = tasks
        self._sessions = sessions
        self._context = inference.context
        self._api_key = api_key
        self._clock = clock

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Handle messages until either side closes the connection."""
        socket = web.WebSocketResponse(max_msg_size=MAX_BODY)
        await socket.prepare(request)
        session: SocketSession | None = None
        try:
            while not socket.closed:
                text = await self._receive_message(socket)
                if text is None:
                    break
                session = await self._handle_message(request, socket, session, text=text)
        finally:
            if session is not None:
                self._sessions.detach_socket(session, socket)
        return socket

    async def _receive_message(self, socket: web.WebSocketResponse) -> str | bytes | None:
        """Return the next message; None when the client closed or was idle too long."""
        loop = asyncio.get_running_loop()
        closing: list[asyncio.Task[bool]] = []
        timer = self._clock.call_later(
            IDLE_TIMEOUT_S, lambda: closing.append(loop.create_task(socket.close()))
        )
        try:
            message = await socket.receive()
        finally:
            timer.cancel()
            await asyncio.gather(*closing)
        has_data = message.type in {WSMsgType.TEXT, WSMsgType.BINARY}
        return message.data if has_data else None

    async def _handle_message(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        session: SocketSession | None,
        *,
        text: str | bytes,
    ) -> SocketSession | None:
        """Handle one message; return the session, which the first authentication opens."""
        started = time.perf_counter()
        answer = self._tasks.create_answer(over_socket=True)
        try:
            elements = parse_tasks(text)
            session, elements = await self._authenticate(socket, session, elements)
        except RefusedError as refused:
            for problem in refused.problems:
                answer.add_problem(problem)
            await socket.send_json(answer.to_json())
            return session
        self._record_request(elements, started)
        if elements:
            self._sessions.start_delivery(self._answer_elements(request, session, elements, answer))
        return session

    async def _authenticate(
        self, socket: web.WebSocketResponse, session: SocketSession | None, elements: list[Any]
    ) -> tuple[SocketSession, list[Any]]:
        first = elements[0] if isinstance(elements[0], dict) else {}
        if first.get("taskType") != "authentication":
            if session is None:
                problem = Problem("missingApiKey", "Authenticate first.", "apiKey")
                raise RefusedError(problem.for_task("authentication", None))
            return session, elements
        check_key(first.get("apiKey"), self._api_key)
        session = self._sessions.open_session(first.get("connectionSessionUUID"), socket)
        about = {"taskType": "authentication", "connectionSessionUUID": str(session.uuid)}
        await socket.send_json({"data": [about]})
        await self._sessions.replay_missed(session)
        return session, elements[1:]

    async def _answer_elements(
        self, request: web.Request, session: SocketSession, elements: list[Any], answer: Answer
    ) -> None:
        fault = take_request_fault(elements, self._context.service_state.faults)
        if fault and fault.kind in REFUSALS:
            code, _ = REFUSALS[fault.kind]
            answer.add_problem(Problem(code, "The service has no capacity just now."))
            await session.send(answer.to_json(), self._clock.now())
            return
        await self._tasks.handle_elements(elements, answer)
        if fault:
            await self._drop_answer(request, session, fault)
        elif answer.data or answer.errors:
            await session.send(answer.to_json(), self._clock.now())
        for task in answer.awaited:
            self._sessions.follow_task(session, task)

    async def _drop_answer(
        self, request: web.Request, session: SocketSession, fault: RunwareFault
    ) -> None:
        """Lose the answer: reset or close the connection, or only leave the answer out."""
        socket, session.socket = session.socket, None
        if socket is None:
            return
        match fault.kind:
            case "accept_reset":
                reset_connection(request)
            case "silence":
                session.socket = socket
            case "html":
                await socket.send_str("<html>Bad gateway</html>")
                session.socket = socket
            case _:
                await socket.close()

    def _record_request(self, elements: list[Any], started: float) -> None:
        ms = (time.perf_counter() - started) * 1000
        requested = tuple(read_requested_task(element) for element in elements)
        self._context.journal.record_tasks(requested)
        self._context.journal.record_request(
            RequestRecord(self._clock.now(), "WS", "/v1", 200, ms, requested)
        )
