"""The CDN's routes: attachments and emojis."""

from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from sandbox.discord.model import files, snowflakes
from sandbox.discord.model.cdn_links import EXPIRED

if TYPE_CHECKING:
    from sandbox.discord.state.state import State


class CdnRoutes:
    def __init__(self, state: "State") -> None:
        self._state = state

    def build_routes(self) -> list[web.RouteDef]:
        return [
            web.get("/cdn/attachments/{channel}/{attachment}/{filename}", self._get_attachment),
            web.get(r"/cdn/emojis/{emoji:\d+}.{kind:png|webp|gif|jpg}", self._get_emoji),
        ]

    async def _get_attachment(self, request: web.Request) -> web.Response:
        """Serve the stored bytes; 404 with Discord's text when the link is invalid or expired."""
        attachment_id = snowflakes.parse_snowflake(request.match_info["attachment"])
        attachment = self._state.files.find(attachment_id)
        if attachment is None or not self._state.links.is_valid(attachment.id, dict(request.query)):
            return web.Response(status=404, text=EXPIRED)
        return _respond_bytes(attachment.data, attachment.content_type)

    async def _get_emoji(self, request: web.Request) -> web.Response:
        """Serve an application emoji's stored picture, in any requested format."""
        emoji = self._state.emojis.find(snowflakes.parse_snowflake(request.match_info["emoji"]))
        if emoji is None or not emoji.data:
            return web.Response(status=404, text=EXPIRED)
        return _respond_bytes(emoji.data, files.detect_image_type(emoji.data)[0])


def _respond_bytes(data: bytes, kind: str | None) -> web.Response:
    """Answer bytes with headers under which a browser never executes them."""
    return web.Response(
        body=data,
        headers={
            hdrs.CONTENT_TYPE: kind or "application/octet-stream",
            "Cache-Control": "private, max-age=3600",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
