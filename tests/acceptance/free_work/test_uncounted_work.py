"""What once took no place, no tokens, or all places: shares, rankings, one guild's previews."""

from __future__ import annotations

import asyncio

from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.model.faults import DiscordFault
from tests.support.app.card_controls import Json, expand_picture, press_button
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    list_media,
    read_text,
)

SHARE = "Show it to everybody"
SHARERS = 8
PLACES = 2
"""Pieces of free work in hand at the same time: the one worker of these tests, and one ahead."""
LATER = "You've asked for a lot in a short time."
BUSY = "Many members are asking for previews"
OWN = "I'm still making the last things you asked for."


def is_shown(message: Json) -> bool:
    return bool(list_media(message))


def is_text(message: Json) -> bool:
    return bool(read_text(message))


def count_shown(calls: list[TrackedInvocation]) -> int:
    return sum(call.original is not None and is_shown(call.original) for call in calls)


async def test_few_saved_files_are_in_memory_however_many_are_shared_at_once(
    app_fixture: AppFixture,
) -> None:
    result = await expand_picture(app_fixture)
    members = [app_fixture.discord.guild.welcome(f"member{number}") for number in range(SHARERS)]
    saved = [await press_button(each, result, "Compare").message(is_shown) for each in members]
    # the answers' uploads take their time, and until they end their files are in memory
    slow = DiscordFault("slow", match="PATCH /webhooks/*/messages/@original", value=0.2, times=0)
    app_fixture.discord.faults.add(slow)
    calls = [press_button(*each, SHARE) for each in zip(members, saved, strict=True)]
    most, journal = 0, app_fixture.discord.journal
    async with asyncio.timeout(30):
        while (shown := count_shown(calls)) < SHARERS:
            most = max(most, len(journal.fault_entries) - shown)
            await asyncio.sleep(0.01)
    assert len(journal.fault_entries) == SHARERS, "each file is sent once"
    # one whose upload has ended may not be seen yet
    assert 1 <= most <= PLACES + 1


async def test_rankings_are_counted_and_made_one_at_a_time_for_a_member(
    app_fixture: AppFixture,
) -> None:
    ana, ben = app_fixture.ana, app_fixture.discord.guild.member("ben")
    calls = [ana.invoke("gallery most-expanded", {}) for _ in range(30)]
    texts = [read_text(await call.message(is_text)) for call in calls]
    refused = [text for text in texts if OWN in text or LATER in text]
    assert 20 <= len(refused) < 30, texts
    answered = await (await ben.slash("gallery most-expanded")).message(is_text)
    assert not {OWN, LATER} & set(read_text(answered).splitlines())
    for command in ("gallery best", "gallery leaders"):
        more = [ana.invoke(command, {}) for _ in range(40)]
        assert any([LATER in read_text(await call.message(is_text)) for call in more]), command


async def test_one_guild_that_fills_the_queue_does_not_keep_another_from_previews(
    app_fixture: AppFixture,
) -> None:
    discord = app_fixture.discord
    discord.faults.add(DiscordFault("cdn_slow", value=0.3, times=0))
    image = encode_upload(draw_photograph())
    options = {"image": image, "direction": "right", "pixels": 64, "preview": True}
    # both places, and the 60 that may wait
    crowd = [discord.guild.welcome(f"member{number}") for number in range(31)]
    calls = [member.invoke("expand", options) for _ in range(PLACES) for member in crowd]
    await asyncio.gather(*(call.acknowledged() for call in calls))
    elsewhere = discord.add_guild("Elsewhere", discord.guild.welcome("victim").name)
    asked = elsewhere.member("victim").invoke("expand", options)
    assert is_shown(await asked.message(is_text))
    texts = [read_text(await call.message(is_text, timeout=60)) for call in calls]
    assert sum(BUSY in text for text in texts) == 1
