"""Photographs, tasks and misbehaving servers for the provider's tests."""

from __future__ import annotations

import asyncio
import base64
import io
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import numpy as np
from PIL import Image

from bot.runware.requests import ImageInference, Inputs, Outpaint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable


def draw_photo(width: int = 96, height: int = 80, *, mode: str = "RGB") -> Image.Image:
    """Draw a grainy colour gradient, always the same."""
    rng = np.random.default_rng(7)
    down, across = np.mgrid[0:height, 0:width]
    slope = np.stack([across * 255 / width, down * 255 / height, (across + down) % 97], axis=2)
    grainy = np.clip(slope + rng.normal(0, 3, slope.shape), 0, 255).astype(np.uint8)
    return Image.fromarray(grainy).convert(mode)


def encode_image(image: Image.Image, file_format: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.save(out, file_format)
    return out.getvalue()


def build_data_uri(data: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def build_task(*, uuid: UUID | None = None, **changed: Any) -> ImageInference:
    """Build a task for a small photograph; `changed` replaces fields."""
    fields: dict[str, Any] = {
        "task_uuid": uuid or uuid4(),
        "positive_prompt": "more of the same field",
        "inputs": Inputs(seed_image=build_data_uri(encode_image(draw_photo()))),
        "outpaint": Outpaint(right=64),
    }
    return ImageInference(**(fields | changed))


@asynccontextmanager
async def open_tcp_server(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    """Serve raw TCP on a free loopback port; `talk` is called once per connection."""
    open_connections: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        this = asyncio.current_task()
        assert this is not None
        open_connections.add(this)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            open_connections.discard(this)
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in list(open_connections):
            connection.cancel()
        await asyncio.gather(*open_connections, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """Read one HTTP request and return its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = [line.partition(b":") for line in head.lower().split(b"\r\n")]
    length = next((int(value) for name, _, value in lines if name == b"content-length"), 0)
    return await reader.readexactly(length)


def format_http_answer(body: bytes, *, status: str = "200 OK", **headers: str) -> bytes:
    """Format a whole HTTP answer; underscores in header names become hyphens."""
    fields = {"Content_Length": str(len(body)), "Connection": "close"} | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items() if value]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body


@asynccontextmanager
async def serve_answer(answer: bytes) -> AsyncIterator[str]:
    """Answer every request with the same bytes, then close; yield the URL to post to."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer)
        await writer.drain()

    async with open_tcp_server(talk) as port:
        yield f"http://127.0.0.1:{port}/v1"
