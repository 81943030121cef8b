"""One socket's frames, in order and compressed as the bot asked."""

import asyncio
import contextlib
import struct
import zlib
from collections.abc import Callable
from typing import Any

import zstandard
from aiohttp import WSMsgType, web

from sandbox.discord.model.json_encoding import dumps

_LAST = 0x80  # the bit of a frame that is whole
_FAST_LEVEL = 1  # the level of both streams: a loopback has bandwidth and the machine few cores
# Tables of a few KiB stay in the processor's cache from one event to the next.
_COMPRESSION_PARAMETERS = zstandard.ZstdCompressionParameters.from_level(
    _FAST_LEVEL, window_log=15, hash_log=10
)


def build_compressor(compress: str | None) -> Callable[[bytes], bytes] | None:
    """Return what makes each frame a flushed block of one stream; None sends frames as text."""
    if compress == "zlib-stream":
        deflate = zlib.compressobj(_FAST_LEVEL)
        return lambda raw: deflate.compress(raw) + deflate.flush(zlib.Z_SYNC_FLUSH)
    if compress == "zstd-stream":
        stream = zstandard.ZstdCompressor(compression_params=_COMPRESSION_PARAMETERS).compressobj()
        flush = zstandard.COMPRESSOBJ_FLUSH_BLOCK
        return lambda raw: stream.compress(raw) + stream.flush(flush)
    return None


def build_frame_header(opcode: int, length: int) -> bytes:
    """Return what stands before the payload of a whole frame of a server (RFC 6455, 5.2)."""
    first = _LAST | opcode
    if length < 126:
        return bytes((first, length))
    if length < 1 << 16:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)


class FrameSender:
    """Send frames in order and at once, so that telling an event neither waits nor needs a task.

    The library's own sending is a coroutine with a task behind it; it keeps to closing the socket.
    """

    def __init__(
        self, socket: web.WebSocketResponse, transport: asyncio.Transport, *, compress: str | None
    ) -> None:
        """Wrap a socket that is prepared; `compress` is zlib-stream, zstd-stream or nothing."""
        self.socket = socket
        self.closing = False
        self._transport = transport
        self._ended = asyncio.Event()
        self._compress = build_compressor(compress)
        self._code = 1000

    def send(self, op: int, data: Any = None) -> None:
        self.send_text(dumps({"op": op, "d": data, "s": None, "t": None}))

    def send_text(self, text: str) -> None:
        """Send a frame; one that comes after the end is lost, as the session keeps it."""
        if self.closing or self.socket.closed or self._transport.is_closing():
            return
        payload = text.encode()
        if self._compress is not None:
            payload = self._compress(payload)
        opcode = WSMsgType.TEXT if self._compress is None else WSMsgType.BINARY
        self._transport.write(build_frame_header(opcode, len(payload)) + payload)

    def close_after_frames(self, code: int) -> None:
        """Close with a code after the frames that were sent, without waiting for it."""
        self._code, self.closing = code, True
        self._ended.set()

    async def wait_for_end(self) -> None:
        """Close the socket once that is asked for; the handler cancels this with the connection."""
        await self._ended.wait()
        with contextlib.suppress(ConnectionError):
            await self.socket.close(code=self._code)

    async def close(self, code: int, reason: str = "") -> None:
        """Close from this side; seconds are bounded by the socket."""
        self.closing = True
        with contextlib.suppress(ConnectionError):
            await self.socket.close(code=code, message=reason.encode())
