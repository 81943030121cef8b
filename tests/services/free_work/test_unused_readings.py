"""What orders read for nothing: ten in one go, one more every six seconds, and no debts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from bot.domain.ids import JobId, UserId
from bot.errors import FreeWorkLimit, FreeWorkRefused, ImageReason, ImageRefused
from bot.services.free_work.unused_readings import UnusedReadings
from bot.storage.repositories.jobs import JobSuperseded
from tests.support.clocks import LoopClock

pytestmark = pytest.mark.virtual_time
ANA, BEN = UserId(1), UserId(2)
BROKEN = ImageRefused(ImageReason.BROKEN)


def read_for_nothing(readings: UnusedReadings, error: Exception = BROKEN, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(type(error)), readings.count_reading(ANA):
            raise error


def find_refusal(readings: UnusedReadings, user: UserId) -> FreeWorkRefused | None:
    """Read a good picture; return why not, if it may not be."""
    try:
        with readings.count_reading(user):
            return None
    except FreeWorkRefused as refused:
        return refused


def is_trusted(readings: UnusedReadings, user: UserId = ANA) -> bool:
    with readings.count_reading(user) as trusted:
        return trusted


@pytest.mark.parametrize("error", [BROKEN, JobSuperseded(JobId("cancelled"))])
async def test_ten_pictures_may_be_read_for_nothing_and_then_one_in_six_seconds(
    error: Exception,
) -> None:
    readings = UnusedReadings(LoopClock())
    read_for_nothing(readings, error, times=10)
    refused = find_refusal(readings, ANA)
    assert refused is not None
    assert refused.limit is FreeWorkLimit.RATE
    assert refused.retry_at == datetime.fromtimestamp(6, UTC)
    assert find_refusal(readings, BEN) is None
    await asyncio.sleep(6)
    read_for_nothing(readings, error)
    assert find_refusal(readings, ANA) is not None


async def test_pictures_that_are_used_or_fail_for_the_bots_own_reasons_take_nothing() -> None:
    readings = UnusedReadings(LoopClock())
    for _ in range(100):
        assert find_refusal(readings, ANA) is None
    read_for_nothing(readings, OSError(), times=100)
    assert find_refusal(readings, ANA) is None


async def test_a_reading_for_nothing_is_remembered_for_six_seconds() -> None:
    readings = UnusedReadings(LoopClock())
    assert is_trusted(readings)
    read_for_nothing(readings)
    assert not is_trusted(readings)
    assert is_trusted(readings, BEN)
    await asyncio.sleep(6)
    assert is_trusted(readings)


async def test_a_refusal_for_too_many_takes_nothing_more() -> None:
    readings = UnusedReadings(LoopClock())
    read_for_nothing(readings, times=10)
    for _ in range(100):
        assert find_refusal(readings, ANA) is not None
    await asyncio.sleep(6)
    assert find_refusal(readings, ANA) is None
