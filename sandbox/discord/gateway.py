"""The gateway: sockets on which bots identify, resume, and hear what happens."""

import asyncio
import contextlib
import json
from enum import IntEnum
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.discord import gateway_payloads, intents
from sandbox.discord.events import Event
from sandbox.discord.gateway_session import Session, Wire, dumps
from sandbox.discord.models import Json
from sandbox.discord.state import State

HEARTBEAT_MS = 41_250  # what Discord's gateway commonly says
RESUMABLE_S = 180.0  # how long a session outlives its socket
_MAX_FRAME = 64 * 1024
_CLOSE_WAIT_S = 2.0


class Op(IntEnum):
    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class CloseCode(IntEnum):
    """Why the gateway closes (documentation, "Gateway Close Event Codes")."""

    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQUENCE = 4007
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    INVALID_API_VERSION = 4012
    INVALID_INTENTS = 4013


class Closed(Exception):
    """End a connection with a code, from wherever its frames are handled."""

    def __init__(self, code: CloseCode) -> None:
        super().__init__(code.name)
        self.code = code


class Gateway:
    """Hold the sessions; feed each with the events it asked for."""

    def __init__(self, state: State, url: str) -> None:
        """Serve at `url`, which READY names as the address to resume at."""
        self._state = state
        self._url = url
        self._sessions: dict[str, Session] = {}
        self._wires: set[Wire] = set()
        self._unsubscribe = state.subscribe(self._on_event)

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/gateway", self._connect), web.get("/gateway/", self._connect)]

    @property
    def sessions(self) -> tuple[Session, ...]:
        return tuple(self._sessions.values())

    def reconnect(self) -> None:
        """Ask every bot to reconnect and resume (op 7)."""
        for session in self.sessions:
            if session.wire is not None:
                session.wire.send(Op.RECONNECT)

    def invalidate(self, *, resumable: bool = False) -> None:
        """Tell every bot that its session is no longer good (op 9)."""
        for session in self.sessions:
            if session.wire is not None:
                session.wire.send(Op.INVALID_SESSION, resumable)
            if not resumable:
                self._forget(session)

    async def drop(self, code: int = 4000) -> None:
        """Close every socket with a code; the sessions can be resumed."""
        for wire in tuple(self._wires):
            with contextlib.suppress(ConnectionError):
                await wire.close(code)

    async def close(self) -> None:
        self._unsubscribe()
        await self.drop(1001)

    def _on_event(self, event: Event) -> None:
        if event.name not in intents.NEEDED or not event.reaches(self._state.world.bot.id):
            return
        bot_id, text = str(self._state.world.bot.id), None
        for session in self._sessions.values():
            if not intents.wants(session.intents, event.name):
                continue
            if event.guild_id is not None and not session.owns(event.guild_id):
                continue
            if intents.hides_content(
                session.intents, event.payload, name=event.name, bot_id=bot_id
            ):
                session.dispatch(event.name, intents.without_content(event.payload))
                continue
            text = text if text is not None else dumps(event.payload)
            session.dispatch(event.name, text)

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(
            timeout=_CLOSE_WAIT_S, compress=False, max_msg_size=_MAX_FRAME
        )
        await socket.prepare(request)
        wire = Wire(socket, compress=request.query.get("compress") == "zlib-stream")
        connection = _Connection(self, self._state, wire=wire)
        pump = asyncio.create_task(wire.pump(), name="gateway pump")
        self._wires.add(wire)
        try:
            await connection.run(request.query.get("v", "10"))
        except Closed as closed:
            with contextlib.suppress(ConnectionError):
                await wire.close(closed.code, closed.code.name)
        finally:
            self._wires.discard(wire)
            self._detach(connection)
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
        return socket

    def attach(self, session: Session, wire: Wire) -> None:
        """Put a session on a socket; an older socket of the same session hears no more."""
        session.wire = wire
        self._sessions[session.id] = session

    def ready(self) -> None:
        """Count anew who is connected."""
        self._state.set_sessions(sum(each.wire is not None for each in self._sessions.values()))

    def find(self, session_id: object) -> Session | None:
        return self._sessions.get(session_id) if isinstance(session_id, str) else None

    @property
    def url(self) -> str:
        return self._url

    def _detach(self, connection: "_Connection") -> None:
        session, wire = connection.session, connection.wire
        if session is None or session.wire is not wire:
            return
        session.wire = None
        # Documentation, "Disconnecting": a bot that leaves with 1000 or 1001 ends its session.
        if not wire.closing and wire.socket.close_code in {1000, 1001}:
            self._forget(session)
        else:
            self._state.clock.call_later(RESUMABLE_S, lambda: self._expire(session))
        self.ready()

    def _expire(self, session: Session) -> None:
        if session.wire is None:
            self._forget(session)

    def _forget(self, session: Session) -> None:
        self._sessions.pop(session.id, None)


class _Connection:
    """One socket's conversation."""

    def __init__(self, gateway: Gateway, state: State, *, wire: Wire) -> None:
        self.wire = wire
        self.session: Session | None = None
        self._gateway = gateway
        self._state = state

    async def run(self, version: str) -> None:
        """Talk until the bot leaves; a silence of one and a half heartbeats ends it (4009)."""
        if version not in {"9", "10"}:
            raise Closed(CloseCode.INVALID_API_VERSION)
        self.wire.send(Op.HELLO, {"heartbeat_interval": HEARTBEAT_MS})
        while True:
            try:
                message = await self.wire.socket.receive(timeout=HEARTBEAT_MS * 1.5 / 1000)
            except TimeoutError:
                raise Closed(CloseCode.SESSION_TIMED_OUT) from None
            if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                return
            self._handle(_decode(message.data))

    def _handle(self, frame: Json) -> None:
        op, data = frame.get("op"), frame.get("d")
        if op == Op.HEARTBEAT:
            self.wire.send(Op.HEARTBEAT_ACK)
        elif op == Op.IDENTIFY:
            self._identify(data if isinstance(data, dict) else {})
        elif op == Op.RESUME:
            self._resume(data if isinstance(data, dict) else {})
        elif self.session is None:
            raise Closed(CloseCode.NOT_AUTHENTICATED)
        elif op == Op.REQUEST_MEMBERS:
            self._members(self.session, data if isinstance(data, dict) else {})
        elif op not in {Op.PRESENCE, Op.VOICE}:
            raise Closed(CloseCode.UNKNOWN_OPCODE)

    def _identify(self, data: Json) -> None:
        self._authenticate(data)
        wanted = intents.parse(data.get("intents"))
        if wanted is None:
            raise Closed(CloseCode.INVALID_INTENTS)
        shard = _shard(data.get("shard", [0, 1]))
        session = Session(f"{self._state.ids.next():x}", intents=wanted, shard=shard)
        self._gateway.attach(session, self.wire)
        self.session = session
        ready = gateway_payloads.ready(self._state, session, url=self._gateway.url)
        session.dispatch("READY", ready)
        guild = self._state.world.guild
        if intents.wants(wanted, "GUILD_CREATE") and session.owns(guild.id):
            session.dispatch("GUILD_CREATE", gateway_payloads.guild(self._state, wanted))
        self._gateway.ready()

    def _resume(self, data: Json) -> None:
        self._authenticate(data)
        session, sequence = self._gateway.find(data.get("session_id")), data.get("seq")
        missed = None
        if session is not None and isinstance(sequence, int):
            if sequence > session.sequence:
                raise Closed(CloseCode.INVALID_SEQUENCE)
            missed = session.missed(sequence)
        if session is None or missed is None:
            self.wire.send(Op.INVALID_SESSION, data=False)
            return
        self._gateway.attach(session, self.wire)
        self.session = session
        for frame in missed:
            self.wire.send_text(frame)
        session.dispatch("RESUMED", {"_trace": []})
        self._gateway.ready()

    def _authenticate(self, data: Json) -> None:
        if self.session is not None:
            raise Closed(CloseCode.ALREADY_AUTHENTICATED)
        token = data.get("token")
        if not isinstance(token, str) or token.removeprefix("Bot ") != self._state.world.token:
            raise Closed(CloseCode.AUTHENTICATION_FAILED)

    def _members(self, session: Session, data: Json) -> None:
        chunk = gateway_payloads.members_chunk(self._state, data)
        session.dispatch("GUILD_MEMBERS_CHUNK", chunk)


def _decode(raw: str | bytes) -> Json:
    try:
        frame: Any = json.loads(raw)
    except (ValueError, RecursionError):
        raise Closed(CloseCode.DECODE_ERROR) from None
    if not isinstance(frame, dict):
        raise Closed(CloseCode.DECODE_ERROR)
    return frame


def _shard(raw: Any) -> tuple[int, int]:
    if isinstance(raw, list) and len(raw) == 2 and all(isinstance(each, int) for each in raw):
        index, count = raw
        if 0 <= index < count:
            return index, count
    raise Closed(CloseCode.INVALID_SHARD)
