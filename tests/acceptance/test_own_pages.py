"""What members see of themselves: history, privacy, help, quota."""

from __future__ import annotations

import json
from datetime import timedelta

from bot.domain.job import JobState
from sandbox.discord.calls import Call
from tests.acceptance.gestures import Json, expanded, labels, menu, press
from tests.clocks import HurriedClock
from tests.house import House, is_ephemeral, media, parts, photograph, text, until, upload

FILE = 13


async def opened(house: House) -> tuple[Json, Json]:
    """Return the history and the card of its newest order."""
    page = await (await house.ana.slash("history")).message()
    options = menu(page)
    newest = options["options"][0]["value"]
    call = house.ana.select(page, options["custom_id"], newest)
    return page, await call.message(lambda message: "Details" in text(message))


async def attachment(house: House, call: Call) -> bytes:
    message = await call.message(lambda message: bool(files(message)))
    return house.discord.read(files(message)[0])


def files(message: Json) -> list[Json]:
    return [part["file"] for part in parts(message) if part["type"] == FILE]


async def test_the_history_lists_opens_and_sends_again(house: House) -> None:
    result = await expanded(house, prompt="a quiet *field*")
    await house.restart()
    page, card = await opened(house)
    assert is_ephemeral(page)
    assert "right by 64" in text(page)
    assert result["id"] in text(page)
    for words in ("a quiet \\*field\\*", "320x240 → 384x240", "0 % of its pixels", "$0.05"):
        assert words in text(card)
    again = await press(house.ana, card, "Send again").message(lambda message: bool(media(message)))
    assert is_ephemeral(again)
    assert house.picture(again).tobytes() == house.picture(result).tobytes()


async def test_a_deleted_result_is_gone_from_channel_and_disk_and_stays_in_the_books(
    house: House,
) -> None:
    result = await expanded(house)
    _, card = await opened(house)
    sure = await press(house.ana, card, "Delete").message()
    call = press(house.ana, sure, "Yes, delete it")
    await call.message(lambda message: "Deleted." in text(message))
    assert house.discord.state.messages.find(int(result["id"])) is None
    await until(lambda: not [path for path in house.data_dir.glob("files/*/*") if path.is_file()])
    assert await house.app.ledger.audit() == []


async def test_nobody_but_its_member_and_moderators_deletes_a_result(house: House) -> None:
    result = await expanded(house)
    ben, mia = (house.discord.guild.member(name) for name in ("ben", "mia"))
    more = await press(ben, result, "More").message()
    assert "Delete" not in labels(more)
    more = await press(mia, result, "More").message()
    assert "Delete" in labels(more)


async def test_a_result_goes_behind_a_spoiler_and_comes_back(house: House) -> None:
    result = await expanded(house)
    more = await press(house.ana, result, "More").message()
    call = press(house.ana, more, "Put behind a spoiler")
    await call.message(lambda message: "Take the spoiler off" in labels(message))
    shown = next(seen for seen in house.ana.sees() if seen["id"] == result["id"])
    assert '"spoiler": true' in json.dumps(shown["components"])
    further = await house.posted(press(house.ana, result, "→"))
    assert '"spoiler": true' in json.dumps(further["components"])


async def test_the_lossless_file_is_handed_over(house: House) -> None:
    call = await house.ana.slash(
        "expand", image=upload(photograph(), "JPEG"), direction="right", pixels=64
    )
    more = await press(house.ana, await house.posted(call), "More").message()
    data = await attachment(house, press(house.ana, more, "Lossless file"))
    assert data.startswith(b"\x89PNG")


async def test_compare_and_film_are_made_on_request_and_shared_once(house: House) -> None:
    first = await expanded(house)
    compared = await press(house.ana, first, "Compare").message(lambda seen: bool(media(seen)))
    assert is_ephemeral(compared)
    assert getattr(house.picture(compared), "n_frames", 1) > 1
    second = await house.posted(press(house.ana, first, "Zoom out 1.5×"))
    more = await press(house.ana, second, "More").message()
    film = await press(house.ana, more, "Zoom-out film").message(lambda seen: bool(media(seen)))
    assert getattr(house.picture(film), "n_frames", 1) > 1
    await house.restart()
    shared = await press(house.ana, film, "Show it to everybody").message(
        lambda seen: bool(media(seen))
    )
    assert not is_ephemeral(shared)
    again = await press(house.ana, film, "Show it to everybody").message()
    assert "has expired" in text(again)


async def test_ones_data_is_exported_and_erased(house: House) -> None:
    await expanded(house, prompt="something of mine")
    page = await (await house.ana.slash("privacy")).message()
    told = json.loads(await attachment(house, press(house.ana, page, "Export my data")))
    assert told["jobs"][0]["prompt"] == "something of mine"
    await house.restart()
    sure = await press(house.ana, page, "Delete my data").message()
    await press(house.ana, sure, "Yes, delete everything").message(
        lambda message: "are deleted" in text(message)
    )
    told = json.loads(await attachment(house, press(house.ana, page, "Export my data")))
    assert "something of mine" not in json.dumps(told)
    assert not told["jobs"][0]["files_kept"]
    empty = await (await house.ana.slash("history")).message()
    assert "None yet" in text(empty)
    assert await house.app.ledger.audit() == []


async def test_old_pictures_are_deleted_and_their_buttons_say_so(house: House) -> None:
    result = await expanded(house)
    retention = house.app.retention
    assert await retention.sweep() == 0
    retention._keep = -timedelta(seconds=1)
    assert await retention.sweep() == 1
    refusal = await press(house.ana, result, "→").message()
    assert "no longer kept" in text(refusal)
    assert house.billed == 1


async def test_an_order_that_waits_shows_its_place_and_is_cancelled(house: House) -> None:
    house.runware.hold()
    calls = [
        await house.ana.slash("expand", image=upload(photograph()), direction="right", pixels=64)
        for _ in range(3)
    ]
    waiting = await calls[-1].message(lambda message: "Place 2 in the queue" in text(message))
    assert "Cancel" in labels(waiting)
    ben = house.discord.guild.member("ben")
    assert "belongs to another" in text(await press(ben, waiting, "Cancel").message())
    call = press(house.ana, waiting, "Cancel")
    gone = await call.message(lambda message: "Cancelled: right by 64" in text(message))
    assert gone["id"] == waiting["id"]
    assert (await house.job(calls[-1])).state is JobState.CANCELLED
    house.runware.release()
    await house.posted(calls[1])
    assert house.billed == 2


async def test_help_shows_by_example(house: House) -> None:
    message = await (await house.ana.slash("help")).message()
    assert is_ephemeral(message)
    assert "ratio: 16:9" in text(message)


async def test_the_quota_shows_money_and_the_guilds_to_those_who_settle_it(house: House) -> None:
    await expanded(house)
    own = text(await (await house.ana.slash("quota")).message())
    assert "1 of 20 used" in own
    assert "Your money this month" in own
    assert "$0.05 of $" in own
    assert "This server's money" not in own
    olu = text(await (await house.discord.guild.member("olu").slash("quota")).message())
    assert "This server's money this month" in olu
    assert "0 of 20 used" in olu
    assert "$0.05 of $100.00 used" in olu


async def test_a_member_is_told_of_a_task_that_takes_longer_than_a_minute(house: House) -> None:
    await house.stop()
    house.clock = clock = HurriedClock()
    await house.start()
    house.runware.hold()
    call = await house.ana.slash("expand", image=upload(photograph()), direction="right", pixels=64)
    await house.until(call, JobState.SUBMITTED)
    clock.leap(61)
    await call.message(lambda message: "takes longer than usual" in text(message))
    house.runware.release()
    await house.posted(call)
