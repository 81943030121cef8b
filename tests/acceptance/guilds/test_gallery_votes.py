"""Votes are reactions of two kinds, which members take back and moderators clear."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.domain.gallery import GalleryMode
from bot.domain.ids import GuildId, MessageId, RoleId
from bot.storage.repositories.gallery import GalleryStore
from sandbox.discord.model import seed_data
from sandbox.discord.model.errors import DiscordError
from tests.acceptance.guilds.test_gallery import (
    STAR,
    get_ben,
    get_mia,
    list_gallery,
    set_guild_settings,
)
from tests.support.app.card_controls import expand_picture
from tests.support.app_fixture import DEADLINE, AppFixture, wait_until
from tests.support.clocks import ScaledClock

Json = dict[str, Any]


async def count_votes(app_fixture: AppFixture, result: Json) -> int:
    store, guild = GalleryStore(app_fixture.core.database), GuildId(seed_data.GUILD_ID)
    entry = await store.find_by_message(guild, MessageId(int(result["id"])))
    assert entry is not None
    return entry.votes


async def wait_for_votes(app_fixture: AppFixture, result: Json, votes: int) -> None:
    async with asyncio.timeout(DEADLINE):
        while await count_votes(app_fixture, result) != votes:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def count_posts(app_fixture: AppFixture) -> int:
    """Return how many messages were ever posted to the gallery."""
    path = f"/channels/{seed_data.GALLERY_ID}/messages"
    requests = app_fixture.discord.journal.entries
    return sum(each.method == "POST" and each.path.endswith(path) for each in requests)


async def post_by_votes(app_fixture: AppFixture, *, burst: bool = False) -> Json:
    """Let two members vote Ana's picture into the gallery; return the result's message."""
    await set_guild_settings(
        app_fixture, gallery_mode=GalleryMode.VOTES, gallery_threshold=2, gallery_lower=1
    )
    result = await expand_picture(app_fixture)
    for member in (get_ben(app_fixture), get_mia(app_fixture)):
        member.react(result, STAR, burst=burst)
    await wait_until(lambda: len(list_gallery(app_fixture)) == 1)
    return result


@pytest.mark.parametrize("emoji", [None, STAR])
@pytest.mark.parametrize("burst", [False, True])
async def test_a_picture_leaves_when_a_moderator_clears_its_reactions(
    app_fixture: AppFixture, *, emoji: str | None, burst: bool
) -> None:
    clock = app_fixture.clock = ScaledClock()
    await app_fixture.restart()
    result = await post_by_votes(app_fixture, burst=burst)
    with pytest.raises(DiscordError, match="50013"):
        app_fixture.ana.clear_reactions(result)
    get_mia(app_fixture).clear_reactions(result, emoji=emoji)
    await wait_until(lambda: not list_gallery(app_fixture))
    assert await count_votes(app_fixture, result) == 0
    for member in (get_ben(app_fixture), get_mia(app_fixture)):
        member.react(result, STAR)
    await wait_for_votes(app_fixture, result, 2)
    clock.advance(61)
    await app_fixture.app.services.gallery.finish_moves()
    await wait_until(lambda: len(list_gallery(app_fixture)) == 1)


async def test_votes_that_come_and_go_post_a_picture_once_a_minute(app_fixture: AppFixture) -> None:
    clock = app_fixture.clock = ScaledClock()
    await app_fixture.restart()
    app_fixture.discord.journal.clear()
    result, ben = await post_by_votes(app_fixture), get_ben(app_fixture)
    for _ in range(30):
        ben.unreact(result, STAR)
        await wait_for_votes(app_fixture, result, 1)
        await wait_until(lambda: not list_gallery(app_fixture))
        ben.react(result, STAR)
        await wait_for_votes(app_fixture, result, 2)
    assert count_posts(app_fixture) == 1
    clock.advance(61)
    await app_fixture.app.services.gallery.finish_moves()
    await wait_until(lambda: len(list_gallery(app_fixture)) == 1)
    for _ in range(3):
        ben.unreact(result, STAR)
        await wait_for_votes(app_fixture, result, 1)
        ben.react(result, STAR)
        await wait_for_votes(app_fixture, result, 2)
    ben.unreact(result, STAR)
    await wait_for_votes(app_fixture, result, 1)
    clock.advance(61)
    await app_fixture.app.services.gallery.finish_moves()
    # the last state counts: the vote was taken back, so nothing is posted after the minute
    assert (count_posts(app_fixture), list_gallery(app_fixture)) == (2, [])


async def test_another_emoji_cleared_changes_nothing(app_fixture: AppFixture) -> None:
    result = await post_by_votes(app_fixture)
    get_ben(app_fixture).react(result, "🎨")
    get_mia(app_fixture).clear_reactions(result, emoji="🎨")
    await app_fixture.restart()
    assert await count_votes(app_fixture, result) == 2
    assert len(list_gallery(app_fixture)) == 1


@pytest.mark.parametrize("emoji", [None, STAR])
async def test_reactions_cleared_while_nobody_listened_count_no_more(
    app_fixture: AppFixture, emoji: str | None
) -> None:
    result = await post_by_votes(app_fixture)
    await app_fixture.stop()
    get_mia(app_fixture).clear_reactions(result, emoji=emoji)
    await app_fixture.start()
    await wait_until(lambda: not list_gallery(app_fixture))
    assert await count_votes(app_fixture, result) == 0


async def test_clearing_the_gallery_post_leaves_the_votes_on_the_result(
    app_fixture: AppFixture,
) -> None:
    result = await post_by_votes(app_fixture)
    post = list_gallery(app_fixture)[0]
    olu = app_fixture.discord.guild.member("olu")
    olu.react(post, STAR)
    get_mia(app_fixture).clear_reactions(post)
    get_mia(app_fixture).unreact(result, STAR)
    await wait_until(lambda: not list_gallery(app_fixture))
    assert await count_votes(app_fixture, result) == 1, "Ben's, which nobody cleared"


async def test_super_reactions_are_still_votes_after_a_restart(app_fixture: AppFixture) -> None:
    result = await post_by_votes(app_fixture, burst=True)
    await app_fixture.restart()
    await wait_until(lambda: bool(app_fixture.app.bot.client.is_ready()))
    await app_fixture.app.services.gallery_votes.sync_votes([GuildId(seed_data.GUILD_ID)])
    assert await count_votes(app_fixture, result) == 2
    assert len(list_gallery(app_fixture)) == 1


async def test_a_member_with_both_kinds_counts_once_until_both_are_gone(
    app_fixture: AppFixture,
) -> None:
    result, ben = await post_by_votes(app_fixture), get_ben(app_fixture)
    ben.react(result, STAR, burst=True)
    await app_fixture.restart()
    await app_fixture.app.services.gallery_votes.sync_votes([GuildId(seed_data.GUILD_ID)])
    assert await count_votes(app_fixture, result) == 2
    ben.unreact(result, STAR)
    get_mia(app_fixture).react(result, STAR, burst=True)
    get_mia(app_fixture).unreact(result, STAR, burst=True)
    await app_fixture.app.services.gallery_votes.sync_votes([GuildId(seed_data.GUILD_ID)])
    assert await count_votes(app_fixture, result) == 2
    assert len(list_gallery(app_fixture)) == 1
    ben.unreact(result, STAR, burst=True)
    await wait_until(lambda: not list_gallery(app_fixture))
    assert await count_votes(app_fixture, result) == 1


async def test_a_sync_reads_all_pages_of_both_kinds(app_fixture: AppFixture) -> None:
    await set_guild_settings(
        app_fixture, gallery_mode=GalleryMode.VOTES, gallery_threshold=2, gallery_lower=0
    )
    result = await expand_picture(app_fixture)
    await app_fixture.stop()
    people = [app_fixture.discord.guild.welcome(f"person{number}") for number in range(230)]
    for number, person in enumerate(people):
        if number < 120:
            person.react(result, STAR)
        if number >= 110:
            person.react(result, STAR, burst=True)
    await app_fixture.start()
    await wait_until(lambda: len(list_gallery(app_fixture)) == 1)
    assert await count_votes(app_fixture, result) == 230


async def test_votes_stay_while_the_bot_may_not_read_them(app_fixture: AppFixture) -> None:
    result, guild = await post_by_votes(app_fixture), app_fixture.discord.guild
    await app_fixture.stop()
    history = 1 << 16
    guild.overwrite("studio", "Expanse", deny=history)
    await app_fixture.start()
    await app_fixture.app.services.gallery_votes.sync_votes([GuildId(seed_data.GUILD_ID)])
    assert await count_votes(app_fixture, result) == 2
    assert len(list_gallery(app_fixture)) == 1


async def test_a_refused_vote_does_not_count_after_a_restart_either(
    app_fixture: AppFixture,
) -> None:
    await set_guild_settings(
        app_fixture,
        gallery_mode=GalleryMode.VOTES,
        gallery_threshold=1,
        gallery_voter_roles=(RoleId(seed_data.MODERATOR_ROLE_ID),),
    )
    result = await expand_picture(app_fixture)
    get_ben(app_fixture).react(result, STAR)
    await app_fixture.app.services.gallery_votes.sync_votes([GuildId(seed_data.GUILD_ID)])
    assert await count_votes(app_fixture, result) == 0
    get_mia(app_fixture).react(result, STAR)
    await wait_until(lambda: len(list_gallery(app_fixture)) == 1)
    await app_fixture.app.services.gallery_votes.sync_votes([GuildId(seed_data.GUILD_ID)])
    assert await count_votes(app_fixture, result) == 1
