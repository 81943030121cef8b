"""One gateway session: its sequence, what it may have to send again, and the socket it is on."""

import asyncio
import json
import zlib
from collections import deque
from typing import Any

from aiohttp import web

from sandbox.discord.models import Json

REPLAYED = 2000  # events kept for a resume; a session that missed more starts anew


def dumps(payload: Any) -> str:
    return json.dumps(payload, separators=(",", ":"))


class Wire:
    """Send frames in order, from a task of its own, so that telling an event never waits."""

    def __init__(self, socket: web.WebSocketResponse, *, compress: bool) -> None:
        """Wrap a socket; with `compress` frames are one zlib stream, flushed at each frame."""
        self.socket = socket
        self.closing = False
        self._frames: deque[str] = deque()
        self._some = asyncio.Event()
        self._zlib = zlib.compressobj() if compress else None

    def send(self, op: int, data: Any = None) -> None:
        self.send_text(dumps({"op": op, "d": data, "s": None, "t": None}))

    def send_text(self, text: str) -> None:
        self._frames.append(text)
        self._some.set()

    async def pump(self) -> None:
        """Send until the socket is gone; the handler cancels this with the connection."""
        while True:
            await self._some.wait()
            self._some.clear()
            while self._frames:
                try:
                    await self._send(self._frames.popleft())
                except ConnectionError:
                    return

    async def close(self, code: int, reason: str = "") -> None:
        """Close from this side, after the frames that wait; seconds are bounded by the socket."""
        self.closing = True
        while self._frames:
            await self._send(self._frames.popleft())
        await self.socket.close(code=code, message=reason.encode())

    async def _send(self, text: str) -> None:
        if self._zlib is None:
            await self.socket.send_str(text)
        else:
            block = self._zlib.compress(text.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
            await self.socket.send_bytes(block)


class Session:
    """What Discord keeps of a bot between two sockets."""

    def __init__(self, session_id: str, *, intents: int, shard: tuple[int, int]) -> None:
        self.id = session_id
        self.intents = intents
        self.shard = shard
        self.sequence = 0
        self.wire: Wire | None = None
        self._sent: deque[tuple[int, str]] = deque(maxlen=REPLAYED)

    def dispatch(self, name: str, payload: Json | str) -> None:
        """Send an event, or keep it for the resume; a str is JSON already."""
        text = payload if isinstance(payload, str) else dumps(payload)
        self.sequence += 1
        frame = f'{{"op":0,"t":"{name}","s":{self.sequence},"d":{text}}}'
        self._sent.append((self.sequence, frame))
        if self.wire is not None:
            self.wire.send_text(frame)

    def missed(self, since: int) -> list[str] | None:
        """Return the frames after a sequence number; None when some are no longer kept."""
        oldest = self._sent[0][0] if self._sent else self.sequence + 1
        if since + 1 < oldest:
            return None
        return [frame for number, frame in self._sent if number > since]

    def owns(self, guild_id: int) -> bool:
        """Tell whether a guild's events go to this shard (documentation, "Sharding")."""
        index, count = self.shard
        return (guild_id >> 22) % count == index
