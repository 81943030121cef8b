"""The page's routes: its files, its live feed and its actions."""

from aiohttp import hdrs, web

from sandbox.discord.model.errors import NOT_FOUND
from sandbox.discord.page.feed import PageFeed
from sandbox.discord.page.invocations import PageInteractions
from sandbox.discord.page.messages import PageMessages
from sandbox.discord.page.panel import DemoPanel
from sandbox.discord.page.static_files import ServedFile, load_served_files
from sandbox.discord.rest.responses import respond_error
from sandbox.discord.state.state import State

# Trusted Types make any use of innerHTML an error, in future code too.
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


def build_page_routes(state: State, panel: DemoPanel) -> list[web.RouteDef]:
    """List the page's routes."""
    files = load_served_files()

    async def index(request: web.Request) -> web.StreamResponse:
        return _serve_file(files["index.html"], request)

    async def static(request: web.Request) -> web.StreamResponse:
        file = files.get(request.match_info["name"])
        return respond_error(NOT_FOUND) if file is None else _serve_file(file, request)

    return [
        web.get("/", index),
        web.get("/web/{name:.+}", static),
        web.get("/_page/ws", PageFeed(state).stream_events),
        web.post("/_page/interactions", PageInteractions(state).open_interaction),
        *PageMessages(state).build_routes(),
        *panel.build_routes(),
        *panel.build_control_routes(),
    ]


def _serve_file(file: ServedFile, request: web.Request) -> web.Response:
    headers = HEADERS | {hdrs.CONTENT_TYPE: file.type, hdrs.ETAG: file.etag}
    if request.headers.get(hdrs.IF_NONE_MATCH) == file.etag:
        return web.Response(status=304, headers=headers)
    packs = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
    if file.compressed is None or not packs:
        return web.Response(body=file.data, headers=headers)
    return web.Response(body=file.compressed, headers=headers | {hdrs.CONTENT_ENCODING: "gzip"})
