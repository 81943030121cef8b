"""What a supervisor asks is answered, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import ValidationError

from bot.config.settings import TelemetrySettings
from bot.telemetry.health_server import HealthServer, HealthStatus


class AdjustableStatus:
    health = HealthStatus(("no session",), {"jobs_settled": 3, "ready": 0})

    delay_s = 0.0

    async def report(self) -> HealthStatus:
        await asyncio.sleep(self.delay_s)
        return self.health


@pytest.fixture
async def health_server() -> AsyncIterator[tuple[AdjustableStatus, int]]:
    status, port = AdjustableStatus(), asyncio.get_running_loop().create_future()
    server = HealthServer("127.0.0.1", 0, status.report, idle_seconds=0.5, status_seconds=0.5)
    running = asyncio.create_task(server.run(port.set_result))
    yield status, await asyncio.wait_for(port, 5)
    running.cancel()
    await asyncio.wait([running])


async def send_request(port: int, path: str, method: str = "GET") -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, f"http://127.0.0.1:{port}{path}") as answer,
    ):
        return answer.status, await answer.text()


async def test_life_readiness_and_numbers_are_reported(
    health_server: tuple[AdjustableStatus, int],
) -> None:
    source, port = health_server
    assert await send_request(port, "/live") == (200, "alive\n")
    assert await send_request(port, "/ready") == (503, "no session\n")
    status, text = await send_request(port, "/metrics")
    metrics = list(text_string_to_metric_families(text))
    values = {each.name: each.value for metric in metrics for each in metric.samples}
    assert (status, values) == (200, {"expanse_jobs_settled": 3, "expanse_ready": 0})
    assert {metric.type for metric in metrics} == {"gauge"}
    source.health = HealthStatus()
    assert await send_request(port, "/ready") == (200, "ready\n")


async def test_anything_else_is_refused(health_server: tuple[AdjustableStatus, int]) -> None:
    _, port = health_server
    assert (await send_request(port, "/"))[0] == 404
    assert (await send_request(port, "/live", "POST"))[0] == 405
    refused = b"HTTP/1.0 400 Bad Request"
    odd_requests = {
        b"\r\n\r\n": b"",
        b"x" * 10_000: refused,
        b"GET\r\n\r\n": refused,
        b"GET /li": b"",
    }
    for odd, answer in odd_requests.items():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(odd)
        assert (await asyncio.wait_for(reader.read(), 10)).partition(b"\r\n")[0] == answer
        writer.close()
    assert (await send_request(port, "/live"))[0] == 200


@pytest.mark.parametrize("path", ["/ready", "/metrics"])
async def test_a_status_that_takes_too_long_is_a_failure(
    health_server: tuple[AdjustableStatus, int], path: str
) -> None:
    source, port = health_server
    source.delay_s = 60.0
    answer = await asyncio.wait_for(send_request(port, path), 10)
    assert answer == (503, "no answer in time\n")
    assert (await send_request(port, "/live"))[0] == 200


@pytest.mark.parametrize("path", ["/live", "/ready", "/metrics", "/other"])
@pytest.mark.parametrize(
    ("headers", "is_answered"),
    [
        ({}, True),
        ({"Host": "localhost:9"}, True),
        ({"Host": "[::1]:9"}, True),
        ({"Origin": "http://127.0.0.1:9"}, True),
        ({"Host": "evil.example"}, False),
        ({"Host": "127.0.0.1.evil.example"}, False),
        ({"Host": "localhost.evil.example:80"}, False),
        ({"Host": "192.0.2.1"}, False),
        ({"Host": "["}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
    ],
)
async def test_only_who_names_this_machine_is_answered(
    health_server: tuple[AdjustableStatus, int],
    path: str,
    headers: dict[str, str],
    *,
    is_answered: bool,
) -> None:
    _, port = health_server
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}", headers=headers) as answer,
    ):
        assert (answer.status not in {400, 403}) == is_answered


def test_only_a_loopback_address_is_served() -> None:
    with pytest.raises(ValidationError, match="loopback"):
        TelemetrySettings(host="0.0.0.0")  # noqa: S104 - that is what is refused
