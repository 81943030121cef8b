"""One socket's frames, in order and compressed as the bot asked."""

import asyncio
import contextlib
import zlib
from collections import deque
from collections.abc import Callable
from typing import Any

import zstandard
from aiohttp import web

from sandbox.discord.jsons import dumps

_FAST = 1  # the level of both streams: a loopback has bandwidth and the machine few cores
# Tables of a few KiB stay in the processor's cache from one event to the next.
_SMALL = zstandard.ZstdCompressionParameters.from_level(_FAST, window_log=15, hash_log=10)


def packer(compress: str | None) -> Callable[[bytes], bytes] | None:
    """Return what makes each frame a flushed block of one stream; None sends frames as text."""
    if compress == "zlib-stream":
        deflate = zlib.compressobj(_FAST)
        return lambda raw: deflate.compress(raw) + deflate.flush(zlib.Z_SYNC_FLUSH)
    if compress == "zstd-stream":
        stream = zstandard.ZstdCompressor(compression_params=_SMALL).compressobj()
        flush = zstandard.COMPRESSOBJ_FLUSH_BLOCK
        return lambda raw: stream.compress(raw) + stream.flush(flush)
    return None


class Wire:
    """Send frames in order, from a task of its own, so that telling an event never waits."""

    def __init__(self, socket: web.WebSocketResponse, *, compress: str | None) -> None:
        """Wrap a socket; `compress` is zlib-stream, zstd-stream or nothing."""
        self.socket = socket
        self.closing = False
        self._frames: deque[str] = deque()
        self._some = asyncio.Event()
        self._pack = packer(compress)
        self._code: int | None = None

    def send(self, op: int, data: Any = None) -> None:
        self.send_text(dumps({"op": op, "d": data, "s": None, "t": None}))

    def send_text(self, text: str) -> None:
        self._frames.append(text)
        self._some.set()

    def end(self, code: int) -> None:
        """Close with a code after the frames that wait, without waiting for it."""
        self._code, self.closing = code, True
        self._some.set()

    async def pump(self) -> None:
        """Send until the socket is gone; the handler cancels this with the connection."""
        while True:
            await self._some.wait()
            self._some.clear()
            try:
                await self._drain()
            except ConnectionError:
                return
            if self._code is not None:
                await self.socket.close(code=self._code)
                return

    async def close(self, code: int, reason: str = "") -> None:
        """Close from this side, after the frames that wait; seconds are bounded by the socket."""
        self.closing = True
        with contextlib.suppress(ConnectionError):
            await self._drain()
            await self.socket.close(code=code, message=reason.encode())

    async def _drain(self) -> None:
        while self._frames:
            text = self._frames.popleft()
            if self._pack is None:
                await self.socket.send_str(text)
            else:
                await self.socket.send_bytes(self._pack(text.encode()))
