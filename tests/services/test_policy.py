"""What moderators settled is held to, whatever is asked."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
import pytest_asyncio

from bot.clock import SystemClock
from bot.domain.geometry import Size
from bot.domain.guild import GuildSettings
from bot.domain.ids import ChannelId, GuildId, RoleId, UserId
from bot.domain.moderation import Block
from bot.domain.problems import SettingRefused
from bot.errors import (
    MemberBlocked,
    PlaceNotAllowed,
    SideTooLong,
    ToleranceRefused,
    WordRefused,
)
from bot.services.patterns import check_pattern, first_match
from bot.services.policy import Policy, check_canvas
from bot.storage.database import Database
from bot.storage.guilds import GuildStore
from bot.storage.moderation import ModerationStore
from tests.storage.conftest import database
from tests.storage.jobs import NOW, job, order

__all__ = ["database"]
ORIGIN = job().origin
GUILD, MIA = ORIGIN.guild_id, UserId(1)


@pytest_asyncio.fixture
async def policy(database: Database) -> Policy:
    return Policy(database, GuildStore(database), ModerationStore(database), SystemClock(), 5)


async def put(policy: Policy, name: str, value: object, guild: GuildId = GUILD) -> None:
    await policy.guilds.set(guild, name, value, MIA, NOW)


async def test_a_request_without_a_level_gets_the_most_that_is_allowed(policy: Policy) -> None:
    adults = replace(ORIGIN, age_restricted=True)
    assert (await policy.allowed(ORIGIN, order(), None)).tolerance == 2
    await put(policy, "adult_tolerance", 6)
    assert (await policy.allowed(ORIGIN, order(), None)).tolerance == 2
    assert (await policy.allowed(adults, order(), None)).tolerance == 5


async def test_a_request_may_be_stricter_and_never_laxer(policy: Policy) -> None:
    await put(policy, "tolerance", 1)
    assert (await policy.allowed(ORIGIN, replace(order(), tolerance=0), None)).tolerance == 0
    with pytest.raises(ToleranceRefused) as refused:
        await policy.allowed(ORIGIN, replace(order(), tolerance=2), None)
    assert (refused.value.asked, refused.value.ceiling) == (2, 1)


async def test_a_blocked_member_orders_nothing_in_that_guild(policy: Policy) -> None:
    await policy.moderation.block(Block(GUILD, ORIGIN.user_id, MIA, "spam", None), NOW)
    with pytest.raises(MemberBlocked):
        await policy.allowed(ORIGIN, order(), None)
    await policy.allowed(replace(ORIGIN, guild_id=GuildId(11)), order(), None)


async def test_only_the_allowed_channels_and_roles(policy: Policy) -> None:
    await put(policy, "allowed_channels", (ChannelId(77),))
    with pytest.raises(PlaceNotAllowed):
        await policy.allowed(ORIGIN, order(), None)
    there = replace(ORIGIN, channel_id=ChannelId(77))
    await policy.allowed(there, order(), None)
    await put(policy, "allowed_roles", (RoleId(5),))
    with pytest.raises(PlaceNotAllowed):
        await policy.allowed(there, order(), None)
    await policy.allowed(replace(there, roles=(RoleId(5),)), order(), None)


async def test_words_and_patterns_refuse_a_prompt_and_patterns_stay_unsaid(policy: Policy) -> None:
    await put(policy, "banned_words", ("spoon",))
    await put(policy, "banned_patterns", (r"dun\w+",))
    for prompt, entry in (("a sp00n", "spoon"), ("DUNES", "")):
        with pytest.raises(WordRefused) as refused:
            await policy.allowed(ORIGIN, replace(order(), prompt=prompt), None)
        assert refused.value.entry == entry


async def test_a_second_check_can_be_asked_for_and_not_be_asked_away(policy: Policy) -> None:
    await put(policy, "check_content", value=True)
    assert (await policy.allowed(ORIGIN, order(), None)).check_content


def test_a_canvas_longer_than_the_guild_allows_is_refused() -> None:
    settings = GuildSettings(max_side=1024)
    check_canvas(settings, Size(1024, 512))
    with pytest.raises(SideTooLong):
        check_canvas(settings, Size(512, 1025))


@pytest.mark.parametrize(
    "pattern",
    ["(", "a{2000}", "(?=x)", r"(a)\1", "*", "x" * 201, "", ".*", "a?", "(((a{50}){50}){50})"],
)
def test_a_pattern_that_cannot_be_is_refused_at_once(pattern: str) -> None:
    began = time.perf_counter()
    with pytest.raises(SettingRefused):
        check_pattern(pattern)
    assert time.perf_counter() - began < 0.05


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}"])
def test_no_text_makes_a_pattern_explode(pattern: str) -> None:
    began = time.perf_counter()
    first_match([pattern], "a" * 3000 + "!")
    assert time.perf_counter() - began < 0.05
