"""The gateway: sockets on which bots identify, resume, and hear what happens."""

import asyncio
import logging

from aiohttp import web

from sandbox.discord import intents
from sandbox.discord.events import Event
from sandbox.discord.faults import Fault, Faults, Stage
from sandbox.discord.gateway_codes import CloseCode, Closed, Op
from sandbox.discord.gateway_connection import Connection
from sandbox.discord.gateway_limits import IdentifyLimit
from sandbox.discord.gateway_session import Session
from sandbox.discord.gateway_wire import Wire
from sandbox.discord.settings import Settings
from sandbox.discord.state import State

RESUMABLE_S = 180.0  # how long a session outlives its socket
_MAX_FRAME = 64 * 1024  # above this aiohttp itself closes, with 1009
_CLOSE_WAIT_S = 2.0
_GOODBYE = frozenset({1000, 1001})
log = logging.getLogger(__name__)


class Gateway:
    """Hold the sessions; feed each with the events it asked for."""

    def __init__(self, state: State, url: str, *, faults: Faults) -> None:
        """Serve at `url`, which READY names as the address to resume at."""
        self.url = url
        self.starts = IdentifyLimit(state.clock.now)
        self._state = state
        self._faults = faults
        self._sessions: dict[str, Session] = {}
        self._wires: set[Wire] = set()
        self._unsubscribe = state.subscribe(self._on_event)

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/gateway", self._connect), web.get("/gateway/", self._connect)]

    @property
    def settings(self) -> Settings:
        return self._state.settings

    @property
    def sessions(self) -> tuple[Session, ...]:
        return tuple(self._sessions.values())

    def reconnect(self) -> None:
        """Ask every bot to reconnect and resume (op 7)."""
        for session in self.sessions:
            if session.wire is not None:
                session.wire.send(Op.RECONNECT)

    def invalidate(self, *, resumable: bool = False) -> None:
        """Tell every bot that its session is no longer good (op 9), or may be resumed."""
        for session in self.sessions:
            wire, session.wire = session.wire, None
            if wire is not None:
                wire.send(Op.INVALID_SESSION, resumable)
            if resumable:
                self._outlive(session)
            else:
                self._forget(session)
        self.count()

    async def drop(self, code: int = CloseCode.UNKNOWN_ERROR) -> None:
        """Close every socket with a code; the sessions can be resumed."""
        for wire in tuple(self._wires):
            await wire.close(code)

    async def close(self) -> None:
        self._unsubscribe()
        await self.drop(1001)

    def attach(self, session: Session, wire: Wire) -> None:
        """Put a session on a socket; an older socket of the same session is closed."""
        if session.wire is not None:
            session.wire.end(CloseCode.UNKNOWN_ERROR)
        session.wire = wire
        self._sessions[session.id] = session

    def count(self) -> None:
        """Count anew who is connected."""
        self._state.set_sessions(sum(each.wire is not None for each in self._sessions.values()))

    def find(self, session_id: object) -> Session | None:
        return self._sessions.get(session_id) if isinstance(session_id, str) else None

    def _on_event(self, event: Event) -> None:
        """Deliver an event to the shards that asked for it, unless a fault is planned for it."""
        if event.name not in intents.NEEDED or not event.reaches(self._state.world.bot.id):
            return
        hearers = [
            session
            for session in self._sessions.values()
            if session.owns(event.guild_id)
            and intents.wants(session.intents, event.name, direct=event.guild_id is None)
        ]
        if not hearers:
            return
        fault = self._faults.take(Stage.EVENT, event.name)
        if fault is None:
            self._deliver(event, hearers)
        else:
            self._go_wrong(fault, event, hearers=hearers)

    def _deliver(self, event: Event, hearers: list[Session]) -> None:
        if event.name not in intents.WITH_CONTENT:
            for session in hearers:
                session.dispatch(event.name, event.text())
            return
        bot_id = self._state.world.bot.id
        seen = event.seen_by(bot_id)
        whole = event.text() if seen is event.payload else seen
        for session in hearers:
            hides = intents.hides_content(session.intents, seen, bot_id=str(bot_id))
            session.dispatch(event.name, intents.without_content(seen) if hides else whole)

    def _go_wrong(self, fault: Fault, event: Event, *, hearers: list[Session]) -> None:
        match fault.kind:
            case "lose":
                return
            case "delay":
                event.text()  # as it is now, not as it will be then
                later = self._state.clock.call_later
                later(float(fault.value), lambda: self._deliver(event, hearers))
                return
            case "duplicate":
                self._deliver(event, hearers)
        self._deliver(event, hearers)
        match fault.kind:
            case "reconnect":
                self.reconnect()
            case "invalidate":
                self.invalidate(resumable=bool(fault.value))
            case "close":
                for wire in self._wires:
                    wire.end(int(fault.value))

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(
            timeout=_CLOSE_WAIT_S, compress=False, max_msg_size=_MAX_FRAME
        )
        await socket.prepare(request)
        transport = request.transport
        if transport is None:  # gone before it began
            return socket
        asked = request.query
        wire = Wire(socket, transport, compress=asked.get("compress"))
        connection = Connection(self, self._state, wire=wire)
        ending = asyncio.create_task(wire.wait_for_end(), name="gateway end")
        self._wires.add(wire)
        try:
            await connection.run(
                version=asked.get("v", "10"), encoding=asked.get("encoding", "json")
            )
        except Closed as closed:
            await wire.close(closed.code, closed.code.name)
        except Exception:
            # A task root: whatever a frame provokes, the bot is told as Discord tells it.
            log.exception("gateway connection failed")
            await wire.close(CloseCode.UNKNOWN_ERROR)
        finally:
            self._wires.discard(wire)
            self._detach(connection)
            ending.cancel()
            await asyncio.gather(ending, return_exceptions=True)
        return socket

    def _detach(self, connection: Connection) -> None:
        session, wire = connection.session, connection.wire
        if session is None:
            return
        session.wire = None
        # Documentation, "Disconnecting": a bot that leaves with 1000 or 1001 ends its session.
        if not wire.closing and wire.socket.close_code in _GOODBYE:
            self._forget(session)
        else:
            self._outlive(session)
        self.count()

    def _outlive(self, session: Session) -> None:
        self._state.clock.call_later(RESUMABLE_S, lambda: self._expire(session))

    def _expire(self, session: Session) -> None:
        if session.wire is None:
            self._forget(session)

    def _forget(self, session: Session) -> None:
        self._sessions.pop(session.id, None)
