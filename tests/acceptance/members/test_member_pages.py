"""What members see of themselves: history, privacy, help, quota."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from bot.domain.ids import UserId
from bot.domain.job import JobState
from sandbox.discord.actors.invocation import TrackedInvocation
from tests.support.app.card_controls import (
    Json,
    expand_picture,
    find_menu,
    list_labels,
    press_button,
)
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    is_ephemeral,
    list_media,
    list_parts,
    read_text,
    wait_until,
)
from tests.support.clocks import ScaledClock

FILE = 13


async def open_history(app_fixture: AppFixture, channel: str = "studio") -> tuple[Json, Json]:
    """Return the history and the card of its newest order."""
    page = await (await app_fixture.ana.slash("history", channel=channel)).message()
    options = find_menu(page)
    newest = options["options"][0]["value"]
    call = app_fixture.ana.select(page, options["custom_id"], newest)
    return page, await call.message(lambda message: "Details" in read_text(message))


async def read_attachment(app_fixture: AppFixture, call: TrackedInvocation) -> bytes:
    message = await call.message(lambda message: bool(list_files(message)))
    return app_fixture.discord.read_attachment(list_files(message)[0])


def list_files(message: Json) -> list[Json]:
    return [part["file"] for part in list_parts(message) if part["type"] == FILE]


async def test_the_history_lists_opens_and_sends_again(app_fixture: AppFixture) -> None:
    result = await expand_picture(app_fixture, prompt="a quiet *field*")
    await app_fixture.restart()
    page, card = await open_history(app_fixture)
    assert is_ephemeral(page)
    assert "right by 64" in read_text(page)
    assert result["id"] in read_text(page)
    for words in ("a quiet \\*field\\*", "320x240 → 384x240", "0 % of its pixels", "$0.05"):
        assert words in read_text(card)
    again = await press_button(app_fixture.ana, card, "Send again").message(
        lambda message: bool(list_media(message))
    )
    assert is_ephemeral(again)
    assert app_fixture.read_picture(again).tobytes() == app_fixture.read_picture(result).tobytes()


async def test_a_deleted_result_is_gone_from_channel_and_disk_and_remains_in_the_ledger(
    app_fixture: AppFixture,
) -> None:
    result = await expand_picture(app_fixture)
    _, card = await open_history(app_fixture)
    sure = await press_button(app_fixture.ana, card, "Delete").message()
    call = press_button(app_fixture.ana, sure, "Yes, delete it")
    await call.message(lambda message: "Deleted." in read_text(message))
    assert app_fixture.discord.state.messages.find(int(result["id"])) is None
    await wait_until(
        lambda: not [path for path in app_fixture.data_dir.glob("files/*/*") if path.is_file()]
    )
    assert await app_fixture.core.ledger.find_imbalances() == []


async def test_nobody_but_its_member_and_moderators_deletes_a_result(
    app_fixture: AppFixture,
) -> None:
    result = await expand_picture(app_fixture)
    ben, mia = (app_fixture.discord.guild.member(name) for name in ("ben", "mia"))
    more = await press_button(ben, result, "More").message()
    assert "Delete" not in list_labels(more)
    more = await press_button(mia, result, "More").message()
    assert "Delete" in list_labels(more)


async def test_a_result_goes_behind_a_spoiler_and_comes_back(app_fixture: AppFixture) -> None:
    result = await expand_picture(app_fixture)
    more = await press_button(app_fixture.ana, result, "More").message()
    call = press_button(app_fixture.ana, more, "Put behind a spoiler")
    await call.message(lambda message: "Take the spoiler off" in list_labels(message))
    shown = next(seen for seen in app_fixture.ana.sees() if seen["id"] == result["id"])
    assert '"spoiler": true' in json.dumps(shown["components"])
    further = await app_fixture.wait_for_result(press_button(app_fixture.ana, result, "→"))
    assert '"spoiler": true' in json.dumps(further["components"])


async def test_the_lossless_file_is_handed_over(app_fixture: AppFixture) -> None:
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph(), "JPEG"), direction="right", pixels=64
    )
    more = await press_button(
        app_fixture.ana, await app_fixture.wait_for_result(call), "More"
    ).message()
    data = await read_attachment(app_fixture, press_button(app_fixture.ana, more, "Lossless file"))
    assert data.startswith(b"\x89PNG")


async def test_compare_and_film_are_made_on_request_and_shared_once(
    app_fixture: AppFixture,
) -> None:
    first = await expand_picture(app_fixture)
    compared = await press_button(app_fixture.ana, first, "Compare").message(
        lambda seen: bool(list_media(seen))
    )
    assert is_ephemeral(compared)
    assert getattr(app_fixture.read_picture(compared), "n_frames", 1) > 1
    second = await app_fixture.wait_for_result(
        press_button(app_fixture.ana, first, "Zoom out 1.5×")
    )
    more = await press_button(app_fixture.ana, second, "More").message()
    film = await press_button(app_fixture.ana, more, "Zoom-out film").message(
        lambda seen: bool(list_media(seen))
    )
    assert getattr(app_fixture.read_picture(film), "n_frames", 1) > 1
    await app_fixture.restart()
    shared = await press_button(app_fixture.ana, film, "Show it to everybody").message(
        lambda seen: bool(list_media(seen))
    )
    assert not is_ephemeral(shared)
    again = await press_button(app_fixture.ana, film, "Show it to everybody").message()
    assert "has expired" in read_text(again)


async def test_ones_data_is_erased_after_a_restart(app_fixture: AppFixture) -> None:
    await expand_picture(app_fixture, prompt="something of mine")
    page = await (await app_fixture.ana.slash("privacy")).message()
    await app_fixture.restart()
    sure = await press_button(app_fixture.ana, page, "Delete my data").message()
    await press_button(app_fixture.ana, sure, "Yes, delete everything").message(
        lambda message: "are deleted" in read_text(message)
    )
    data = await app_fixture.core.exports.format_json(UserId(app_fixture.ana.id))
    assert b"something of mine" not in data
    assert json.loads(data)["files_left_out"] == 0
    empty = await (await app_fixture.ana.slash("history")).message()
    assert "None yet" in read_text(empty)
    assert await app_fixture.core.ledger.find_imbalances() == []


async def test_old_pictures_are_deleted_and_their_buttons_say_so(app_fixture: AppFixture) -> None:
    result = await expand_picture(app_fixture)
    retention = app_fixture.app.services.periodic_tasks.retention
    assert await retention.delete_expired() == 0
    assert await replace(retention, max_age=-timedelta(seconds=1)).delete_expired() == 1
    refusal = await press_button(app_fixture.ana, result, "→").message()
    assert "no longer kept" in read_text(refusal)
    assert app_fixture.billed_count == 1


async def test_an_order_that_waits_shows_its_place_and_is_cancelled(
    app_fixture: AppFixture,
) -> None:
    app_fixture.runware.pause_tasks()
    calls = [
        await app_fixture.ana.slash(
            "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
        )
        for _ in range(3)
    ]
    waiting = await calls[-1].message(lambda message: "Place 2 in the queue" in read_text(message))
    assert "Cancel" in list_labels(waiting)
    ben = app_fixture.discord.guild.member("ben")
    assert "belongs to another" in read_text(await press_button(ben, waiting, "Cancel").message())
    call = press_button(app_fixture.ana, waiting, "Cancel")
    gone = await call.message(lambda message: "Cancelled: right by 64" in read_text(message))
    assert gone["id"] == waiting["id"]
    assert (await app_fixture.wait_for_job(calls[-1])).state is JobState.CANCELLED
    app_fixture.runware.resume_tasks()
    await app_fixture.wait_for_result(calls[1])
    assert app_fixture.billed_count == 2


async def test_help_shows_by_example(app_fixture: AppFixture) -> None:
    message = await (await app_fixture.ana.slash("help")).message()
    assert is_ephemeral(message)
    assert "ratio: 16:9" in read_text(message)


async def test_the_quota_shows_money_and_the_guilds_to_those_who_manage_it(
    app_fixture: AppFixture,
) -> None:
    await expand_picture(app_fixture)
    own = read_text(await (await app_fixture.ana.slash("quota")).message())
    assert "1 of 20 used" in own
    assert "Your money this month" in own
    assert "$0.05 of $" in own
    assert "This server's money" not in own
    olu = read_text(await (await app_fixture.discord.guild.member("olu").slash("quota")).message())
    assert "This server's money this month" in olu
    assert "0 of 20 used" in olu
    assert "$0.05 of $100.00 used" in olu


async def test_a_member_is_informed_of_a_task_that_takes_longer_than_a_minute(
    app_fixture: AppFixture,
) -> None:
    await app_fixture.stop()
    app_fixture.clock = clock = ScaledClock()
    await app_fixture.start()
    app_fixture.runware.pause_tasks()
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
    )
    await app_fixture.wait_for_state(call, JobState.SUBMITTED)
    clock.advance(61)
    await call.message(lambda message: "takes longer than usual" in read_text(message))
    app_fixture.runware.resume_tasks()
    await app_fixture.wait_for_result(call)
