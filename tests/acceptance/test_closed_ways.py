"""A way to the member is closed: the next one is taken, and the member reads what was missing."""

from __future__ import annotations

import pytest

from bot.domain.gallery import GalleryMode
from bot.domain.ids import ChannelId
from bot.domain.job import Job, JobState
from sandbox.discord import world
from sandbox.discord.calls import Call
from sandbox.discord.faults import Fault
from sandbox.discord.permissions import Permission
from tests.acceptance.gestures import expanded, labels, menu, press
from tests.acceptance.staff import settle
from tests.acceptance.stages import EDIT, HELD, let_go, order
from tests.clocks import HurriedClock
from tests.house import House, Json, is_ephemeral, media, text, until

STUDIO = f"POST /channels/{world.STUDIO_ID}/messages"


async def route(house: House, call: Call) -> tuple[Job, str]:
    """Return the job at its end, and by which way its pictures went."""
    job = await house.job(call)
    assert job.state is JobState.SETTLED
    assert house.billed == 1
    assert await house.app.ledger.audit() == []
    return job, (await house.app.jobs.events(job.id))[-2].detail.partition(":")[0]


def direct(house: House) -> list[Json]:
    return [seen for seen in house.discord.guild.messages(house.ana.dm) if media(seen)]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        *((code, "") for code in (10003, 10004, 10008, 10015, 40005)),
        (50001, "What it needs there: View Channel, Send Messages, Attach Files"),
        (50013, "What it needs there: View Channel, Send Messages, Attach Files"),
        (200000, "AutoMod of this server blocked"),
        (400001, "limits uploads in this server"),
    ],
)
async def test_what_discord_refuses_goes_to_the_member_alone_with_the_reason(
    house: House, code: int, words: str
) -> None:
    call = await HELD[JobState.SUBMITTED](house)
    house.discord.faults.add(Fault("refused", match=EDIT, times=0, value=code))
    house.discord.faults.add(Fault("refused", match=STUDIO, times=0, value=code))
    house.runware.release()
    _, way = await route(house, call)
    assert way == "message"
    assert len(direct(house)) == 1
    assert sum(strike.subject == STUDIO for strike in house.discord.journal.strikes) == 1
    if words:
        told = await call.message(lambda seen: words in text(seen))
        assert is_ephemeral(told)
        assert "came as a direct message" in text(told)
    assert len(call.followups) == bool(words)


async def test_closed_direct_messages_are_said_and_the_picture_is_kept(house: House) -> None:
    house.ana.close_dms()
    house.discord.guild.overwrite("studio", "Expanse", deny=Permission.ATTACH_FILES)
    call = await HELD[JobState.SUBMITTED](house)
    house.discord.faults.add(Fault("refused", match=EDIT, times=0, value=10008))
    house.runware.release()
    _, way = await route(house, call)
    assert way == "kept"
    (told,) = call.followups
    assert is_ephemeral(told)
    assert "What it needs there: Attach Files." in text(told)
    assert "direct messages are closed" in text(told)
    assert "open it with /history" in text(told)
    house.discord.faults.clear()
    page = await (await house.ana.slash("history")).message()
    newest = menu(page)["options"][0]["value"]
    card = await house.ana.select(page, menu(page)["custom_id"], newest).message(
        lambda seen: "Details" in text(seen)
    )
    again = press(house.ana, card, "Send again")
    assert media(await again.message(lambda seen: bool(media(seen))))


@pytest.fixture
async def clock(house: House) -> HurriedClock:
    """Let the bot live by a clock that can be turned, as its Discord does."""
    await house.stop()
    house.clock = turned = HurriedClock()
    await house.start()
    return turned


@pytest.mark.parametrize(
    ("denied", "closed", "way"),
    [
        (0, False, "channel"),
        (Permission.SEND_MESSAGES, False, "message"),
        (Permission.SEND_MESSAGES, True, "kept"),
    ],
)
async def test_a_result_after_sixteen_minutes_takes_the_best_way_that_is_open(
    house: House, clock: HurriedClock, denied: int, *, closed: bool, way: str
) -> None:
    house.discord.guild.overwrite("studio", "Expanse", deny=denied)
    house.ana.close_dms(closed=closed)
    call = await HELD[JobState.RENDERED](house)
    edits = call.edits
    clock.leap(16 * 60)
    house.discord.clock.advance(16 * 60)
    await let_go(house)
    assert (await route(house, call))[1] == way
    assert call.edits == edits
    if way == "channel":
        found = house.discord.guild.messages()[-1]
        assert [user["id"] for user in found["mentions"]] == [str(house.ana.id)]
    assert len(direct(house)) == (way == "message")


@pytest.mark.parametrize(("kind", "tries"), [("reset", 1), ("drop", 2), ("drop", 3), ("reset", 4)])
async def test_an_upload_that_fails_so_often_is_shown_once(
    house: House, clock: HurriedClock, kind: str, tries: int
) -> None:
    call = await HELD[JobState.SUBMITTED](house)
    clock.hurry(50)
    for match in (EDIT, STUDIO):
        house.discord.faults.add(Fault(kind, match=match, times=tries))
    house.runware.release()
    await house.posted(call)
    await route(house, call)
    assert len([seen for seen in house.discord.guild.messages() if media(seen)]) == 1


async def test_an_upload_that_never_succeeds_is_kept_for_sending_again(
    house: House, clock: HurriedClock
) -> None:
    call = await HELD[JobState.STORED](house)
    clock.hurry(150)
    job, way = await route(house, call)
    assert way == "kept"
    strikes = [strike for strike in house.discord.journal.strikes if strike.kind == "reset"]
    assert 16 <= len(strikes) <= 40
    results = await house.app.jobs.results(job.id)
    assert all(house.app.files.path(each.delivered).exists() for each in results if each.delivered)


@pytest.mark.parametrize("state", HELD)
async def test_a_channel_deleted_in_any_state_leaves_a_result_that_is_paid_once(
    house: House, state: JobState
) -> None:
    call = await HELD[state](house)
    house.discord.guild.delete_channel("studio")
    await let_go(house)
    assert (await route(house, call))[1] in {"message", "reply"}


async def test_a_gallery_that_cannot_be_written_to_is_named_and_the_result_stays(
    house: House,
) -> None:
    channel = ChannelId(world.GALLERY_ID)
    await settle(house, gallery_channel=channel, gallery_mode=GalleryMode.MANUAL)
    house.discord.guild.overwrite("gallery", "Expanse", deny=Permission.SEND_MESSAGES)
    result = await expanded(house)
    more = await press(house.ana, result, "More").message()
    told = await press(house.ana, more, "To the gallery").message()
    assert is_ephemeral(told)
    assert f"may not post in <#{channel}>. What it needs there: Send Messages" in text(told)
    house.discord.guild.overwrite("gallery", "Expanse")
    shown = await press(house.ana, more, "To the gallery").message()
    assert "cannot be written to" not in text(shown)
    assert house.discord.guild.messages("gallery")


async def test_a_post_that_may_not_be_edited_any_more_is_left_as_it_is(house: House) -> None:
    channel = ChannelId(world.GALLERY_ID)
    await settle(house, gallery_channel=channel, gallery_mode=GalleryMode.EVERY)
    result = await expanded(house)
    await until(lambda: bool(house.discord.guild.messages("gallery")))
    for name in ("ben", "mia", "olu"):
        house.discord.guild.member(name).react(result, "⭐")
    edit = f"PATCH /channels/{channel}/*"
    house.discord.faults.add(Fault("refused", match=edit, times=0, value=30046))
    more = await press(house.ana, result, "More").message()
    call = press(house.ana, more, "Put behind a spoiler")
    await call.message(lambda seen: "Take the spoiler off" in labels(seen))
    await until(lambda: bool(house.discord.journal.strikes))
    paths = [(each.method, each.path) for each in house.discord.journal.entries]
    assert sum(method == "PATCH" and str(channel) in path for method, path in paths) == 1
    await house.posted(await order(house))
