from __future__ import annotations

import asyncio
import gzip
import hashlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from aiohttp import web

from bot.domain.errors import ExpanseError
from bot.errors import MediaGone, MediaRefused, MediaUnavailable
from bot.runware.media_download import Downloader
from tests.support.runware.server_fixture import format_http_answer, serve_answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BODY = bytes(range(256)) * 40
LIMIT = len(BODY)


async def _serve_file(request: web.Request) -> web.Response:
    if "Authorization" in request.headers or "Cookie" in request.headers:
        return web.Response(status=500)
    return web.Response(body=BODY, content_type="image/png")


async def _serve_status(request: web.Request) -> web.Response:
    headers = {"Location": "/file", "Retry-After": "3"}
    return web.Response(status=int(request.match_info["code"]), headers=headers)


async def _serve_big(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    if "declared" in request.query:
        response.content_length = LIMIT + 1
    await response.prepare(request)
    await response.write(BODY + b"!")
    return response


async def _serve_gzip(_request: web.Request) -> web.Response:
    return web.Response(body=gzip.compress(BODY), headers={"Content-Encoding": "gzip"})


async def _serve_empty(_request: web.Request) -> web.Response:
    return web.Response(body=b"")


async def _serve_slowly(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(200):
        await response.write(b"x")
        await asyncio.sleep(0.02)
    return response


@pytest_asyncio.fixture
async def host() -> AsyncIterator[tuple[str, int]]:
    app = web.Application()
    app.add_routes(
        [
            web.get("/file", _serve_file),
            web.get("/status/{code}", _serve_status),
            web.get("/big", _serve_big),
            web.get("/gzip", _serve_gzip),
            web.get("/empty", _serve_empty),
            web.get("/drip", _serve_slowly),
        ]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = runner.addresses[0]
    yield (address[0], address[1])
    await runner.cleanup()


@asynccontextmanager
async def open_downloader(
    *hosts: tuple[str, int], deadline: float = 5.0
) -> AsyncIterator[Downloader]:
    async with Downloader.open(hosts, max_bytes=LIMIT, deadline=deadline) as opened:
        yield opened


async def test_a_file_comes_whole_with_its_hash(host: tuple[str, int]) -> None:
    async with open_downloader(host) as media:
        download = await media.fetch_file(f"http://{host[0]}:{host[1]}/file?ex=1&hm=2")
    assert download.data == BODY
    assert download.sha256 == hashlib.sha256(BODY).hexdigest()
    assert download.content_type == "image/png"


@pytest.mark.parametrize(
    ("path", "kind", "code"),
    [
        ("/big", MediaRefused, "tooLarge"),
        ("/big?declared", MediaRefused, "tooLarge"),
        ("/gzip", MediaRefused, "compressed"),
        ("/empty", MediaRefused, "empty"),
        ("/status/204", MediaRefused, "http204"),
        ("/status/206", MediaRefused, "http206"),
        ("/status/302", MediaRefused, "http302"),
        ("/status/401", MediaRefused, "http401"),
        ("/status/403", MediaGone, "http403"),
        ("/status/404", MediaGone, "http404"),
        ("/status/410", MediaGone, "http410"),
    ],
)
async def test_what_is_no_whole_file_within_the_cap_is_not_taken(
    host: tuple[str, int], path: str, kind: type[MediaRefused | MediaGone], code: str
) -> None:
    async with open_downloader(host) as media:
        with pytest.raises(kind) as refused:
            await media.fetch_file(f"http://{host[0]}:{host[1]}{path}")
    assert refused.value.code == code


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_a_passing_trouble_is_transient(host: tuple[str, int], status: int) -> None:
    async with open_downloader(host) as media:
        with pytest.raises(MediaUnavailable) as trouble:
            await media.fetch_file(f"http://{host[0]}:{host[1]}/status/{status}")
    assert trouble.value.retry_after == 3.0


async def test_a_slow_drip_ends_at_the_deadline(host: tuple[str, int]) -> None:
    async with open_downloader(host, deadline=0.2) as media, asyncio.timeout(2):
        with pytest.raises(MediaUnavailable):
            await media.fetch_file(f"http://{host[0]}:{host[1]}/drip")


async def test_a_truncated_file_is_transient() -> None:
    async with serve_answer(format_http_answer(BODY)[:-1]) as url:
        port = int(url.split(":")[2].split("/")[0])
        async with open_downloader(("127.0.0.1", port)) as media:
            with pytest.raises(MediaUnavailable):
                await media.fetch_file(url)


async def test_a_refused_connection_is_transient() -> None:
    async with serve_answer(b"") as url:
        port = int(url.split(":")[2].split("/")[0])
    async with open_downloader(("127.0.0.1", port)) as media:
        with pytest.raises(MediaUnavailable):
            await media.fetch_file(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:{port}/file",
        "http://127.0.0.1:1/file",
        "http://127.0.0.1/file",
        "https://127.0.0.1/file",
        "http://127.1:{port}/file",
        "http://2130706433:{port}/file",
        "http://0x7f000001:{port}/file",
        "http://[::1]:{port}/file",
        "http://[::ffff:127.0.0.1]:{port}/file",
        "http://127.0.0.1.:{port}/file",
        "http://127.0.0.1:{port}@example.org/file",
        "http://user:word@127.0.0.1:{port}/file",
        "http://example.org:{port}/file",
        "ftp://127.0.0.1:{port}/file",
        "file:///etc/hostname",
        "//127.0.0.1:{port}/file",
        "data:image/png;base64,AAAA",
        "http://",
        "http://127.0.0.1:port/file",
        "",
        "\x00",
    ],
)
async def test_a_host_that_is_not_on_the_list_is_never_asked(
    host: tuple[str, int], url: str
) -> None:
    async with open_downloader(host) as media:
        with pytest.raises(ExpanseError) as refused:
            await media.fetch_file(url.format(port=host[1]))
    assert isinstance(refused.value, MediaRefused)
    assert refused.value.code in {"badUrl", "hostNotAllowed"}
