"""Days, months and ten minutes: none is opened twice, whatever clocks and zones do."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ledger import (
    format_rate_scope,
    get_charge_day,
    get_day_end,
    get_month_end,
    get_rate_end,
)
from bot.domain.moderation import find_pause_end

ZONES = sorted(
    name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc")
)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)).map(  # noqa: DTZ001 - made aware
    lambda naive: naive.replace(tzinfo=UTC)
)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@given(st.sampled_from(ZONES), MOMENTS)
def test_a_day_ends_when_its_zone_says_so_after_22_to_26_hours(name: str, at: datetime) -> None:
    zone = ZoneInfo(name)
    day = at.astimezone(zone).date()
    end = get_day_end(day, zone)
    assert end > at
    assert (end - timedelta(microseconds=1)).astimezone(zone).date() <= day
    assert (
        timedelta(hours=22)
        <= end - get_day_end(day - timedelta(days=1), zone)
        <= timedelta(hours=26)
    )


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)]
)
def test_a_day_has_the_hours_of_its_zone(day: date, hours: int) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    length = get_day_end(day, berlin) - get_day_end(day - timedelta(days=1), berlin)
    assert length == timedelta(hours=hours)


# two moments 46 hours apart are at most two days apart in any zone, by which a mark still counts
@given(st.sampled_from(ZONES), st.lists(st.integers(-23, 23), max_size=30), MOMENTS)
def test_no_jump_of_the_clock_leads_back_to_an_earlier_day(
    name: str, jumps: list[int], at: datetime
) -> None:
    zone, latest, seen = ZoneInfo(name), None, []
    for jump in jumps:
        day = get_charge_day((at + timedelta(hours=jump)).astimezone(zone).date(), latest)
        seen.append(day)
        latest = day
    assert seen == sorted(seen)


def test_a_change_of_zone_does_not_open_a_day_twice() -> None:
    tokyo = NOON.astimezone(ZoneInfo("Pacific/Kiritimati")).date()
    back = NOON.astimezone(ZoneInfo("Pacific/Niue")).date()
    assert get_charge_day(back, tokyo) == tokyo == date(2026, 11, 23)


def test_a_mark_of_a_clock_that_was_years_ahead_is_disregarded() -> None:
    assert get_charge_day(NOON.date(), date(2031, 1, 1)) == NOON.date()


@pytest.mark.parametrize(
    ("day", "end"),
    [(date(2026, 12, 31), datetime(2027, 1, 1)), (date(2028, 2, 29), datetime(2028, 3, 1))],  # noqa: DTZ001 - made aware
)
def test_a_month_ends_with_its_last_day(day: date, end: datetime) -> None:
    assert get_month_end(day, UTC) == end.replace(tzinfo=UTC)
    assert get_month_end(day.replace(day=1), UTC) == end.replace(tzinfo=UTC)


@given(MOMENTS)
def test_ten_minutes_are_one_account(at: datetime) -> None:
    end = get_rate_end(at)
    assert timedelta() < end - at <= timedelta(minutes=10)
    assert (
        format_rate_scope(at)
        == format_rate_scope(end - timedelta(microseconds=1))
        != format_rate_scope(end)
    )


@pytest.mark.parametrize(
    ("minutes", "until"),
    [
        ([0, 1, 2, 3], None),
        ([0, 1, 2, 3, 4], 64),
        ([0, 2, 4, 6, 10], 70),
        ([0, 2, 4, 6, 10.1], None),
        ([0, 3, 6, 9, 12, 13, 14], 74),
        ([0, 5, 9, 11, 14, 30], None),
    ],
)
def test_five_refusals_within_ten_minutes_cost_an_hour(
    minutes: list[float], until: float | None
) -> None:
    strikes = [NOON + timedelta(minutes=minute) for minute in minutes]
    expected = None if until is None else NOON + timedelta(minutes=until)
    assert find_pause_end(strikes) == expected
