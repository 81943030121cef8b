"""The page's routes: its files, its live feed and what a person does on it."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from sandbox.discord.api import refuse
from sandbox.discord.errors import NOT_FOUND, ErrorKind
from sandbox.discord.page_actions import Actions
from sandbox.discord.page_feed import Feed

if TYPE_CHECKING:
    from sandbox.discord.server import LocalDiscord

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

WEB = Path(__file__).parent.parent / "web"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
FOREIGN = ErrorKind(403, 0, "403: Only the page itself may do this")
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
}
# Trusted Types turn any use of innerHTML into an error, also in code that is yet to be written.
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def routes(discord: "LocalDiscord") -> list[web.RouteDef]:
    """List the routes of the page; all of them serve the page itself on this machine only."""
    files = served_files()
    feed = Feed(discord.state)
    actions = Actions(discord.state)

    async def index(_: web.Request) -> web.StreamResponse:
        return _file(files["index.html"])

    async def static(request: web.Request) -> web.StreamResponse:
        path = files.get(request.match_info["name"])
        return refuse(NOT_FOUND) if path is None else _file(path)

    return [
        web.get("/", _guarded(index)),
        web.get("/web/{name:.+}", _guarded(static)),
        web.get("/_page/ws", _guarded(feed.watch)),
        web.post("/_page/interactions", _guarded(actions.interact)),
        web.post("/_page/messages", _guarded(actions.post)),
        web.delete("/_page/messages/{message}", _guarded(actions.dismiss)),
    ]


def served_files(folder: Path = WEB) -> Mapping[str, Path]:
    """Map the names below /web/ to files; nothing that is not listed here is ever opened."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.suffix in TYPES
    }


def _file(path: Path) -> web.FileResponse:
    return web.FileResponse(path, headers=HEADERS | {hdrs.CONTENT_TYPE: TYPES[path.suffix]})


def _guarded(handler: Handler) -> Handler:
    """Serve only requests that name this machine and come from the page itself.

    A foreign name that points here is DNS rebinding; browsers name the origin of a WebSocket and
    of all but a GET.
    """

    async def guarded(request: web.Request) -> web.StreamResponse:
        origin = request.headers.get(hdrs.ORIGIN, f"http://{request.host}")
        if origin != f"http://{request.host}" or _hostname(origin) not in LOOPBACK:
            return refuse(FOREIGN)
        return await handler(request)

    return guarded


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
