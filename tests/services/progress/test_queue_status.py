"""How a job stands: in the queue, and with a provider that may not answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import SystemClock
from bot.domain.ids import JobId
from bot.domain.job import JobState
from bot.runware.circuit_breaker import BreakerLimits, CircuitBreaker
from bot.runware.client import open_client
from bot.services.ports.jobs import QueuePosition, QueueStatus
from bot.services.progress.queue_status import QueueStatusReader
from tests.support.job_builders import build_job as any_job


class FakeDispatcher:
    """The engine's one answer that matters here."""

    def __init__(self, turn: QueuePosition | None) -> None:
        self._turn = turn

    def wake(self, job_id: JobId, /) -> None: ...

    def get_queue_position(self, _job_id: JobId, /) -> QueuePosition | None:
        return self._turn

    async def run(self) -> None: ...

    async def stop(self) -> None: ...


@pytest.mark.parametrize(
    ("turn", "status"),
    [
        (None, QueueStatus()),
        (QueuePosition(3, None), QueueStatus(3)),
        (QueuePosition(1, 0.2), QueueStatus(1, timedelta(seconds=5))),
        (QueuePosition(2, 61.0), QueueStatus(2, timedelta(seconds=65))),
    ],
)
async def test_the_wait_is_measured_and_rounded_up(
    turn: QueuePosition | None, status: QueueStatus
) -> None:
    async with open_client(base_url="http://127.0.0.1:1", api_key="k") as client:
        reader = QueueStatusReader(FakeDispatcher(turn), client, SystemClock())
        assert reader.get_status(any_job()) == status


@pytest.mark.parametrize(
    ("state", "seconds", "is_late"),
    [
        (JobState.SUBMITTED, 55, False),
        (JobState.SUBMITTED, 61, True),
        (JobState.SUBMITTING, 61, True),
        (JobState.PREPARED, 61, False),
        (JobState.RENDERED, 61, False),
    ],
)
async def test_a_task_that_takes_longer_than_a_minute_is_late(
    state: JobState, seconds: float, *, is_late: bool
) -> None:
    async with open_client(base_url="http://127.0.0.1:1", api_key="k") as client:
        since = datetime.now(UTC) - timedelta(seconds=seconds)
        waiting = replace(any_job(), state=state, updated_at=since)
        assert (
            QueueStatusReader(FakeDispatcher(None), client, SystemClock())
            .get_status(waiting)
            .is_late
            is is_late
        )


async def test_a_provider_that_does_not_answer_is_reported_with_the_time_of_the_next_try() -> None:
    breaker = CircuitBreaker(lambda: 0.0, BreakerLimits(failures=2, probe_seconds=15.0))
    async with open_client(base_url="http://127.0.0.1:1", api_key="k", breaker=breaker) as client:
        reader = QueueStatusReader(FakeDispatcher(None), client, SystemClock())
        for _ in range(2):
            breaker.record_failure("no answer")
        waiting = reader.get_status(any_job())
        assert waiting.retry_at is not None
        away = waiting.retry_at - datetime.now(UTC)
        assert timedelta(seconds=10) < away <= timedelta(seconds=15)
        assert reader.get_status(replace(any_job(), state=JobState.STORED)) == QueueStatus()
