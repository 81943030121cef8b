"""One socket's outgoing frames, in order and compressed as the bot asked."""

import asyncio
import contextlib
import struct
import zlib
from collections.abc import Callable
from typing import Any

import zstandard
from aiohttp import WSMsgType, web

from sandbox.discord.model.json_encoding import dumps

_LAST = 0x80  # FIN, the bit of an unfragmented frame
_FAST_LEVEL = 1  # for both streams: loopback has bandwidth, the machine few cores
# Tables of a few KiB stay in the CPU cache between events.
_COMPRESSION_PARAMETERS = zstandard.ZstdCompressionParameters.from_level(
    _FAST_LEVEL, window_log=15, hash_log=10
)


def build_compressor(compress: str | None) -> Callable[[bytes], bytes] | None:
    """Return a function that compresses frames into one stream; None sends them as text."""
    if compress == "zlib-stream":
        deflate = zlib.compressobj(_FAST_LEVEL)
        return lambda raw: deflate.compress(raw) + deflate.flush(zlib.Z_SYNC_FLUSH)
    if compress == "zstd-stream":
        stream = zstandard.ZstdCompressor(compression_params=_COMPRESSION_PARAMETERS).compressobj()
        flush = zstandard.COMPRESSOBJ_FLUSH_BLOCK
        return lambda raw: stream.compress(raw) + stream.flush(flush)
    return None


def build_frame_header(opcode: int, length: int) -> bytes:
    """Return the header of an unfragmented server frame (RFC 6455, 5.2)."""
    first = _LAST | opcode
    if length < 126:
        return bytes((first, length))
    if length < 1 << 16:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)


class FrameSender:
    """Write frames immediately and in order, so that sending needs no task and no await.

    aiohttp sends by a coroutine; here it is used only to close the socket.
    """

    def __init__(
        self, socket: web.WebSocketResponse, transport: asyncio.Transport, *, compress: str | None
    ) -> None:
        """Wrap a prepared socket; `compress` is zlib-stream, zstd-stream or None."""
        self.socket = socket
        self.closing = False
        self._transport = transport
        self._ended = asyncio.Event()
        self._compress = build_compressor(compress)
        self._code = 1000

    def send(self, op: int, data: Any = None) -> None:
        self.send_text(dumps({"op": op, "d": data, "s": None, "t": None}))

    def send_text(self, text: str) -> None:
        """Send a frame; after the close it is dropped, as the session keeps it for a resume."""
        if self.closing or self.socket.closed or self._transport.is_closing():
            return
        payload = text.encode()
        if self._compress is not None:
            payload = self._compress(payload)
        opcode = WSMsgType.TEXT if self._compress is None else WSMsgType.BINARY
        self._transport.write(build_frame_header(opcode, len(payload)) + payload)

    def close_after_frames(self, code: int) -> None:
        """Close with a code after the frames already sent, without waiting."""
        self._code, self.closing = code, True
        self._ended.set()

    async def wait_for_end(self) -> None:
        """Wait until closing is requested, then close; the handler cancels this at disconnect."""
        await self._ended.wait()
        with contextlib.suppress(ConnectionError):
            await self.socket.close(code=self._code)

    async def close(self, code: int, reason: str = "") -> None:
        """Close from this side; the socket limits the time to wait."""
        self.closing = True
        with contextlib.suppress(ConnectionError):
            await self.socket.close(code=code, message=reason.encode())
