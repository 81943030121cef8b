"""No website drives a local service: Host, Origin and Fetch Metadata, for each kind of address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import aiohttp
import pytest
import pytest_asyncio

from sandbox.discord.server import LocalDiscord
from sandbox.runware.api.server import LocalRunware
from tests.support.runware.flat_renderer import FlatRenderer

DISCORD: Final = (
    *(("GET", "/"), ("GET", "/web/style.css"), ("GET", "/_page/ws"), ("POST", "/_page/messages")),
    *(("POST", "/_page/interactions"), ("GET", "/_control/journal"), ("POST", "/_control/act")),
    *(("POST", "/_control/reset"), ("POST", "/_control/faults"), ("DELETE", "/_control/faults")),
    *(("POST", "/_control/clock"), ("GET", "/gateway"), ("GET", "/cdn/attachments/1/2/a.png")),
    *(("GET", "/api/v10/users/@me"), ("POST", "/api/v10/channels/1/messages"), ("GET", "/none")),
)
RUNWARE: Final = (
    *(("GET", "/v1"), ("POST", "/v1"), ("GET", "/_control/journal"), ("POST", "/_control/reset")),
    *(("GET", "/image/os/local/ws/2/ii/a.png"), ("GET", "/content/models"), ("GET", "/none")),
)
OWN, LINK = "{origin}", {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
FRAME: Final = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
CALLERS: Final[dict[str, tuple[dict[str, str], bool]]] = {
    "a program": ({}, True),
    "a program by name": ({"Host": "localhost:{port}"}, True),
    "the page": ({"Origin": OWN, "Sec-Fetch-Site": "same-origin"}, True),
    "the page by name": ({"Host": "localhost:{port}", "Origin": "http://localhost:{port}"}, True),
    "an address that was typed": ({"Sec-Fetch-Site": "none", **LINK}, True),
    "a website": ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, False),
    "a website in an old browser": ({"Origin": "https://evil.example"}, False),
    "a file or a sandboxed frame": ({"Origin": "null"}, False),
    "a picture in a website": (
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        False,
    ),
    "a frame in a website": ({"Sec-Fetch-Site": "cross-site", **FRAME}, False),
    "another port": ({"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"}, False),
    "another port without a name": ({"Sec-Fetch-Site": "same-site"}, False),
    "another scheme": ({"Origin": "https://127.0.0.1:{port}"}, False),
    "one name asks the other": ({"Origin": "http://localhost:{port}"}, False),
    "a rebound name": ({"Host": "evil.example:{port}"}, False),
    "a rebound page": ({"Host": "evil.example", "Origin": "http://evil.example"}, False),
    "a name that ends like ours": ({"Host": "localhost.evil.example"}, False),
    "no name at all": ({"Host": "["}, False),
}


@pytest_asyncio.fixture
async def origins() -> AsyncIterator[dict[str, str]]:
    async with (
        LocalDiscord.open() as discord,
        LocalRunware.open(workers=FlatRenderer()) as runware,
    ):
        yield {"discord": discord.origin, "runware": runware.base_url.removesuffix("/v1")}


async def ask(origin: str, method: str, path: str, headers: dict[str, str]) -> int:
    port = origin.rpartition(":")[2]
    filled = {name: value.format(origin=origin, port=port) for name, value in headers.items()}
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, origin + path, headers=filled, allow_redirects=False) as answer,
    ):
        return answer.status


@pytest.mark.parametrize("caller", CALLERS)
async def test_only_programs_here_and_the_page_itself_are_answered(
    origins: dict[str, str], caller: str
) -> None:
    headers, is_answered = CALLERS[caller]
    endpoints = [("discord", each) for each in DISCORD] + [("runware", each) for each in RUNWARE]
    refused = {
        (service, *endpoint)
        for service, endpoint in endpoints
        if await ask(origins[service], *endpoint, headers) == 403
    }
    assert refused == (set() if is_answered else {(name, *each) for name, each in endpoints})


async def test_a_link_elsewhere_opens_the_page_and_does_nothing(origins: dict[str, str]) -> None:
    link = {"Sec-Fetch-Site": "cross-site", **LINK}
    assert await ask(origins["discord"], "GET", "/", link) == 200
    assert await ask(origins["discord"], "POST", "/_control/reset", link) == 403


@pytest.mark.parametrize("path", ["/_page/ws", "/gateway"])
async def test_sockets_are_opened_by_the_page_and_by_programs_alone(
    origins: dict[str, str], path: str
) -> None:
    origin = origins["discord"]
    port = origin.rpartition(":")[2]
    async with aiohttp.ClientSession() as session:
        for headers, is_answered in CALLERS.values():
            filled = {name: text.format(origin=origin, port=port) for name, text in headers.items()}
            status = 101
            try:
                async with session.ws_connect(origin + path, headers=filled):
                    pass
            except aiohttp.WSServerHandshakeError as refused:
                status = refused.status
            assert (status == 403) == (not is_answered)
