"""The WebSocket side: sessions that outlive their connections for a while, so none is left out."""

from __future__ import annotations

import contextlib
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from aiohttp import web

from sandbox.control.running import Running
from sandbox.runware.problems import RefusedError
from sandbox.runware.runs import TYPE

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sandbox.runware.inference import ImageInference
    from sandbox.runware.task_store import Result, Task

KEPT: Final = 120.0
"""Seconds that what could not be delivered waits for its session (vendor's SDK documentation)."""
_MOST_FRAMES: Final = 1_000


@dataclass(slots=True, eq=False)
class Session:
    """One client, whichever connection it has just now."""

    uuid: UUID
    socket: web.WebSocketResponse | None = None
    left_at: float = 0.0
    outbox: deque[tuple[float, dict[str, Any]]] = field(
        default_factory=lambda: deque(maxlen=_MOST_FRAMES)
    )

    async def send(self, frame: dict[str, Any], now: float) -> None:
        """Send an envelope, or keep it for the session's next connection."""
        socket = self.socket
        if socket is not None and not socket.closed:
            try:
                await socket.send_json(frame)
            except ConnectionError:
                self.socket = None
            else:
                return
        self.outbox.append((now, frame))


class Sessions:
    """Every session that can still be resumed, and the deliveries that run for them."""

    def __init__(
        self, inference: ImageInference, *, new_uuid: Callable[[], UUID], now: Callable[[], float]
    ) -> None:
        self._inference = inference
        self._new_uuid = new_uuid
        self._now = now
        self._sessions: dict[UUID, Session] = {}
        self._running = Running()

    def enter(self, named: object, socket: web.WebSocketResponse) -> Session:
        """Return the session that is named, while it is kept, else a new one."""
        self._forget_old()
        session = None
        with contextlib.suppress(ValueError):
            session = self._sessions.get(UUID(str(named)))
        if session is None:
            session = Session(self._new_uuid())
            self._sessions[session.uuid] = session
        session.socket = socket
        return session

    async def replay(self, session: Session) -> None:
        """Send what the session missed and what is not too old."""
        missed, session.outbox = session.outbox, deque(maxlen=_MOST_FRAMES)
        for at, frame in missed:
            if self._now() - at < KEPT:
                await session.send(frame, at)

    def leave(self, session: Session, socket: web.WebSocketResponse) -> None:
        """Note that a connection is gone, unless the session has a newer one."""
        if session.socket in {socket, None}:
            session.socket = None
            session.left_at = self._now()

    def follow(self, session: Session, task: Task) -> None:
        """Deliver each outcome of a task, in a frame of its own, as it comes."""
        self.start(self._follow(session, task))

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        self._running.start(work, name="websocket delivery")

    async def stop(self) -> None:
        """Cancel the deliveries and close every connection."""
        await self._running.stop()
        for session in self._sessions.values():
            if session.socket is not None:
                await session.socket.close()

    def clear(self) -> None:
        """Forget the sessions that have no connection."""
        self._sessions = {
            uuid: session for uuid, session in self._sessions.items() if session.socket
        }

    async def _follow(self, session: Session, task: Task) -> None:
        results, problems = 0, 0
        while True:
            for result in task.results[results:]:
                await session.send(self._told(task, result), self._now())
            for problem in task.problems[problems:]:
                await session.send({"errors": [problem.to_json()]}, self._now())
            results, problems = len(task.results), len(task.problems)
            if task.finished.is_set() and task.outcomes == results + problems:
                return
            await task.more(results + problems)

    def _told(self, task: Task, result: Result) -> dict[str, Any]:
        about = {"taskType": TYPE, "taskUUID": str(task.order.uuid)}
        try:
            return {"data": [about | self._inference.describe(task.order, result)]}
        except RefusedError as refused:
            problems = [each.about(TYPE, about["taskUUID"]) for each in refused.problems]
            return {"errors": [problem.to_json() for problem in problems]}

    def _forget_old(self) -> None:
        now = self._now()
        self._sessions = {
            uuid: session
            for uuid, session in self._sessions.items()
            if session.socket is not None or now - session.left_at < KEPT
        }
