"""A server of pictures, in place of members' uploads."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from aiohttp import web
from PIL import Image

from bot.domain.geometry import Size
from bot.runware.media_download import Host


class AttachmentServer:
    """Serve plain PNG pictures of any size, in place of members' uploads."""

    def __init__(self, port: int) -> None:
        self._origin = f"http://127.0.0.1:{port}"
        self._pictures: dict[Size, bytes] = {}
        self.host: Host = ("127.0.0.1", port)

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Self]:
        app = web.Application()
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        served: list[Self] = []

        async def serve(request: web.Request) -> web.Response:
            width, _, height = request.match_info["size"].partition("x")
            return web.Response(body=served[0].encode_picture(Size(int(width), int(height))))

        app.add_routes([web.get("/{size}.png", serve)])
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        served.append(cls(runner.addresses[0][1]))
        try:
            yield served[0]
        finally:
            await runner.cleanup()

    def get_picture(self, size: Size) -> tuple[str, int]:
        """Return the URL of a picture of this size, and its number of bytes."""
        return f"{self._origin}/{size}.png", len(self.encode_picture(size))

    def encode_picture(self, size: Size) -> bytes:
        if size not in self._pictures:
            out = io.BytesIO()
            Image.linear_gradient("L").resize((size.width, size.height)).save(out, "PNG")
            self._pictures[size] = out.getvalue()
        return self._pictures[size]
