"""The gateway server: sessions, and the delivery of events to them."""

import asyncio
import logging

from aiohttp import web

from sandbox.discord.gateway.codes import CloseCode, GatewayClosedError, Op
from sandbox.discord.gateway.compression import FrameSender
from sandbox.discord.gateway.connection import GatewayConnection
from sandbox.discord.gateway.limits import IdentifyLimit
from sandbox.discord.gateway.session import GatewaySession
from sandbox.discord.model import intents
from sandbox.discord.model.events import Event
from sandbox.discord.model.faults import DiscordFault, DiscordFaults, DiscordStage
from sandbox.discord.model.limits import DiscordLimits
from sandbox.discord.state.state import State

RESUMABLE_S = 180.0  # how long a session can be resumed after its socket closed
_MAX_FRAME = 64 * 1024  # above this, aiohttp itself closes with 1009
_CLOSE_WAIT_S = 2.0
_FINAL_CLOSE_CODES = frozenset({1000, 1001})
log = logging.getLogger(__name__)


class Gateway:
    """Keep the sessions, and send each the events of its intents."""

    def __init__(self, state: State, url: str, *, faults: DiscordFaults) -> None:
        """Serve at `url`, which READY names as the URL to resume at."""
        self.url = url
        self.identify_limit = IdentifyLimit(state.clock.now)
        self._state = state
        self._faults = faults
        self._sessions: dict[str, GatewaySession] = {}
        self._senders: set[FrameSender] = set()
        self._unsubscribe = state.subscribe(self._on_event)

    def build_routes(self) -> list[web.RouteDef]:
        return [web.get("/gateway", self._connect), web.get("/gateway/", self._connect)]

    @property
    def settings(self) -> DiscordLimits:
        return self._state.settings

    @property
    def sessions(self) -> tuple[GatewaySession, ...]:
        return tuple(self._sessions.values())

    def request_reconnect(self) -> None:
        """Ask every bot to reconnect and resume (op 7)."""
        for session in self.sessions:
            if session.sender is not None:
                session.sender.send(Op.RECONNECT)

    def invalidate_sessions(self, *, resumable: bool = False) -> None:
        """Send every bot op 9: its session is invalid, or with `resumable` may be resumed."""
        for session in self.sessions:
            sender, session.sender = session.sender, None
            if sender is not None:
                sender.send(Op.INVALID_SESSION, resumable)
            if resumable:
                self._schedule_expiry(session)
            else:
                self._forget_session(session)
        self.update_session_count()

    async def close_sockets(self, code: int = CloseCode.UNKNOWN_ERROR) -> None:
        """Close every socket with a code; the sessions stay resumable."""
        for sender in tuple(self._senders):
            await sender.close(code)

    async def close(self) -> None:
        self._unsubscribe()
        await self.close_sockets(1001)

    def attach_session(self, session: GatewaySession, sender: FrameSender) -> None:
        """Move a session to a socket; close the socket it was on."""
        if session.sender is not None:
            session.sender.close_after_frames(CloseCode.UNKNOWN_ERROR)
        session.sender = sender
        self._sessions[session.id] = session

    def update_session_count(self) -> None:
        """Update the number of connected sessions."""
        self._state.set_sessions(sum(each.sender is not None for each in self._sessions.values()))

    def find_session(self, session_id: object) -> GatewaySession | None:
        return self._sessions.get(session_id) if isinstance(session_id, str) else None

    def _on_event(self, event: Event) -> None:
        """Deliver an event to the shards that subscribed to it, or apply a planned fault."""
        if event.name not in intents.EVENT_INTENTS or not event.is_visible_to(
            self._state.world.bot.id
        ):
            return
        receivers = [
            session
            for session in self._sessions.values()
            if session.is_for_guild(event.guild_id)
            and intents.is_wanted(session.intents, event.name, direct=event.guild_id is None)
        ]
        if not receivers:
            return
        fault = self._faults.take(DiscordStage.EVENT, event.name)
        if fault is None:
            self._deliver(event, receivers)
        else:
            self._apply_fault(fault, event, receivers=receivers)

    def _deliver(self, event: Event, receivers: list[GatewaySession]) -> None:
        if event.name not in intents.CONTENT_EVENTS:
            for session in receivers:
                session.dispatch(event.name, event.to_json_text())
            return
        bot_id = self._state.world.bot.id
        seen = event.build_payload_for(bot_id)
        whole = event.to_json_text() if seen is event.payload else seen
        for session in receivers:
            hides = intents.is_content_hidden(session.intents, seen, bot_id=str(bot_id))
            session.dispatch(event.name, intents.strip_content(seen) if hides else whole)

    def _apply_fault(
        self, fault: DiscordFault, event: Event, *, receivers: list[GatewaySession]
    ) -> None:
        match fault.kind:
            case "lose":
                return
            case "delay":
                event.to_json_text()  # encode the payload now: it must not show later changes
                later = self._state.clock.call_later
                later(float(fault.value), lambda: self._deliver(event, receivers))
                return
            case "duplicate":
                self._deliver(event, receivers)
        self._deliver(event, receivers)
        match fault.kind:
            case "reconnect":
                self.request_reconnect()
            case "invalidate":
                self.invalidate_sessions(resumable=bool(fault.value))
            case "close":
                for sender in self._senders:
                    sender.close_after_frames(int(fault.value))

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        # Without permessage-deflate: the stream itself is compressed, as on Discord.
        socket = web.WebSocketResponse(
            timeout=_CLOSE_WAIT_S, compress=False, max_msg_size=_MAX_FRAME
        )
        await socket.prepare(request)
        transport = request.transport
        if transport is None:  # disconnected before it was prepared
            return socket
        query = request.query
        sender = FrameSender(socket, transport, compress=query.get("compress"))
        connection = GatewayConnection(self, self._state, sender=sender)
        ending = asyncio.create_task(sender.wait_for_end(), name="gateway end")
        self._senders.add(sender)
        try:
            await connection.run(
                version=query.get("v", "10"), encoding=query.get("encoding", "json")
            )
        except GatewayClosedError as closed:
            await sender.close(closed.code, closed.code.name)
        except Exception:
            # A task root: after any error, the bot gets a close code as on Discord.
            log.exception("gateway connection failed")
            await sender.close(CloseCode.UNKNOWN_ERROR)
        finally:
            self._senders.discard(sender)
            self._detach(connection)
            ending.cancel()
            await asyncio.gather(ending, return_exceptions=True)
        return socket

    def _detach(self, connection: GatewayConnection) -> None:
        session, sender = connection.session, connection.sender
        if session is None:
            return
        session.sender = None
        # Documentation, "Disconnecting": a bot that closes with 1000 or 1001 ends its session.
        if not sender.closing and sender.socket.close_code in _FINAL_CLOSE_CODES:
            self._forget_session(session)
        else:
            self._schedule_expiry(session)
        self.update_session_count()

    def _schedule_expiry(self, session: GatewaySession) -> None:
        self._state.clock.call_later(RESUMABLE_S, lambda: self._expire_session(session))

    def _expire_session(self, session: GatewaySession) -> None:
        if session.sender is None:
            self._forget_session(session)

    def _forget_session(self, session: GatewaySession) -> None:
        self._sessions.pop(session.id, None)
