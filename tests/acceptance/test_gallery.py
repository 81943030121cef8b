"""A guild's gallery as members live it: buttons, votes, deletions, restarts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from bot.domain.gallery import GalleryMode
from bot.domain.ids import ChannelId, GuildId, UserId
from bot.services.weekly import Weekly
from bot.storage.guilds import GuildStore
from sandbox.discord import world
from sandbox.discord.actors import MemberActor
from sandbox.discord.errors import DiscordError
from tests.acceptance.gestures import expanded, labels, press
from tests.clocks import HurriedClock
from tests.house import DEADLINE, House, media, parts, photograph, text, until, upload

STAR = "⭐"
FILE = 13
Json = dict[str, Any]


def ben(house: House) -> MemberActor:
    return house.discord.guild.member("ben")


def mia(house: House) -> MemberActor:
    return house.discord.guild.member("mia")


async def settle(house: House, **settings: object) -> None:
    """Settle a guild's gallery as its moderators would."""
    guilds, app = GuildStore(house.app.database), house.app
    chosen = {"gallery_channel": ChannelId(world.GALLERY_ID), **settings}
    for name, value in chosen.items():
        await guilds.set(
            GuildId(world.GUILD_ID), name, value, UserId(world.MIA_ID), app.clock.now()
        )


def shown(house: House) -> list[Json]:
    """Return the pictures in the gallery's channel."""
    found = house.discord.guild.messages("gallery")
    return [message for message in found if media(message)]


def is_said(message: Json) -> bool:
    return bool(text(message))


async def test_the_author_brings_a_picture_into_the_gallery_and_takes_it_out(house: House) -> None:
    await settle(house, gallery_mode=GalleryMode.MANUAL)
    result = await expanded(house)
    more = await press(house.ana, result, "More").message()
    await press(house.ana, more, "To the gallery").message()
    await until(lambda: len(shown(house)) == 1)
    post = shown(house)[0]
    assert labels(post) == ["Compare", "Details", "Take out of the gallery"]
    refusal = text(await press(ben(house), post, "Take out").message(is_said))
    assert "or a moderator takes it out" in refusal
    assert len(shown(house)) == 1
    await press(house.ana, post, "Take out").message()
    await until(lambda: not shown(house))


async def test_votes_bring_a_picture_in_and_its_loss_of_votes_out(house: House) -> None:
    await settle(house, gallery_mode=GalleryMode.VOTES, gallery_threshold=2, gallery_lower=0)
    result = await expanded(house)
    house.ana.react(result, STAR)
    ben(house).react(result, STAR)
    mia(house).react(result, STAR)
    await until(lambda: len(shown(house)) == 1)
    ben(house).unreact(result, STAR)
    mia(house).unreact(result, STAR)
    await until(lambda: not shown(house))


async def test_what_is_deleted_leaves_the_gallery(house: House) -> None:
    await settle(house, gallery_mode=GalleryMode.EVERY)
    result = await expanded(house)
    await until(lambda: len(shown(house)) == 1)
    mia(house).delete(result)
    await until(lambda: not shown(house))


async def test_moderators_see_their_numbers_and_members_do_not(house: House) -> None:
    await expanded(house)
    tiny = upload(photograph(32, 32))
    await (await house.ana.slash("expand", image=tiny, direction="right", pixels=64)).message()
    with pytest.raises(DiscordError, match="50013"):
        await house.ana.slash("usage")
    seen = await (await mia(house).slash("usage", days=7)).message(lambda found: bool(media(found)))
    assert "1 picture" in text(seen)
    assert "1 refused" in text(seen)
    assert "$0.05" in text(seen)
    table = next(part["file"] for part in parts(seen) if part["type"] == FILE)
    lines = house.discord.read(table).decode("utf-8-sig").splitlines()
    assert lines[0].startswith('"kind","id","name"')
    assert any('"member"' in line and "Ana" in line for line in lines)


async def test_the_best_and_who_made_them_can_be_asked_for(house: House) -> None:
    await settle(house, gallery_mode=GalleryMode.VOTES, gallery_threshold=1, gallery_lower=0)
    result = await expanded(house)
    ben(house).react(result, STAR)
    async with asyncio.timeout(DEADLINE):
        while await house.app.gallery.rankings.nth(GuildId(world.GUILD_ID), 0) is None:  # noqa: ASYNC110 - the books have no event
            await asyncio.sleep(0.02)
    titles = {
        "best": "Best of the last 7 days",
        "leaders": "Who has most votes",
        "random": "A picture of the gallery",
    }
    for command, title in titles.items():
        call = await ben(house).slash(f"gallery {command}")
        answer = await call.message(is_said)
        assert f"<@{world.ANA_ID}>" in text(answer), command
        assert title in text(answer)
        assert bool(media(answer)) is (command == "random")
    child = await house.posted(press(ben(house), result, "→"))
    call = await ben(house).slash("gallery most-expanded")
    said = text(await call.message())
    assert "expanded 1 time" in said
    assert f"/{result['id']})" in said
    assert child["id"] not in said


async def test_a_picture_of_an_age_restricted_channel_is_random_there_alone(house: House) -> None:
    await settle(house, gallery_mode=GalleryMode.EVERY)
    await expanded(house)
    await until(lambda: len(shown(house)) == 1)
    async with house.app.database.write() as tx:
        await tx.run("UPDATE gallery_entry SET age_restricted = 1")
    answer = await (await ben(house).slash("gallery random")).message(is_said)
    assert not media(answer)
    assert f"<@{world.ANA_ID}>" in text(answer)


async def test_who_made_the_picture_before_has_a_say_in_the_gallery(house: House) -> None:
    await settle(house, gallery_mode=GalleryMode.EVERY)
    result = await expanded(house)
    await house.posted(press(ben(house), result, "→"))
    await until(lambda: any("from a picture by" in text(post) for post in shown(house)))
    post = next(post for post in shown(house) if "from a picture by" in text(post))
    assert f"<@{world.ANA_ID}>" in text(post)
    await press(house.ana, post, "Take out").message(is_said)
    await until(lambda: post["id"] not in {each["id"] for each in shown(house)})


async def test_a_frozen_gallery_says_that_it_is_frozen(house: House) -> None:
    await settle(house, gallery_mode=GalleryMode.MANUAL, gallery_frozen=True)
    result = await expanded(house)
    more = await press(house.ana, result, "More").message()
    answer = await press(house.ana, more, "To the gallery").message(is_said)
    assert "The gallery is frozen" in text(answer)


async def test_who_opts_out_is_taken_out(house: House) -> None:
    await settle(house, gallery_mode=GalleryMode.EVERY)
    await expanded(house)
    await until(lambda: len(shown(house)) == 1)
    await (await house.ana.slash("gallery visibility", shown=False)).message()
    await until(lambda: not shown(house))
    await expanded(house)
    assert not shown(house)


async def test_votes_that_came_while_nobody_listened_are_counted(house: House) -> None:
    await settle(house, gallery_mode=GalleryMode.VOTES, gallery_threshold=2, gallery_lower=0)
    result = await expanded(house)
    await house.stop()
    ben(house).react(result, STAR)
    mia(house).react(result, STAR)
    await house.start()
    await until(lambda: len(shown(house)) == 1)


async def test_the_best_of_the_week_are_posted_once_when_the_week_is_over(house: House) -> None:
    await settle(house, gallery_mode=GalleryMode.EVERY, gallery_weekly=True)
    await expanded(house)
    await until(lambda: len(shown(house)) == 1)
    clock, guild = HurriedClock(), GuildId(world.GUILD_ID)
    weekly = Weekly(replace(house.app.gallery, clock=clock))
    assert not await weekly.post(guild)
    monday = datetime.combine(clock.now(), time(), UTC) + timedelta(7 - clock.now().weekday())
    clock.leap((monday - clock.now()).total_seconds())
    assert [await weekly.post(guild) for _ in range(2)] == [True, False]
    said = [text(message) for message in house.discord.guild.messages("gallery")]
    assert sum("Best of the last 7 days" in each for each in said) == 1


async def test_a_spoiler_follows_into_the_gallery(house: House) -> None:
    await settle(house, gallery_mode=GalleryMode.EVERY)
    result = await expanded(house)
    await until(lambda: len(shown(house)) == 1)
    more = await press(house.ana, result, "More").message()
    turned = await press(house.ana, more, "Put behind a spoiler").message()
    assert labels(turned) == [
        {"Put behind a spoiler": "Take the spoiler off"}.get(label, label) for label in labels(more)
    ]

    def is_hidden() -> bool:
        items = [item for part in parts(shown(house)[0]) for item in part.get("items", [])]
        return all(item["spoiler"] for item in items)

    await until(is_hidden)
