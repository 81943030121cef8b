"""The WebSocket on `/v1`: authentication first, then arrays of tasks, answered as they are done."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from aiohttp import WSMsgType, web

from sandbox.control.connections import reset
from sandbox.runware.api import MAX_BODY, asked, check_key, parse, struck_stage
from sandbox.runware.journal import Request
from sandbox.runware.mishaps import BEFORE
from sandbox.runware.problems import Problem, RefusedError

if TYPE_CHECKING:
    from sandbox.control.clock import Clock
    from sandbox.runware.answers import Answer
    from sandbox.runware.faults import Fault
    from sandbox.runware.inference import ImageInference
    from sandbox.runware.sessions import Session, Sessions
from sandbox.runware.tasks import Tasks

IDLE: Final = 120.0
"""Seconds after its last message that a connection is closed (vendor's SDK documentation)."""


class SocketApi:
    def __init__(
        self,
        tasks: Tasks,
        sessions: Sessions,
        *,
        inference: ImageInference,
        api_key: str,
        clock: Clock,
    ) -> None:
        self._tasks = tasks
        self._sessions = sessions
        self._books = inference.books
        self._api_key = api_key
        self._clock = clock

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Talk until either side has had enough."""
        socket = web.WebSocketResponse(max_msg_size=MAX_BODY)
        await socket.prepare(request)
        session: Session | None = None
        try:
            while not socket.closed:
                text = await self._receive(socket)
                if text is None:
                    break
                session = await self._hear(request, socket, session, text=text)
        finally:
            if session is not None:
                self._sessions.leave(session, socket)
        return socket

    async def _receive(self, socket: web.WebSocketResponse) -> str | bytes | None:
        """Return the next message; None when the client left or was idle for too long."""
        loop = asyncio.get_running_loop()
        closing: list[asyncio.Task[bool]] = []
        timer = self._clock.call_later(
            IDLE, lambda: closing.append(loop.create_task(socket.close()))
        )
        try:
            message = await socket.receive()
        finally:
            timer.cancel()
            await asyncio.gather(*closing)
        told = message.type in {WSMsgType.TEXT, WSMsgType.BINARY}
        return message.data if told else None

    async def _hear(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        session: Session | None,
        *,
        text: str | bytes,
    ) -> Session | None:
        """Take one message; return the session, which the first authentication begins."""
        started = time.perf_counter()
        answer = self._tasks.new_answer()
        try:
            elements = parse(text)
            session, elements = await self._authenticate(socket, session, elements)
        except RefusedError as refused:
            for problem in refused.problems:
                answer.fail(problem)
            await socket.send_json(answer.to_json())
            return session
        self._note(elements, started)
        if elements:
            self._sessions.start(self._answer(request, session, elements, answer))
        return session

    async def _authenticate(
        self, socket: web.WebSocketResponse, session: Session | None, elements: list[Any]
    ) -> tuple[Session, list[Any]]:
        first = elements[0] if isinstance(elements[0], dict) else {}
        if first.get("taskType") != "authentication":
            if session is None:
                problem = Problem("missingApiKey", "Authenticate first.", "apiKey")
                raise RefusedError(problem.about("authentication", None))
            return session, elements
        check_key(first.get("apiKey"), self._api_key)
        session = self._sessions.enter(first.get("connectionSessionUUID"), socket)
        about = {"taskType": "authentication", "connectionSessionUUID": str(session.uuid)}
        await socket.send_json({"data": [about]})
        await self._sessions.replay(session)
        return session, elements[1:]

    async def _answer(
        self, request: web.Request, session: Session, elements: list[Any], answer: Answer
    ) -> None:
        fault = struck_stage(elements, self._books.conditions.faults)
        if fault and fault.kind in BEFORE:
            answer.fail(Problem("rateLimitExceeded", "The service has no capacity just now."))
            await session.send(answer.to_json(), self._clock.now())
            return
        await self._tasks.answer(elements, answer)
        if fault:
            await self._lose(request, session, fault)
        elif answer.data or answer.errors:
            await session.send(answer.to_json(), self._clock.now())
        for task in answer.awaited:
            self._sessions.follow(session, task)

    async def _lose(self, request: web.Request, session: Session, fault: Fault) -> None:
        """Lose the answer: with the connection reset or closed in good order, or just so."""
        socket, session.socket = session.socket, None
        if socket is None:
            return
        match fault.kind:
            case "accept_reset":
                reset(request)
            case "silence":
                session.socket = socket
            case "html":
                await socket.send_str("<html>Bad gateway</html>")
                session.socket = socket
            case _:
                await socket.close()

    def _note(self, elements: list[Any], started: float) -> None:
        ms = (time.perf_counter() - started) * 1000
        named = tuple(asked(element) for element in elements)
        self._books.journal.ask(named)
        self._books.journal.note(Request(self._clock.now(), "WS", "/v1", 200, ms, named))
