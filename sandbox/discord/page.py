"""The page's routes: its files, its live feed and what a person does on it."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from sandbox.discord.api import refuse
from sandbox.discord.errors import NOT_FOUND, ErrorKind
from sandbox.discord.page_actions import Actions
from sandbox.discord.page_feed import Feed
from sandbox.discord.page_files import ServedFile, served_files
from sandbox.discord.page_messages import PageMessages
from sandbox.discord.page_panel import Panel
from sandbox.discord.state import State

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
FOREIGN = ErrorKind(403, 0, "403: Only the page itself may do this")
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
    "Vary": "Accept-Encoding",
}


def routes(state: State, panel: Panel) -> list[web.RouteDef]:
    """List the routes of the page; all of them serve the page itself on this machine only."""
    files = served_files()

    async def index(request: web.Request) -> web.StreamResponse:
        return _file(files["index.html"], request)

    async def static(request: web.Request) -> web.StreamResponse:
        file = files.get(request.match_info["name"])
        return refuse(NOT_FOUND) if file is None else _file(file, request)

    own = [
        web.get("/", index),
        web.get("/web/{name:.+}", static),
        web.get("/_page/ws", Feed(state).watch),
        web.post("/_page/interactions", Actions(state).interact),
        *PageMessages(state).routes(),
        *panel.routes(),
    ]
    guarded = [web.route(each.method, each.path, _guarded(each.handler)) for each in own]
    return [*guarded, *panel.control_routes()]


def _file(file: ServedFile, request: web.Request) -> web.Response:
    headers = HEADERS | {hdrs.CONTENT_TYPE: file.type, hdrs.ETAG: file.etag}
    if request.headers.get(hdrs.IF_NONE_MATCH) == file.etag:
        return web.Response(status=304, headers=headers)
    packs = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
    if file.packed is None or not packs:
        return web.Response(body=file.data, headers=headers)
    return web.Response(body=file.packed, headers=headers | {hdrs.CONTENT_ENCODING: "gzip"})


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
