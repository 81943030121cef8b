"""The bot starts whatever the provider does; only a refused key ends the start."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from bot.composition.provider import build_provider_checks, open_provider
from bot.composition.startup_checks import check_key
from bot.config.settings import RunwareSettings, Settings
from bot.errors import StartError
from sandbox.runware.api.server import LocalRunware
from tests.acceptance.operation.test_startup_checks import (
    build_environment,
    find_free_address,
    start_bot,
)
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    list_media,
    read_text,
)
from tests.support.runware.flat_renderer import FlatRenderer
from tests.support.runware.server_fixture import (
    format_http_answer,
    open_tcp_server,
    read_request,
    serve_answer,
)

SECONDS_TO_START = 30.0
"""A start of the program with its imports takes up to 10 s on a busy machine."""


def format_error(code: str, status: str) -> bytes:
    body = {"data": [], "errors": [{"code": code, "message": "m", "parameter": ["taskType"]}]}
    return format_http_answer(json.dumps(body).encode(), status=status)


@asynccontextmanager
async def serve_nobody() -> AsyncIterator[str]:
    yield f"http://{find_free_address()}/v1"


@asynccontextmanager
async def serve_silence() -> AsyncIterator[str]:
    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await asyncio.Event().wait()

    async with open_tcp_server(talk) as port:
        yield f"http://127.0.0.1:{port}/v1"


Provider = Callable[[], AbstractAsyncContextManager[str]]
HTML = b"<html><body>Bad gateway</body></html>"
TROUBLE: dict[str, tuple[Provider, str]] = {
    "down": (serve_nobody, "not connected"),
    "hangs": (serve_silence, "no answer within 3 s"),
    "answers 500": (
        lambda: serve_answer(format_error("internalServerError", "500 Error")),
        "HTTP 500",
    ),
    "answers HTML": (lambda: serve_answer(format_http_answer(HTML)), "HTTP 200"),
    "answers 502 with HTML": (
        lambda: serve_answer(format_http_answer(HTML, status="502 Bad Gateway")),
        "HTTP 502",
    ),
    "is somewhere else": (
        lambda: serve_answer(format_http_answer(HTML, status="404 Not Found")),
        "HTTP 404",
    ),
}
"""What the provider does, and what the log says about it."""


async def wait_until_online(app_fixture: AppFixture, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(SECONDS_TO_START):
        while not app_fixture.discord.state.is_bot_online:
            assert process.returncode is None
            await asyncio.sleep(0.05)


async def stop_process(process: asyncio.subprocess.Process) -> list[dict[str, Any]]:
    """Stop the bot and return what it logged."""
    process.terminate()
    _, error = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0
    return [json.loads(line) for line in error.decode().splitlines()]


async def check_provider_key(url: str) -> list[Any]:
    """Check the key as a start does, and return what was logged about Runware."""
    settings = Settings(runware=RunwareSettings(api_key="key", base_url=url))
    with capture_logs() as logged:
        async with open_provider(settings) as provider:
            checks = build_provider_checks(settings, provider.client, provider.catalog)
            await check_key(checks, url)
    return [line for line in logged if "Runware" in line["event"]]


@pytest.mark.parametrize("trouble", ["down", "answers HTML"])
async def test_the_start_does_not_depend_on_the_provider(
    app_fixture: AppFixture, tmp_path: Path, trouble: str
) -> None:
    await app_fixture.stop()
    provider, reason = TROUBLE[trouble]
    async with provider() as url:
        environment = build_environment(app_fixture, tmp_path, EXPANSE_RUNWARE__BASE_URL=url)
        process = await start_bot(environment, tmp_path)
        await wait_until_online(app_fixture, process)
        logged = await stop_process(process)
    expect_warning([line for line in logged if "Runware" in line["event"]], url, reason)


def expect_warning(told: list[Any], url: str, reason: str) -> None:
    assert [line.get("level", line.get("log_level")) for line in told] == ["warning"]
    assert told[0]["event"] == "Runware can't be reached; orders wait until it answers"
    assert told[0]["url"] == url
    assert reason in told[0]["why"]


@pytest.mark.parametrize("trouble", TROUBLE)
async def test_a_provider_in_trouble_is_a_warning_and_no_long_wait(trouble: str) -> None:
    provider, reason = TROUBLE[trouble]
    async with provider() as url:
        began = time.monotonic()
        told = await check_provider_key(url)
    expect_warning(told, url, reason)
    assert time.monotonic() - began < 4.0, "three seconds are the deadline"


@pytest.mark.parametrize("code", ["unsupportedTaskType", "invalidTaskType"])
async def test_a_provider_that_knows_no_account_task_is_no_trouble(code: str) -> None:
    async with serve_answer(format_error(code, "400 Bad Request")) as url:
        assert not await check_provider_key(url)


async def test_the_bot_starts_beside_a_provider_that_knows_no_ping(
    app_fixture: AppFixture, tmp_path: Path
) -> None:
    await app_fixture.stop()
    assert app_fixture.runware.service_state.switches.http_ping == "unknown"
    process = await start_bot(build_environment(app_fixture, tmp_path), tmp_path)
    await wait_until_online(app_fixture, process)
    logged = await stop_process(process)
    assert not [line for line in logged if "Runware" in line["event"]]


REFUSALS = {
    "invalidApiKey": "401 Unauthorized",
    "tokenExpired": "401 Unauthorized",
    "forbidden": "403 Forbidden",
}


def format_refusal(url: str, code: str) -> str:
    return f"Runware at {url} refuses the API key ({code}). Check runware.api_key."


@pytest.mark.parametrize("code", REFUSALS)
async def test_a_refused_key_is_no_start(code: str) -> None:
    async with serve_answer(format_error(code, REFUSALS[code])) as url:
        with pytest.raises(StartError, match=re.escape(format_refusal(url, code))):
            await check_provider_key(url)


async def test_a_refused_key_ends_the_program(app_fixture: AppFixture, tmp_path: Path) -> None:
    await app_fixture.stop()
    async with serve_answer(format_error("invalidApiKey", "401 Unauthorized")) as url:
        environment = build_environment(app_fixture, tmp_path, EXPANSE_RUNWARE__BASE_URL=url)
        process = await start_bot(environment, tmp_path)
        _, error = await asyncio.wait_for(process.communicate(), SECONDS_TO_START)
    assert process.returncode == 1
    assert error.decode().splitlines()[-1] == f"expanse: {format_refusal(url, 'invalidApiKey')}"


async def test_a_key_that_may_not_read_the_account_is_good_enough() -> None:
    """Its permission for pictures is tried by a dry run."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (task,) = json.loads(await read_request(reader))
        if task["taskType"] == "accountManagement":
            writer.write(format_error("permissionDenied", "403 Forbidden"))
        else:
            priced = {"data": [{"taskUUID": task["taskUUID"], "cost": 0.05}]}
            writer.write(format_http_answer(json.dumps(priced).encode()))
        await writer.drain()

    async with open_tcp_server(talk) as port:
        assert not await check_provider_key(f"http://127.0.0.1:{port}/v1")


async def test_an_order_waits_for_a_provider_that_comes_later(
    app_fixture: AppFixture, tmp_path: Path
) -> None:
    await app_fixture.stop()
    url = f"http://{find_free_address()}/v1"
    environment = build_environment(app_fixture, tmp_path, EXPANSE_RUNWARE__BASE_URL=url)
    process = await start_bot(environment, tmp_path)
    await wait_until_online(app_fixture, process)
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
    )
    await call.message(lambda message: "not answering" in read_text(message), timeout=40.0)
    port = int(urlsplit(url).port or 0)
    async with LocalRunware.open(port=port, workers=FlatRenderer()) as provider:
        await call.message(lambda message: bool(list_media(message)), timeout=40.0)
        assert len(provider.journal.bills) == 1
        await stop_process(process)
