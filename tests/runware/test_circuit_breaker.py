from __future__ import annotations

import logging
from uuid import uuid4

import pytest

from bot.errors import OutcomeUnknown, ProviderUnavailable
from bot.runware.circuit_breaker import CircuitBreaker, CircuitState
from bot.runware.client import RunwareClient, open_client
from bot.runware.requests import GetAccount
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.faults import RunwareFault, RunwareStage
from tests.support.runware.server_fixture import build_task


class ManualTime:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def manual_time() -> ManualTime:
    return ManualTime()


@pytest.fixture
def breaker(manual_time: ManualTime) -> CircuitBreaker:
    return CircuitBreaker(manual_time)


def get_circuit(holder: CircuitBreaker | RunwareClient) -> CircuitState:
    return holder.circuit_state


def fail_requests(
    breaker: CircuitBreaker, manual_time: ManualTime, times: int, every: float = 1.0
) -> None:
    for _ in range(times):
        breaker.record_failure("no answer")
        manual_time.now += every


def test_five_failures_in_a_row_open_the_circuit_and_say_so(
    breaker: CircuitBreaker, manual_time: ManualTime, caplog: pytest.LogCaptureFixture
) -> None:
    fail_requests(breaker, manual_time, 4)
    breaker.admit_request()
    assert get_circuit(breaker) is CircuitState.CLOSED
    with caplog.at_level(logging.WARNING):
        fail_requests(breaker, manual_time, 1, every=0)
    assert get_circuit(breaker) is CircuitState.OPEN
    assert "circuit open" in caplog.text
    with pytest.raises(ProviderUnavailable) as refused:
        breaker.admit_request()
    assert refused.value.retry_after == 15.0


def test_failures_over_more_than_half_a_minute_do_not_open_it(
    breaker: CircuitBreaker, manual_time: ManualTime
) -> None:
    fail_requests(breaker, manual_time, 20, every=8.0)
    assert get_circuit(breaker) is CircuitState.CLOSED


def test_a_success_between_failures_keeps_it_closed(
    breaker: CircuitBreaker, manual_time: ManualTime
) -> None:
    for _ in range(5):
        fail_requests(breaker, manual_time, 4, every=0.1)
        breaker.record_success()
    assert get_circuit(breaker) is CircuitState.CLOSED


def test_one_probe_passes_every_fifteen_seconds(
    breaker: CircuitBreaker, manual_time: ManualTime
) -> None:
    fail_requests(breaker, manual_time, 5, every=0)
    manual_time.now += 15
    breaker.admit_request()
    assert get_circuit(breaker) is CircuitState.HALF_OPEN
    with pytest.raises(ProviderUnavailable):
        breaker.admit_request()
    manual_time.now += 15
    breaker.admit_request()


def test_a_probe_that_fails_keeps_the_circuit_open_and_one_that_succeeds_closes_it(
    breaker: CircuitBreaker, manual_time: ManualTime
) -> None:
    fail_requests(breaker, manual_time, 5, every=0)
    manual_time.now += 15
    breaker.admit_request()
    breaker.record_failure("still")
    assert get_circuit(breaker) is CircuitState.OPEN
    manual_time.now += 15
    breaker.admit_request()
    breaker.record_success()
    assert get_circuit(breaker) is CircuitState.CLOSED
    breaker.admit_request()


async def test_an_open_circuit_sends_nothing_until_the_probe(
    runware: LocalRunware, breaker: CircuitBreaker, manual_time: ManualTime
) -> None:
    runware.service_state.faults.add(RunwareFault("unavailable", RunwareStage.SUBMIT, times=0))
    async with open_client(
        base_url=runware.base_url, api_key=runware.api_key, breaker=breaker
    ) as client:
        for _ in range(5):
            with pytest.raises(OutcomeUnknown):
                await client.submit([build_task()])
        assert get_circuit(client) is CircuitState.OPEN
        with pytest.raises(ProviderUnavailable, match="circuit"):
            await client.submit([build_task()])
        with pytest.raises(ProviderUnavailable, match="circuit"):
            await client.fetch_account(GetAccount(task_uuid=uuid4()))
        assert len(runware.journal.requests) == 5
        manual_time.now += 15
        await client.fetch_account(GetAccount(task_uuid=uuid4()))
        assert get_circuit(client) is CircuitState.CLOSED


async def test_a_full_queue_is_no_failure(runware: LocalRunware, breaker: CircuitBreaker) -> None:
    runware.service_state.faults.add(RunwareFault("busy", RunwareStage.POLL, times=0, value=0))
    async with open_client(
        base_url=runware.base_url, api_key=runware.api_key, breaker=breaker
    ) as client:
        for _ in range(6):
            with pytest.raises(Exception, match="capacity"):
                await client.fetch_tasks([build_task().task_uuid])
        assert get_circuit(client) is CircuitState.CLOSED
