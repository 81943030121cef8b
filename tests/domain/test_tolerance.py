"""The strictest ceiling wins, whatever is asked and from wherever."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.content import (
    ORDINARY_MAX,
    ChannelTolerance,
    RequestContext,
    RoleTolerance,
    ToleranceLimits,
    find_tolerance_limit,
)
from bot.domain.guild import PRESETS, GuildSettings, Preset, replace_settings
from bot.domain.ids import ChannelId, RoleId

LEVEL = st.integers(0, 6)
CHANNELS = st.integers(1, 3).map(ChannelId)
ROLES = st.integers(1, 4).map(RoleId)
CEILINGS = st.builds(
    ToleranceLimits,
    operator=LEVEL,
    guild=st.integers(0, 2),
    age_restricted=st.none() | LEVEL,
    channels=st.lists(st.builds(ChannelTolerance, CHANNELS, LEVEL), max_size=3).map(tuple),
    roles=st.lists(st.builds(RoleTolerance, ROLES, LEVEL), max_size=3).map(tuple),
)
PLACES = st.builds(
    RequestContext,
    st.lists(CHANNELS, max_size=2).map(tuple),
    st.sampled_from([True, False, None]),
    st.lists(ROLES, max_size=4).map(tuple),
)


@given(CEILINGS, PLACES)
def test_no_limit_is_ever_passed(ceilings: ToleranceLimits, place: RequestContext) -> None:
    level = find_tolerance_limit(ceilings, place)
    assert 0 <= level <= ceilings.operator
    for each in ceilings.channels:
        is_bound = each.channel in place.channels or not place.channels
        assert not is_bound or level <= each.tolerance
    if not place.age_restricted:
        assert level <= min(ORDINARY_MAX, ceilings.guild)


@given(CEILINGS, PLACES, ROLES)
def test_a_role_that_is_not_listed_changes_nothing(
    ceilings: ToleranceLimits, place: RequestContext, role: RoleId
) -> None:
    listed = {each.role for each in ceilings.roles}
    more = RequestContext(place.channels, place.age_restricted, (*place.roles, role))
    if role not in listed:
        assert find_tolerance_limit(ceilings, more) == find_tolerance_limit(ceilings, place)


def test_the_best_of_a_members_roles_counts() -> None:
    ceilings = ToleranceLimits(
        6, 2, 6, (), (RoleTolerance(RoleId(1), 0), RoleTolerance(RoleId(2), 4))
    )
    both = RequestContext((ChannelId(1),), age_restricted=True, roles=(RoleId(1), RoleId(2)))
    assert find_tolerance_limit(ceilings, both) == 4


@pytest.mark.parametrize("preset", list(Preset))
def test_a_preset_is_made_of_settings_that_can_be(preset: Preset) -> None:
    settings = GuildSettings()
    for name, value in PRESETS[preset].items():
        settings = replace_settings(settings, {name: value})
    assert settings.tolerance <= ORDINARY_MAX


@pytest.mark.parametrize(
    ("channels", "age_restricted", "level"),
    [
        ((4,), False, 2),
        ((1,), False, 0),
        ((7, 1), False, 0),
        ((2, 1), False, 0),
        ((7, 2), False, 1),
        ((4,), True, 5),
        ((7, 3), True, 4),
        ((), False, 0),
        ((), True, 0),
        ((), None, 0),
        ((4,), None, 2),
    ],
)
def test_a_thread_is_bound_by_its_parent_and_an_unknown_channel_by_all(
    channels: tuple[int, ...], *, age_restricted: bool | None, level: int
) -> None:
    ceilings = tuple(
        ChannelTolerance(ChannelId(channel), limit) for channel, limit in ((1, 0), (2, 1), (3, 4))
    )
    allowed = ToleranceLimits(6, 2, 5, ceilings, ())
    context = RequestContext(tuple(map(ChannelId, channels)), age_restricted, ())
    assert find_tolerance_limit(allowed, context) == level


def test_where_age_restriction_is_unknown_the_stricter_of_both_limits_applies() -> None:
    strict_adults = ToleranceLimits(6, 2, 0, (), ())
    assert find_tolerance_limit(strict_adults, RequestContext((ChannelId(1),), None, ())) == 0
