"""A way to the member is closed: the next one is taken, and the member reads what was missing."""

from __future__ import annotations

import pytest

from bot.domain.gallery import GalleryMode
from bot.domain.ids import ChannelId
from bot.domain.job import Job, JobState
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.model import seed_data
from sandbox.discord.model.faults import DiscordFault
from sandbox.discord.model.permissions import Permission
from tests.support.app.card_controls import expand_picture, find_menu, list_labels, press_button
from tests.support.app.held_jobs import EDIT, HOLD_IN_STATE, release_jobs, send_order
from tests.support.app.moderators import set_guild_settings
from tests.support.app_fixture import (
    AppFixture,
    Json,
    is_ephemeral,
    list_media,
    read_text,
    wait_until,
)
from tests.support.clocks import ScaledClock

STUDIO = f"POST /channels/{seed_data.STUDIO_ID}/messages"


async def read_route(app_fixture: AppFixture, call: TrackedInvocation) -> tuple[Job, str]:
    """Return the job at its end, and by which way its pictures went."""
    job = await app_fixture.wait_for_job(call)
    assert job.state is JobState.SETTLED
    assert app_fixture.billed_count == 1
    assert await app_fixture.core.ledger.find_imbalances() == []
    return job, (await app_fixture.core.jobs.list_events(job.id))[-2].detail.partition(":")[0]


def list_direct_messages(app_fixture: AppFixture) -> list[Json]:
    return [
        seen for seen in app_fixture.discord.guild.messages(app_fixture.ana.dm) if list_media(seen)
    ]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        *((code, "") for code in (10003, 10004, 10008, 10015, 40005)),
        (50001, "What it needs there: View Channel, Send Messages, Attach Files"),
        (50013, "What it needs there: View Channel, Send Messages, Attach Files"),
        (50083, "The thread is archived."),
        (160005, "The thread is locked."),
        (200000, "AutoMod of this server blocked"),
        (400001, "limits uploads in this server"),
    ],
)
async def test_what_discord_refuses_goes_to_the_member_alone_with_the_reason(
    app_fixture: AppFixture, code: int, words: str
) -> None:
    call = await HOLD_IN_STATE[JobState.SUBMITTED](app_fixture)
    app_fixture.discord.faults.add(DiscordFault("refused", match=EDIT, times=0, value=code))
    app_fixture.discord.faults.add(DiscordFault("refused", match=STUDIO, times=0, value=code))
    app_fixture.runware.resume_tasks()
    _, way = await read_route(app_fixture, call)
    assert way == "message"
    assert len(list_direct_messages(app_fixture)) == 1
    assert (
        sum(strike.subject == STUDIO for strike in app_fixture.discord.journal.fault_entries) == 1
    )
    if words:
        told = await call.message(lambda seen: words in read_text(seen))
        assert is_ephemeral(told)
        assert "came as a direct message" in read_text(told)
    assert len(call.followups) == bool(words)


async def test_closed_direct_messages_are_reported_and_the_picture_is_stored(
    app_fixture: AppFixture,
) -> None:
    app_fixture.ana.close_dms()
    app_fixture.discord.guild.overwrite("studio", "Expanse", deny=Permission.ATTACH_FILES)
    call = await HOLD_IN_STATE[JobState.SUBMITTED](app_fixture)
    app_fixture.discord.faults.add(DiscordFault("refused", match=EDIT, times=0, value=10008))
    app_fixture.runware.resume_tasks()
    _, way = await read_route(app_fixture, call)
    assert way == "kept"
    (told,) = call.followups
    assert is_ephemeral(told)
    assert "What it needs there: Attach Files." in read_text(told)
    assert "direct messages are closed" in read_text(told)
    assert "open it with /history" in read_text(told)
    app_fixture.discord.faults.clear()
    page = await (await app_fixture.ana.slash("history")).message()
    newest = find_menu(page)["options"][0]["value"]
    card = await app_fixture.ana.select(page, find_menu(page)["custom_id"], newest).message(
        lambda seen: "Details" in read_text(seen)
    )
    again = press_button(app_fixture.ana, card, "Send again")
    assert list_media(await again.message(lambda seen: bool(list_media(seen))))


@pytest.fixture
async def clock(app_fixture: AppFixture) -> ScaledClock:
    """Let the bot live by a clock that can be turned, as its Discord does."""
    await app_fixture.stop()
    app_fixture.clock = turned = ScaledClock()
    await app_fixture.start()
    return turned


@pytest.mark.parametrize(
    ("denied", "closed", "way"),
    [
        (0, False, "channel"),
        (Permission.SEND_MESSAGES, False, "message"),
        (Permission.SEND_MESSAGES, True, "kept"),
    ],
)
async def test_a_result_after_sixteen_minutes_takes_the_best_route_that_is_open(
    app_fixture: AppFixture, clock: ScaledClock, denied: int, *, closed: bool, way: str
) -> None:
    app_fixture.discord.guild.overwrite("studio", "Expanse", deny=denied)
    app_fixture.ana.close_dms(closed=closed)
    call = await HOLD_IN_STATE[JobState.RENDERED](app_fixture)
    edits = call.edits
    clock.advance(16 * 60)
    app_fixture.discord.clock.advance(16 * 60)
    await release_jobs(app_fixture)
    assert (await read_route(app_fixture, call))[1] == way
    assert call.edits == edits
    if way == "channel":
        found = app_fixture.discord.guild.messages()[-1]
        assert [user["id"] for user in found["mentions"]] == [str(app_fixture.ana.id)]
    assert len(list_direct_messages(app_fixture)) == (way == "message")


@pytest.mark.parametrize(("kind", "tries"), [("reset", 1), ("drop", 2), ("drop", 3), ("reset", 4)])
async def test_an_upload_that_fails_so_often_is_shown_once(
    app_fixture: AppFixture, clock: ScaledClock, kind: str, tries: int
) -> None:
    call = await HOLD_IN_STATE[JobState.SUBMITTED](app_fixture)
    clock.set_pace(50)
    for match in (EDIT, STUDIO):
        app_fixture.discord.faults.add(DiscordFault(kind, match=match, times=tries))
    app_fixture.runware.resume_tasks()
    await app_fixture.wait_for_result(call)
    await read_route(app_fixture, call)
    assert len([seen for seen in app_fixture.discord.guild.messages() if list_media(seen)]) == 1


async def test_an_upload_that_never_succeeds_is_stored_for_sending_again(
    app_fixture: AppFixture, clock: ScaledClock
) -> None:
    call = await HOLD_IN_STATE[JobState.STORED](app_fixture)
    clock.set_pace(150)
    job, way = await read_route(app_fixture, call)
    assert way == "kept"
    strikes = [
        strike for strike in app_fixture.discord.journal.fault_entries if strike.kind == "reset"
    ]
    assert 16 <= len(strikes) <= 40
    results = await app_fixture.core.jobs.list_results(job.id)
    assert all(
        app_fixture.core.files.get_path(each.delivered).exists()
        for each in results
        if each.delivered
    )


@pytest.mark.parametrize("state", HOLD_IN_STATE)
async def test_a_channel_deleted_in_any_state_leaves_a_result_that_is_paid_once(
    app_fixture: AppFixture, state: JobState
) -> None:
    call = await HOLD_IN_STATE[state](app_fixture)
    app_fixture.discord.guild.delete_channel("studio")
    await release_jobs(app_fixture)
    assert (await read_route(app_fixture, call))[1] in {"message", "reply"}


async def test_a_gallery_that_cannot_be_written_to_is_named_and_the_result_remains(
    app_fixture: AppFixture,
) -> None:
    channel = ChannelId(seed_data.GALLERY_ID)
    await set_guild_settings(app_fixture, gallery_channel=channel, gallery_mode=GalleryMode.MANUAL)
    app_fixture.discord.guild.overwrite("gallery", "Expanse", deny=Permission.SEND_MESSAGES)
    result = await expand_picture(app_fixture)
    more = await press_button(app_fixture.ana, result, "More").message()
    told = await press_button(app_fixture.ana, more, "To the gallery").message()
    assert is_ephemeral(told)
    assert f"may not post in <#{channel}>. What it needs there: Send Messages" in read_text(told)
    app_fixture.discord.guild.overwrite("gallery", "Expanse")
    shown = await press_button(app_fixture.ana, more, "To the gallery").message()
    assert "cannot be written to" not in read_text(shown)
    assert app_fixture.discord.guild.messages("gallery")


async def test_a_post_that_may_not_be_edited_any_more_is_deleted_for_a_spoiler(
    app_fixture: AppFixture,
) -> None:
    channel = ChannelId(seed_data.GALLERY_ID)
    await set_guild_settings(app_fixture, gallery_channel=channel, gallery_mode=GalleryMode.EVERY)
    result = await expand_picture(app_fixture)
    await wait_until(lambda: bool(app_fixture.discord.guild.messages("gallery")))
    for name in ("ben", "mia", "olu"):
        app_fixture.discord.guild.member(name).react(result, "⭐")
    edit = f"PATCH /channels/{channel}/*"
    app_fixture.discord.faults.add(DiscordFault("refused", match=edit, times=0, value=30046))
    more = await press_button(app_fixture.ana, result, "More").message()
    call = press_button(app_fixture.ana, more, "Put behind a spoiler")
    await call.message(lambda seen: "Take the spoiler off" in list_labels(seen))
    await wait_until(lambda: not app_fixture.discord.guild.messages("gallery"))
    assert app_fixture.discord.journal.fault_entries
    await app_fixture.wait_for_result(await send_order(app_fixture))
