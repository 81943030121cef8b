"""One gateway socket's conversation: heartbeats, identify, resume, and what a bot may ask."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType

from sandbox.discord import gateway_payloads, intents
from sandbox.discord.gateway_codes import CloseCode, Closed, Op
from sandbox.discord.gateway_limits import SendLimit
from sandbox.discord.gateway_session import Session
from sandbox.discord.models import Json

if TYPE_CHECKING:
    from sandbox.discord.gateway import Gateway
    from sandbox.discord.gateway_wire import Wire
    from sandbox.discord.state import State

LARGEST_FRAME = 4096  # bytes: documentation, "Sending Events"
# As long as a way over the network takes: discord.py notes when it sent a heartbeat only after its
# thread wakes, and takes an acknowledgement from before that for one that is 41 s late.
ACK_AFTER_S = 0.1
_ZOMBIE_AFTER = 1.5  # heartbeats
_VERSIONS = frozenset({"9", "10"})


class Connection:
    """Talk with one bot; the sockets live by the system's time, whatever the sandbox's clock."""

    def __init__(self, gateway: "Gateway", state: "State", *, wire: "Wire") -> None:
        self.wire = wire
        self._session: Session | None = None
        self._gateway = gateway
        self._state = state
        self._loop = asyncio.get_running_loop()
        self._sends = SendLimit(self._loop.time)
        self._heard = self._loop.time()
        self._acks: set[asyncio.TimerHandle] = set()

    @property
    def session(self) -> Session | None:
        """Return the session that is on this socket; None before IDENTIFY and after op 9."""
        session = self._session
        return session if session is not None and session.wire is self.wire else None

    async def run(self, *, version: str, encoding: str) -> None:
        """Talk until the bot leaves; without heartbeats for one and a half intervals, 4009."""
        if version not in _VERSIONS:
            raise Closed(CloseCode.INVALID_API_VERSION)
        if encoding != "json":
            raise Closed(CloseCode.DECODE_ERROR)
        interval = self._gateway.settings.heartbeat_seconds
        self.wire.send(Op.HELLO, {"heartbeat_interval": round(interval * 1000)})
        try:
            while True:
                left = self._heard + interval * _ZOMBIE_AFTER - self._loop.time()
                try:
                    message = await self.wire.socket.receive(timeout=max(left, 0.001))
                except TimeoutError:
                    raise Closed(CloseCode.SESSION_TIMED_OUT) from None
                if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                    return
                self._handle(self._decode(message.data))
        finally:
            for ack in self._acks:
                ack.cancel()

    def _decode(self, raw: str | bytes) -> Json:
        if len(raw.encode() if isinstance(raw, str) else raw) > LARGEST_FRAME:
            raise Closed(CloseCode.DECODE_ERROR)
        if not self._sends.admit(self._gateway.settings.sends_per_minute):
            raise Closed(CloseCode.RATE_LIMITED)
        try:
            frame: Any = json.loads(raw)
        except (ValueError, RecursionError):
            raise Closed(CloseCode.DECODE_ERROR) from None
        if not isinstance(frame, dict):
            raise Closed(CloseCode.DECODE_ERROR)
        return frame

    def _handle(self, frame: Json) -> None:
        op, data = frame.get("op"), frame.get("d")
        fields = data if isinstance(data, dict) else {}
        if op == Op.HEARTBEAT:
            self._heartbeat()
        elif op == Op.IDENTIFY:
            self._identify(fields)
        elif op == Op.RESUME:
            self._resume(fields)
        elif (session := self.session) is None:
            raise Closed(CloseCode.NOT_AUTHENTICATED)
        elif op == Op.REQUEST_MEMBERS:
            chunk = gateway_payloads.members_chunk(self._state, fields)
            session.dispatch("GUILD_MEMBERS_CHUNK", chunk)
        elif op not in {Op.PRESENCE, Op.VOICE}:
            raise Closed(CloseCode.UNKNOWN_OPCODE)

    def _heartbeat(self) -> None:
        self._heard = self._loop.time()

        def acknowledge() -> None:
            self._acks.discard(timer)
            self.wire.send(Op.HEARTBEAT_ACK)

        timer = self._loop.call_later(ACK_AFTER_S, acknowledge)
        self._acks.add(timer)

    def _identify(self, data: Json) -> None:
        self._authenticate(data)
        wanted = intents.parse(data.get("intents"))
        if wanted is None:
            raise Closed(CloseCode.INVALID_INTENTS)
        settings = self._gateway.settings
        if wanted & intents.PRIVILEGED & ~settings.intents:
            raise Closed(CloseCode.DISALLOWED_INTENTS)
        shard = _shard(data.get("shard", [0, 1]))
        if shard[1] < settings.least_shards:
            raise Closed(CloseCode.SHARDING_REQUIRED)
        if not self._gateway.starts.admit(shard[0], settings):
            self.wire.send(Op.INVALID_SESSION, data=False)
            return
        session = Session(f"{self._state.ids.next():x}", intents=wanted, shard=shard)
        self._attach(session)
        session.dispatch(
            "READY", gateway_payloads.ready(self._state, session, url=self._gateway.url)
        )
        for guild in self._state.world.joined if intents.wants(wanted, "GUILD_CREATE") else ():
            if session.owns(guild.id):
                payload = gateway_payloads.guild(self._state, guild, intents=wanted)
                session.dispatch("GUILD_CREATE", payload)
        self._gateway.count()

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
        self._attach(session)
        for frame in missed:
            self.wire.send_text(frame)
        session.dispatch("RESUMED", {"_trace": []})
        self._gateway.count()

    def _attach(self, session: Session) -> None:
        self._session = session
        self._gateway.attach(session, self.wire)

    def _authenticate(self, data: Json) -> None:
        if self.session is not None:
            raise Closed(CloseCode.ALREADY_AUTHENTICATED)
        token = data.get("token")
        if not isinstance(token, str) or token.removeprefix("Bot ") != self._state.world.token:
            raise Closed(CloseCode.AUTHENTICATION_FAILED)


def _shard(raw: Any) -> tuple[int, int]:
    if isinstance(raw, list) and len(raw) == 2 and all(type(each) is int for each in raw):
        index, count = raw
        if 0 <= index < count:
            return index, count
    raise Closed(CloseCode.INVALID_SHARD)
