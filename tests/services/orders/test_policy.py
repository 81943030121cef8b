"""What moderators settled is held to, whatever is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
import pytest_asyncio

from bot.clock import SystemClock
from bot.domain.geometry import Size
from bot.domain.guild import GuildSettings
from bot.domain.ids import ChannelId, GuildId, RoleId, UserId
from bot.domain.moderation import MemberBlock
from bot.errors import MemberBlocked, PlaceNotAllowed, SideTooLong, ToleranceRefused, WordRefused
from bot.images.worker_pool import ImageWorkerPool
from bot.services.orders.policy import GuildPolicy, check_canvas
from bot.services.prompts.pattern_matcher import PatternMatcher
from bot.services.prompts.prompt_checks import PromptChecks
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.moderation import ModerationStore
from bot.storage.sqlite.database import Database
from tests.storage.conftest import database
from tests.support.job_builders import NOW, build_job, build_order

__all__ = ["database"]
ORIGIN = build_job().origin
GUILD, MIA = ORIGIN.guild_id, UserId(1)


@pytest_asyncio.fixture
async def policy(database: Database, image_workers: ImageWorkerPool) -> GuildPolicy:
    prompts = PromptChecks(PatternMatcher(image_workers))
    stores = GuildSettingsStore(database), ModerationStore(database)
    return GuildPolicy(*stores, prompts, SystemClock(), 5)


async def set_value(policy: GuildPolicy, name: str, value: object, guild: GuildId = GUILD) -> None:
    await policy.guilds.set_value(guild, name, value, MIA, NOW)


async def test_a_request_without_a_level_gets_the_most_that_is_allowed(policy: GuildPolicy) -> None:
    adults = replace(ORIGIN, age_restricted=True)
    assert (await policy.check_order(ORIGIN, build_order(), None)).tolerance == 2
    await set_value(policy, "adult_tolerance", 6)
    assert (await policy.check_order(ORIGIN, build_order(), None)).tolerance == 2
    assert (await policy.check_order(adults, build_order(), None)).tolerance == 5


async def test_a_request_may_be_stricter_and_never_laxer(policy: GuildPolicy) -> None:
    await set_value(policy, "tolerance", 1)
    assert (
        await policy.check_order(ORIGIN, replace(build_order(), tolerance=0), None)
    ).tolerance == 0
    with pytest.raises(ToleranceRefused) as refused:
        await policy.check_order(ORIGIN, replace(build_order(), tolerance=2), None)
    assert (refused.value.asked, refused.value.limit) == (2, 1)


async def test_a_blocked_member_orders_nothing_in_that_guild(policy: GuildPolicy) -> None:
    await policy.moderation.block_member(MemberBlock(GUILD, ORIGIN.user_id, MIA, "spam", None), NOW)
    with pytest.raises(MemberBlocked):
        await policy.check_order(ORIGIN, build_order(), None)
    await policy.check_order(replace(ORIGIN, guild_id=GuildId(11)), build_order(), None)


async def test_only_the_allowed_channels_and_roles(policy: GuildPolicy) -> None:
    await set_value(policy, "allowed_channels", (ChannelId(77),))
    with pytest.raises(PlaceNotAllowed):
        await policy.check_order(ORIGIN, build_order(), None)
    there = replace(ORIGIN, channel_id=ChannelId(77))
    await policy.check_order(there, build_order(), None)
    thread = replace(ORIGIN, parent_id=ChannelId(77))
    await policy.check_order(thread, build_order(), None)
    for elsewhere in (
        replace(thread, parent_id=ChannelId(78)),
        replace(ORIGIN, channel_id=ChannelId(0)),
    ):
        with pytest.raises(PlaceNotAllowed):
            await policy.check_order(elsewhere, build_order(), None)
    await set_value(policy, "allowed_roles", (RoleId(5),))
    with pytest.raises(PlaceNotAllowed):
        await policy.check_order(there, build_order(), None)
    await policy.check_order(replace(there, roles=(RoleId(5),)), build_order(), None)


async def test_words_and_patterns_refuse_a_prompt_and_patterns_stay_unsaid(
    policy: GuildPolicy,
) -> None:
    await set_value(policy, "banned_words", ("spoon",))
    await set_value(policy, "banned_patterns", (r"dun\w+",))
    for prompt, entry in (("a sp00n", "spoon"), ("DUNES", "")):
        with pytest.raises(WordRefused) as refused:
            await policy.check_order(ORIGIN, replace(build_order(), prompt=prompt), None)
        assert refused.value.entry == entry


async def test_a_second_check_can_be_asked_for_and_not_be_asked_away(policy: GuildPolicy) -> None:
    await set_value(policy, "check_content", value=True)
    assert (await policy.check_order(ORIGIN, build_order(), None)).check_content


def test_a_canvas_longer_than_the_guild_allows_is_refused() -> None:
    settings = GuildSettings(max_side=1024)
    check_canvas(settings, Size(1024, 512))
    with pytest.raises(SideTooLong):
        check_canvas(settings, Size(512, 1025))
