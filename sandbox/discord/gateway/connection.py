"""One gateway connection: heartbeats, identify, resume and a bot's other frames."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType

from sandbox.discord.gateway import payloads as gateway_payloads
from sandbox.discord.gateway.codes import CloseCode, GatewayClosedError, Op
from sandbox.discord.gateway.limits import SendLimit
from sandbox.discord.gateway.session import GatewaySession
from sandbox.discord.model import intents
from sandbox.discord.model.records import Json

if TYPE_CHECKING:
    from sandbox.discord.gateway.compression import FrameSender
    from sandbox.discord.gateway.server import Gateway
    from sandbox.discord.state.state import State

MAX_FRAME_BYTES = 4096  # documentation, "Sending Events"
# About one network round trip: discord.py notes a heartbeat only when its thread wakes up, and
# would measure an earlier acknowledgement as 41 s late.
ACK_AFTER_S = 0.1
_ZOMBIE_AFTER = 1.5  # heartbeat intervals
_VERSIONS = frozenset({"9", "10"})


class GatewayConnection:
    """Serve one bot's connection; sockets use the system's time, not the sandbox's clock."""

    def __init__(self, gateway: "Gateway", state: "State", *, sender: "FrameSender") -> None:
        self.sender = sender
        self._session: GatewaySession | None = None
        self._gateway = gateway
        self._state = state
        self._loop = asyncio.get_running_loop()
        self._sends = SendLimit(self._loop.time)
        self._last_heartbeat_at = self._loop.time()
        self._acks: set[asyncio.TimerHandle] = set()

    @property
    def session(self) -> GatewaySession | None:
        """Return the session on this socket; None before IDENTIFY and after op 9."""
        session = self._session
        return session if session is not None and session.sender is self.sender else None

    async def run(self, *, version: str, encoding: str) -> None:
        """Receive frames until the bot leaves, or 4009 after 1.5 intervals without a heartbeat."""
        if version not in _VERSIONS:
            raise GatewayClosedError(CloseCode.INVALID_API_VERSION)
        if encoding != "json":
            raise GatewayClosedError(CloseCode.DECODE_ERROR)
        interval = self._gateway.settings.heartbeat_seconds
        self.sender.send(Op.HELLO, {"heartbeat_interval": round(interval * 1000)})
        try:
            while True:
                left = self._last_heartbeat_at + interval * _ZOMBIE_AFTER - self._loop.time()
                try:
                    message = await self.sender.socket.receive(timeout=max(left, 0.001))
                except TimeoutError:
                    raise GatewayClosedError(CloseCode.SESSION_TIMED_OUT) from None
                if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                    return
                self._handle_frame(self._decode_frame(message.data))
        finally:
            for ack in self._acks:
                ack.cancel()

    def _decode_frame(self, raw: str | bytes) -> Json:
        if len(raw.encode() if isinstance(raw, str) else raw) > MAX_FRAME_BYTES:
            raise GatewayClosedError(CloseCode.DECODE_ERROR)
        if not self._sends.admit(self._gateway.settings.sends_per_minute):
            raise GatewayClosedError(CloseCode.RATE_LIMITED)
        try:
            frame: Any = json.loads(raw)
        except (ValueError, RecursionError):
            raise GatewayClosedError(CloseCode.DECODE_ERROR) from None
        if not isinstance(frame, dict):
            raise GatewayClosedError(CloseCode.DECODE_ERROR)
        return frame

    def _handle_frame(self, frame: Json) -> None:
        op, data = frame.get("op"), frame.get("d")
        fields = data if isinstance(data, dict) else {}
        if op == Op.HEARTBEAT:
            self._answer_heartbeat()
        elif op == Op.IDENTIFY:
            self._identify_session(fields)
        elif op == Op.RESUME:
            self._resume_session(fields)
        elif (session := self.session) is None:
            raise GatewayClosedError(CloseCode.NOT_AUTHENTICATED)
        elif op == Op.REQUEST_MEMBERS:
            chunk = gateway_payloads.build_members_chunk(self._state, fields)
            session.dispatch("GUILD_MEMBERS_CHUNK", chunk)
        elif op not in {Op.PRESENCE, Op.VOICE}:
            raise GatewayClosedError(CloseCode.UNKNOWN_OPCODE)

    def _answer_heartbeat(self) -> None:
        self._last_heartbeat_at = self._loop.time()

        def acknowledge() -> None:
            self._acks.discard(timer)
            self.sender.send(Op.HEARTBEAT_ACK)

        timer = self._loop.call_later(ACK_AFTER_S, acknowledge)
        self._acks.add(timer)

    def _identify_session(self, data: Json) -> None:
        self._authenticate(data)
        wanted = intents.parse_intents(data.get("intents"))
        if wanted is None:
            raise GatewayClosedError(CloseCode.INVALID_INTENTS)
        settings = self._gateway.settings
        if wanted & intents.PRIVILEGED & ~settings.intents:
            raise GatewayClosedError(CloseCode.DISALLOWED_INTENTS)
        shard = _read_shard(data.get("shard", [0, 1]))
        if shard[1] < settings.least_shards:
            raise GatewayClosedError(CloseCode.SHARDING_REQUIRED)
        if not self._gateway.identify_limit.admit(shard[0], settings):
            self.sender.send(Op.INVALID_SESSION, data=False)
            return
        session = GatewaySession(f"{self._state.ids.make_id():x}", intents=wanted, shard=shard)
        self._attach_session(session)
        session.dispatch(
            "READY", gateway_payloads.build_ready(self._state, session, url=self._gateway.url)
        )
        for guild in (
            self._state.world.bot_guilds if intents.is_wanted(wanted, "GUILD_CREATE") else ()
        ):
            if session.is_for_guild(guild.id):
                payload = gateway_payloads.build_guild(self._state, guild, intents=wanted)
                session.dispatch("GUILD_CREATE", payload)
        self._gateway.update_session_count()

    def _resume_session(self, data: Json) -> None:
        self._authenticate(data)
        session, sequence = self._gateway.find_session(data.get("session_id")), data.get("seq")
        missed = None
        if session is not None and isinstance(sequence, int):
            if sequence > session.sequence:
                raise GatewayClosedError(CloseCode.INVALID_SEQUENCE)
            missed = session.list_missed_frames(sequence)
        if session is None or missed is None:
            self.sender.send(Op.INVALID_SESSION, data=False)
            return
        # Replayed frames go out before anything new; nothing is awaited in between.
        self._attach_session(session)
        for frame in missed:
            self.sender.send_text(frame)
        session.dispatch("RESUMED", {"_trace": []})
        self._gateway.update_session_count()

    def _attach_session(self, session: GatewaySession) -> None:
        self._session = session
        self._gateway.attach_session(session, self.sender)

    def _authenticate(self, data: Json) -> None:
        if self.session is not None:
            raise GatewayClosedError(CloseCode.ALREADY_AUTHENTICATED)
        token = data.get("token")
        if not isinstance(token, str) or token.removeprefix("Bot ") != self._state.world.token:
            raise GatewayClosedError(CloseCode.AUTHENTICATION_FAILED)


def _read_shard(raw: Any) -> tuple[int, int]:
    if isinstance(raw, list) and len(raw) == 2 and all(type(each) is int for each in raw):
        index, count = raw
        if 0 <= index < count:
            return index, count
    raise GatewayClosedError(CloseCode.INVALID_SHARD)
