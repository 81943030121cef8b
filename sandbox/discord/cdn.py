"""Signed links to attachments that expire, and the route that serves them."""

import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import hdrs, web

from sandbox.control.clock import Clock
from sandbox.discord import files, snowflakes
from sandbox.discord.models import Attachment

if TYPE_CHECKING:
    from sandbox.discord.state import State

EXPIRED = "This content is no longer available."  # Discord's own sentence
LIFETIME_S = 24 * 3600  # about what Discord's own links live
_STEP_S = 3600  # links made within the same hour are equal, so that a page need not load again


class Links:
    """Make and check CDN addresses below `base`, for example http://127.0.0.1:8000/cdn."""

    def __init__(self, base: str, clock: Clock, *, key: bytes) -> None:
        self.base = base
        self._clock = clock
        # Keyed once: a copy takes a third of the time.
        self._signer = hashlib.blake2b(key=key, digest_size=32)

    def attachment(self, attachment: Attachment) -> str:
        path = f"{attachment.channel_id}/{attachment.id}/{quote(attachment.filename)}"
        issued = int(self._clock.now()) // _STEP_S * _STEP_S
        query = f"ex={issued + LIFETIME_S:x}&is={issued:x}"
        return f"{self.base}/attachments/{path}?{query}&hm={self._sign(attachment.id, query)}&"

    def holds(self, attachment_id: int, query: dict[str, str]) -> bool:
        """Tell whether a link is ours and still good."""
        expires, issued, mark = (query.get(name, "") for name in ("ex", "is", "hm"))
        signed = f"ex={expires}&is={issued}"
        if not hmac.compare_digest(mark.encode(), self._sign(attachment_id, signed).encode()):
            return False
        return self._clock.now() < int(expires, 16)

    def attachment_id(self, url: str) -> int | None:
        """Read the attachment's id out of one of our own addresses; None for any other."""
        prefix = f"{self.base}/attachments/"
        if not url.startswith(prefix):
            return None
        parts = url[len(prefix) :].split("/")
        return snowflakes.parse(parts[1]) if len(parts) > 1 else None

    def _sign(self, attachment_id: int, query: str) -> str:
        signer = self._signer.copy()
        signer.update(f"{attachment_id}?{query}".encode())
        return signer.hexdigest()


class Cdn:
    def __init__(self, state: "State") -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/cdn/attachments/{channel}/{attachment}/{filename}", self._get),
            web.get(r"/cdn/emojis/{emoji:\d+}.{kind:png|webp|gif|jpg}", self._emoji),
        ]

    async def _get(self, request: web.Request) -> web.Response:
        """Serve the bytes as they came; 404 with Discord's sentence when the link is no good."""
        attachment_id = snowflakes.parse(request.match_info["attachment"])
        attachment = self._state.files.find(attachment_id)
        if attachment is None or not self._state.links.holds(attachment.id, dict(request.query)):
            return web.Response(status=404, text=EXPIRED)
        return _served(attachment.data, attachment.content_type)

    async def _emoji(self, request: web.Request) -> web.Response:
        """Serve an application emoji's picture as it came, whatever kind is asked for."""
        emoji = self._state.emojis.find(snowflakes.parse(request.match_info["emoji"]))
        if emoji is None or not emoji.data:
            return web.Response(status=404, text=EXPIRED)
        return _served(emoji.data, files.picture(emoji.data)[0])


def _served(data: bytes, kind: str | None) -> web.Response:
    """Answer with bytes that are shown or kept, and never run."""
    return web.Response(
        body=data,
        headers={
            hdrs.CONTENT_TYPE: kind or "application/octet-stream",
            "Cache-Control": "private, max-age=3600",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
