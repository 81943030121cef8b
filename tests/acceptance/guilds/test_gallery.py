"""A guild's gallery as members live it: buttons, votes, deletions, restarts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from bot.domain.gallery import GalleryMode
from bot.domain.ids import ChannelId, GuildId, UserId
from bot.storage.repositories.guild_settings import GuildSettingsStore
from sandbox.discord.actors.member import MemberActor
from sandbox.discord.model import seed_data
from sandbox.discord.model.errors import DiscordError
from sandbox.discord.model.faults import DiscordFault
from tests.support.app.adult_channels import add_adult_channel
from tests.support.app.card_controls import expand_picture, list_labels, press_button
from tests.support.app_fixture import (
    DEADLINE,
    AppFixture,
    draw_photograph,
    encode_upload,
    list_media,
    list_parts,
    read_text,
    wait_until,
)
from tests.support.clocks import ScaledClock

STAR = "⭐"
FILE = 13
Json = dict[str, Any]


def get_ben(app_fixture: AppFixture) -> MemberActor:
    return app_fixture.discord.guild.member("ben")


def get_mia(app_fixture: AppFixture) -> MemberActor:
    return app_fixture.discord.guild.member("mia")


async def set_guild_settings(app_fixture: AppFixture, **settings: object) -> None:
    """Settle a guild's gallery as its moderators would."""
    guilds, app = GuildSettingsStore(app_fixture.core.database), app_fixture.app
    chosen = {"gallery_channel": ChannelId(seed_data.GALLERY_ID), **settings}
    for name, value in chosen.items():
        await guilds.set_value(
            GuildId(seed_data.GUILD_ID), name, value, UserId(seed_data.MIA_ID), app.core.clock.now()
        )


def list_gallery(app_fixture: AppFixture) -> list[Json]:
    """Return the pictures in the gallery's channel."""
    found = app_fixture.discord.guild.messages("gallery")
    return [message for message in found if list_media(message)]


def is_text(message: Json) -> bool:
    return bool(read_text(message))


async def ask_for(app_fixture: AppFixture, command: str, **options: Any) -> str:
    """Let Ana run a command; return what is answered."""
    return read_text(await (await app_fixture.ana.slash(command, **options)).message(is_text))


async def test_the_author_brings_a_picture_into_the_gallery_and_takes_it_out(
    app_fixture: AppFixture,
) -> None:
    await set_guild_settings(app_fixture, gallery_mode=GalleryMode.MANUAL)
    result = await expand_picture(app_fixture)
    more = await press_button(app_fixture.ana, result, "More").message()
    await press_button(app_fixture.ana, more, "To the gallery").message()
    await wait_until(lambda: len(list_gallery(app_fixture)) == 1)
    post = list_gallery(app_fixture)[0]
    assert list_labels(post) == ["Compare", "Details", "Take out of the gallery"]
    refusal = read_text(await press_button(get_ben(app_fixture), post, "Take out").message(is_text))
    assert "or a moderator takes it out" in refusal
    assert len(list_gallery(app_fixture)) == 1
    await press_button(app_fixture.ana, post, "Take out").message()
    await wait_until(lambda: not list_gallery(app_fixture))


async def test_votes_bring_a_picture_in_and_its_loss_of_votes_out(app_fixture: AppFixture) -> None:
    await set_guild_settings(
        app_fixture, gallery_mode=GalleryMode.VOTES, gallery_threshold=2, gallery_lower=0
    )
    result = await expand_picture(app_fixture)
    app_fixture.ana.react(result, STAR)
    get_ben(app_fixture).react(result, STAR)
    get_mia(app_fixture).react(result, STAR)
    await wait_until(lambda: len(list_gallery(app_fixture)) == 1)
    get_ben(app_fixture).unreact(result, STAR)
    get_mia(app_fixture).unreact(result, STAR)
    await wait_until(lambda: not list_gallery(app_fixture))


async def test_what_is_deleted_leaves_the_gallery(app_fixture: AppFixture) -> None:
    await set_guild_settings(app_fixture, gallery_mode=GalleryMode.EVERY)
    result = await expand_picture(app_fixture)
    await wait_until(lambda: len(list_gallery(app_fixture)) == 1)
    get_mia(app_fixture).delete(result)
    await wait_until(lambda: not list_gallery(app_fixture))


async def test_moderators_see_their_numbers_and_members_do_not(app_fixture: AppFixture) -> None:
    await expand_picture(app_fixture)
    tiny = encode_upload(draw_photograph(32, 32))
    await (
        await app_fixture.ana.slash("expand", image=tiny, direction="right", pixels=64)
    ).message()
    with pytest.raises(DiscordError, match="50013"):
        await app_fixture.ana.slash("usage")
    seen = await (await get_mia(app_fixture).slash("usage", days=7)).message(
        lambda found: bool(list_media(found))
    )
    assert "1 picture" in read_text(seen)
    assert "1 refused" in read_text(seen)
    assert "$0.05" in read_text(seen)
    table = next(part["file"] for part in list_parts(seen) if part["type"] == FILE)
    lines = app_fixture.discord.read_attachment(table).decode("utf-8-sig").splitlines()
    assert lines[0].startswith('"kind","id","name"')
    assert any('"member"' in line and "Ana" in line for line in lines)


async def test_the_best_and_who_made_them_can_be_asked_for(app_fixture: AppFixture) -> None:
    await set_guild_settings(
        app_fixture, gallery_mode=GalleryMode.VOTES, gallery_threshold=1, gallery_lower=0
    )
    result = await expand_picture(app_fixture)
    get_ben(app_fixture).react(result, STAR)
    async with asyncio.timeout(DEADLINE):
        guild, rankings = GuildId(seed_data.GUILD_ID), app_fixture.app.services.gallery_rankings
        while await rankings.pick_entry(guild, 0) is None:  # noqa: ASYNC110 - the database has no event
            await asyncio.sleep(0.02)
    titles = {
        "best": "Best of the last 7 days",
        "leaders": "Who has most votes",
        "random": "A picture of the gallery",
    }
    for command, title in titles.items():
        call = await get_ben(app_fixture).slash(f"gallery {command}")
        answer = await call.message(is_text)
        assert f"<@{seed_data.ANA_ID}>" in read_text(answer), command
        assert title in read_text(answer)
        assert bool(list_media(answer)) is (command == "random")
    child = await app_fixture.wait_for_result(press_button(get_ben(app_fixture), result, "→"))
    call = await get_ben(app_fixture).slash("gallery most-expanded")
    said = read_text(await call.message())
    assert "expanded 1 time" in said
    assert f"/{result['id']})" in said
    assert child["id"] not in said


async def test_a_picture_of_an_age_restricted_channel_is_random_there_alone(
    app_fixture: AppFixture,
) -> None:
    await set_guild_settings(app_fixture, gallery_mode=GalleryMode.EVERY)
    await expand_picture(app_fixture)
    await wait_until(lambda: len(list_gallery(app_fixture)) == 1)
    async with app_fixture.core.database.write() as tx:
        await tx.execute("UPDATE gallery_entry SET age_restricted = 1")
    answer = await (await get_ben(app_fixture).slash("gallery random")).message(is_text)
    assert not list_media(answer)
    assert f"<@{seed_data.ANA_ID}>" in read_text(answer)


async def test_who_made_the_picture_before_has_a_say_in_the_gallery(
    app_fixture: AppFixture,
) -> None:
    await set_guild_settings(app_fixture, gallery_mode=GalleryMode.EVERY)
    result = await expand_picture(app_fixture)
    await app_fixture.wait_for_result(press_button(get_ben(app_fixture), result, "→"))
    await wait_until(
        lambda: any("from a picture by" in read_text(post) for post in list_gallery(app_fixture))
    )
    post = next(
        post for post in list_gallery(app_fixture) if "from a picture by" in read_text(post)
    )
    assert f"<@{seed_data.ANA_ID}>" in read_text(post)
    await press_button(app_fixture.ana, post, "Take out").message(is_text)
    await wait_until(lambda: post["id"] not in {each["id"] for each in list_gallery(app_fixture)})


async def test_a_frozen_gallery_says_that_it_is_frozen(app_fixture: AppFixture) -> None:
    await set_guild_settings(app_fixture, gallery_mode=GalleryMode.MANUAL, gallery_frozen=True)
    result = await expand_picture(app_fixture)
    more = await press_button(app_fixture.ana, result, "More").message()
    answer = await press_button(app_fixture.ana, more, "To the gallery").message(is_text)
    assert "The gallery is frozen" in read_text(answer)


async def test_what_waited_for_discord_is_judged_again_when_it_is_posted(
    app_fixture: AppFixture,
) -> None:
    guild = app_fixture.discord.guild
    guild.add_channel("hall", nsfw=True)
    hall = guild.channel_id("hall")
    await set_guild_settings(
        app_fixture, gallery_channel=ChannelId(hall), gallery_mode=GalleryMode.EVERY
    )
    fault = DiscordFault("unavailable", match=f"POST /channels/{hall}/*", times=0)
    app_fixture.discord.faults.add(fault)
    await expand_picture(app_fixture, channel=add_adult_channel(app_fixture))
    await wait_until(lambda: bool(app_fixture.discord.journal.fault_entries))
    guild.change_channel("hall", nsfw=False)
    app_fixture.discord.faults.clear()
    await app_fixture.restart()
    await app_fixture.app.services.gallery.finish_moves()
    assert guild.messages("hall") == []


async def test_private_pictures_and_who_wants_no_gallery_are_in_no_ranking(
    app_fixture: AppFixture,
) -> None:
    private = await expand_picture(app_fixture, private=True)
    await app_fixture.wait_for_result(press_button(app_fixture.ana, private, "→"))
    assert "Nothing yet" in await ask_for(app_fixture, "gallery most-expanded")
    public = await expand_picture(app_fixture)
    await app_fixture.wait_for_result(press_button(app_fixture.ana, public, "→"))
    told = await ask_for(app_fixture, "gallery most-expanded")
    assert f"<@{app_fixture.ana.id}> · expanded 1 time" in told
    await ask_for(app_fixture, "gallery visibility", shown=False)
    assert "Nothing yet" in await ask_for(app_fixture, "gallery most-expanded")


async def test_who_opts_out_is_taken_out(app_fixture: AppFixture) -> None:
    await set_guild_settings(app_fixture, gallery_mode=GalleryMode.EVERY)
    await expand_picture(app_fixture)
    await wait_until(lambda: len(list_gallery(app_fixture)) == 1)
    await (await app_fixture.ana.slash("gallery visibility", shown=False)).message()
    await wait_until(lambda: not list_gallery(app_fixture))
    await expand_picture(app_fixture)
    assert not list_gallery(app_fixture)


async def test_votes_that_came_while_nobody_listened_are_counted(app_fixture: AppFixture) -> None:
    await set_guild_settings(
        app_fixture, gallery_mode=GalleryMode.VOTES, gallery_threshold=2, gallery_lower=0
    )
    result = await expand_picture(app_fixture)
    await app_fixture.stop()
    get_ben(app_fixture).react(result, STAR)
    get_mia(app_fixture).react(result, STAR)
    await app_fixture.start()
    await wait_until(lambda: len(list_gallery(app_fixture)) == 1)


async def test_the_best_of_the_week_are_posted_once_when_the_week_is_over(
    app_fixture: AppFixture,
) -> None:
    await set_guild_settings(app_fixture, gallery_mode=GalleryMode.EVERY, gallery_weekly=True)
    await expand_picture(app_fixture)
    await wait_until(lambda: len(list_gallery(app_fixture)) == 1)
    clock, guild = ScaledClock(), GuildId(seed_data.GUILD_ID)
    weekly = replace(app_fixture.app.services.gallery_rankings, clock=clock)
    assert not await weekly.post_best(guild)
    monday = datetime.combine(clock.now(), time(), UTC) + timedelta(7 - clock.now().weekday())
    clock.advance((monday - clock.now()).total_seconds())
    assert [await weekly.post_best(guild) for _ in range(2)] == [True, False]
    said = [read_text(message) for message in app_fixture.discord.guild.messages("gallery")]
    assert sum("Best of the last 7 days" in each for each in said) == 1


async def test_a_spoiler_follows_into_the_gallery(app_fixture: AppFixture) -> None:
    await set_guild_settings(app_fixture, gallery_mode=GalleryMode.EVERY)
    result = await expand_picture(app_fixture)
    await wait_until(lambda: len(list_gallery(app_fixture)) == 1)
    more = await press_button(app_fixture.ana, result, "More").message()
    turned = await press_button(app_fixture.ana, more, "Put behind a spoiler").message()
    assert list_labels(turned) == [
        {"Put behind a spoiler": "Take the spoiler off"}.get(label, label)
        for label in list_labels(more)
    ]

    def is_hidden() -> bool:
        items = [
            item
            for part in list_parts(list_gallery(app_fixture)[0])
            for item in part.get("items", [])
        ]
        return all(item["spoiler"] for item in items)

    await wait_until(is_hidden)
