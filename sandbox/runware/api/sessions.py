"""WebSocket sessions, which outlive their connections for a while."""

from __future__ import annotations

import contextlib
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from aiohttp import web

from sandbox.control.task_group import BackgroundTasks
from sandbox.runware.problems import RefusedError
from sandbox.runware.tasks.task_store import TASK_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sandbox.runware.problems import Problem
    from sandbox.runware.tasks.inference import InferenceTask
    from sandbox.runware.tasks.task_store import Task, TaskResult

UNDELIVERED_LIFETIME_S: Final = 120.0
"""Seconds that undelivered frames are kept for a session (vendor's SDK documentation)."""
_MAX_FRAMES: Final = 1_000


@dataclass(slots=True, eq=False)
class SocketSession:
    """One client's session, on its current connection if there is one."""

    uuid: UUID
    socket: web.WebSocketResponse | None = None
    disconnected_at: float = 0.0
    outbox: deque[tuple[float, dict[str, Any]]] = field(
        default_factory=lambda: deque(maxlen=_MAX_FRAMES)
    )

    async def send(self, frame: dict[str, Any], now: float) -> None:
        """Send an envelope, or keep it for the session's next connection."""
        socket = self.socket
        if socket is not None and not socket.closed:
            try:
                await socket.send_json(frame)
            except ConnectionError:
                # The connection is dead: keep the frame for the next one.
                self.socket = None
            else:
                return
        self.outbox.append((now, frame))


class SocketSessions:
    """All resumable sessions, and the running deliveries to them."""

    def __init__(
        self, inference: InferenceTask, *, new_uuid: Callable[[], UUID], now: Callable[[], float]
    ) -> None:
        self._inference = inference
        self._new_uuid = new_uuid
        self._now = now
        self._sessions: dict[UUID, SocketSession] = {}
        self._background_tasks = BackgroundTasks()

    def open_session(self, named: object, socket: web.WebSocketResponse) -> SocketSession:
        """Return the session with this UUID until it expires, else a new one."""
        self._forget_old()
        session = None
        with contextlib.suppress(ValueError):
            session = self._sessions.get(UUID(str(named)))
        if session is None:
            session = SocketSession(self._new_uuid())
            self._sessions[session.uuid] = session
        session.socket = socket
        return session

    async def replay_missed(self, session: SocketSession) -> None:
        """Send the frames that the session missed, except expired ones."""
        # Detached first: frames that fail again go into the new outbox.
        missed, session.outbox = session.outbox, deque(maxlen=_MAX_FRAMES)
        for at, frame in missed:
            if self._now() - at < UNDELIVERED_LIFETIME_S:
                await session.send(frame, at)

    def detach_socket(self, session: SocketSession, socket: web.WebSocketResponse) -> None:
        """Mark the session disconnected, unless it has a newer connection."""
        if session.socket in {socket, None}:
            session.socket = None
            session.disconnected_at = self._now()

    def follow_task(self, session: SocketSession, task: Task) -> None:
        """Deliver each outcome of a task in its own frame, as soon as it exists."""
        self.start_delivery(self._deliver_outcomes(session, task))

    def start_delivery(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._background_tasks.start(coroutine, name="websocket delivery")

    async def stop(self) -> None:
        """Cancel the deliveries and close all connections."""
        await self._background_tasks.stop()
        for session in self._sessions.values():
            if session.socket is not None:
                await session.socket.close()

    def clear(self) -> None:
        """Delete the sessions without a connection."""
        self._sessions = {
            uuid: session for uuid, session in self._sessions.items() if session.socket
        }

    async def _deliver_outcomes(self, session: SocketSession, task: Task) -> None:
        results, problems = 0, 0
        while True:
            for result in task.results[results:]:
                await session.send(self._build_frame(task, result), self._now())
            for problem in task.problems[problems:]:
                await session.send(self._build_error_frame(problem), self._now())
            results, problems = len(task.results), len(task.problems)
            if task.finished.is_set() and task.outcome_count == results + problems:
                return
            await task.wait_for_more(results + problems)

    def _build_frame(self, task: Task, result: TaskResult) -> dict[str, Any]:
        about = {"taskType": TASK_TYPE, "taskUUID": str(task.order.uuid)}
        try:
            return {"data": [about | self._inference.describe_result(task.order, result)]}
        except RefusedError as refused:
            problems = [each.for_task(TASK_TYPE, about["taskUUID"]) for each in refused.problems]
            return self._build_error_frame(*problems)

    def _build_error_frame(self, *problems: Problem) -> dict[str, Any]:
        switches = self._inference.context.service_state.switches
        return {"errors": [problem.to_json(switches) for problem in problems]}

    def _forget_old(self) -> None:
        now = self._now()
        self._sessions = {
            uuid: session
            for uuid, session in self._sessions.items()
            if session.socket is not None or now - session.disconnected_at < UNDELIVERED_LIFETIME_S
        }
