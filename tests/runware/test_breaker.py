from __future__ import annotations

import logging

import pytest

from bot.errors import OutcomeUnknown, ProviderUnavailable
from bot.runware.breaker import Breaker, Circuit
from bot.runware.client import RunwareClient, open_client
from sandbox.runware.faults import Fault, Stage
from sandbox.runware.server import LocalRunware
from tests.runware.bed import a_task


class Watch:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def breaker(watch: Watch) -> Breaker:
    return Breaker(watch)


def circuit_of(holder: Breaker | RunwareClient) -> Circuit:
    return holder.circuit


def fail(breaker: Breaker, watch: Watch, times: int, every: float = 1.0) -> None:
    for _ in range(times):
        breaker.failed("no answer")
        watch.now += every


def test_five_failures_in_a_row_open_the_circuit_and_say_so(
    breaker: Breaker, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    fail(breaker, watch, 4)
    breaker.admit()
    assert circuit_of(breaker) is Circuit.CLOSED
    with caplog.at_level(logging.WARNING):
        fail(breaker, watch, 1, every=0)
    assert circuit_of(breaker) is Circuit.OPEN
    assert "circuit open" in caplog.text
    with pytest.raises(ProviderUnavailable) as refused:
        breaker.admit()
    assert refused.value.retry_after == 15.0


def test_failures_over_more_than_half_a_minute_do_not_open_it(
    breaker: Breaker, watch: Watch
) -> None:
    fail(breaker, watch, 20, every=8.0)
    assert circuit_of(breaker) is Circuit.CLOSED


def test_a_success_between_failures_keeps_it_closed(breaker: Breaker, watch: Watch) -> None:
    for _ in range(5):
        fail(breaker, watch, 4, every=0.1)
        breaker.succeeded()
    assert circuit_of(breaker) is Circuit.CLOSED


def test_one_probe_passes_every_fifteen_seconds(breaker: Breaker, watch: Watch) -> None:
    fail(breaker, watch, 5, every=0)
    watch.now += 15
    breaker.admit()
    assert circuit_of(breaker) is Circuit.HALF_OPEN
    with pytest.raises(ProviderUnavailable):
        breaker.admit()
    watch.now += 15
    breaker.admit()


def test_a_probe_that_fails_keeps_the_circuit_open_and_one_that_succeeds_closes_it(
    breaker: Breaker, watch: Watch
) -> None:
    fail(breaker, watch, 5, every=0)
    watch.now += 15
    breaker.admit()
    breaker.failed("still")
    assert circuit_of(breaker) is Circuit.OPEN
    watch.now += 15
    breaker.admit()
    breaker.succeeded()
    assert circuit_of(breaker) is Circuit.CLOSED
    breaker.admit()


async def test_an_open_circuit_sends_nothing_until_the_probe(
    runware: LocalRunware, breaker: Breaker, watch: Watch
) -> None:
    runware.conditions.faults.add(Fault("unavailable", Stage.SUBMIT, times=0))
    async with open_client(
        base_url=runware.base_url, api_key=runware.api_key, breaker=breaker
    ) as client:
        for _ in range(5):
            with pytest.raises(OutcomeUnknown):
                await client.submit([a_task()])
        assert circuit_of(client) is Circuit.OPEN
        with pytest.raises(ProviderUnavailable, match="circuit"):
            await client.submit([a_task()])
        with pytest.raises(ProviderUnavailable, match="circuit"):
            await client.ping()
        assert len(runware.journal.requests) == 5
        watch.now += 15
        await client.ping()
        assert circuit_of(client) is Circuit.CLOSED


async def test_a_full_queue_is_no_failure(runware: LocalRunware, breaker: Breaker) -> None:
    runware.conditions.faults.add(Fault("busy", Stage.POLL, times=0, value=0))
    async with open_client(
        base_url=runware.base_url, api_key=runware.api_key, breaker=breaker
    ) as client:
        for _ in range(6):
            with pytest.raises(Exception, match="capacity"):
                await client.fetch([a_task().task_uuid])
        assert circuit_of(client) is Circuit.CLOSED
