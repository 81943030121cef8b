"""An erasure reaches everything that holds or shows a member's pictures, and says what it left."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from bot.domain.gallery import GalleryMode
from bot.domain.ids import ChannelId, JobId, MessageId, UserId
from bot.domain.job import JobState
from sandbox.discord.actors.member import MemberActor
from sandbox.discord.model import seed_data
from sandbox.discord.model.faults import DiscordFault
from sandbox.discord.model.records import Upload
from tests.acceptance.moderation.test_reports import report_result
from tests.support.app.card_controls import Json, expand_picture, list_labels, press_button
from tests.support.app.held_jobs import EDIT, HOLD_IN_STATE, release_jobs
from tests.support.app.moderators import (
    GUILD,
    create_result,
    get_ben,
    get_mia,
    list_moderator_cards,
    load_job,
    run_command,
    set_guild_settings,
    set_moderators_channel,
)
from tests.support.app.shown_pictures import list_public_pictures, share_comparison
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    list_media,
    list_parts,
    read_text,
    wait_until,
)

FILE = 13
PROMPT, FILE_NAME, REASON = "quokka-words of mine", "quokka-file.png", "quokka-reason"
CANARY = b"quokka"


async def erase(app_fixture: AppFixture, member: MemberActor | None = None) -> str:
    """Press the buttons that delete a member's data and return the answer."""
    member = member or app_fixture.ana
    page = await (await member.slash("privacy")).message()
    sure = await press_button(member, page, "Delete my data").message()
    call = press_button(member, sure, "Yes, delete everything")
    return read_text(await call.message(lambda message: "are deleted" in read_text(message)))


def is_shown(app_fixture: AppFixture, message: Json) -> bool:
    return app_fixture.discord.state.messages.find(int(message["id"])) is not None


async def order_with_canaries(app_fixture: AppFixture) -> Json:
    upload = Upload(FILE_NAME, encode_upload(draw_photograph()).data)
    call = await app_fixture.ana.slash(
        "expand", image=upload, direction="right", pixels=64, prompt=PROMPT
    )
    result = await app_fixture.wait_for_result(call)
    await app_fixture.wait_for_job(call)
    return result


def list_files_with(app_fixture: AppFixture, word: bytes) -> list[str]:
    """Return the files below the data folder that hold a word in their bytes, as they are."""
    return [
        str(path.relative_to(app_fixture.data_dir))
        for path in app_fixture.data_dir.rglob("*")
        if path.is_file() and word in path.read_bytes()
    ]


async def test_no_byte_of_what_was_erased_is_left_in_the_data_folder(
    app_fixture: AppFixture,
) -> None:
    await set_moderators_channel(app_fixture)
    result = await order_with_canaries(app_fixture)
    # a preview not confirmed, and words about another member's result
    upload = Upload(FILE_NAME, encode_upload(draw_photograph(96, 96)).data)
    call = await app_fixture.ana.slash(
        "expand", image=upload, direction="left", pixels=64, prompt=PROMPT, preview=True
    )
    await call.message(lambda message: bool(list_media(message)))
    others = await expand_picture(app_fixture, get_ben(app_fixture))
    await report_result(app_fixture, app_fixture.ana, others, REASON)
    await wait_until(lambda: bool(list_moderator_cards(app_fixture)))
    assert list_files_with(app_fixture, CANARY)
    told = await erase(app_fixture)
    assert "deleted from 1 order" in told
    assert not is_shown(app_fixture, result)
    assert list_files_with(app_fixture, CANARY) == []
    job_files = {path.name for path in app_fixture.data_dir.glob("files/*/*") if path.is_file()}
    rows = await app_fixture.core.database.reader.fetch_all(
        "SELECT digest FROM file_use JOIN job ON job.id = job_id WHERE user_id = :user",
        {"user": get_ben(app_fixture).id},
    )
    assert job_files == {row["digest"] for row in rows}  # only Ben's are left
    assert await app_fixture.core.ledger.find_imbalances() == []


async def test_all_messages_with_the_pictures_are_deleted(app_fixture: AppFixture) -> None:
    await set_guild_settings(
        app_fixture,
        gallery_channel=ChannelId(seed_data.GALLERY_ID),
        gallery_mode=GalleryMode.EVERY,
    )
    result = await expand_picture(app_fixture)
    ben = get_ben(app_fixture)
    shared = await share_comparison(ben, result)
    await wait_until(lambda: bool(list_public_pictures(app_fixture, "gallery")))
    further = await app_fixture.wait_for_result(press_button(ben, result, "→"))
    told = await erase(app_fixture)
    assert not is_shown(app_fixture, result)
    assert not is_shown(app_fixture, shared)
    # Ben's own result, and its post
    assert [each["id"] for each in list_public_pictures(app_fixture, "studio")] == [further["id"]]
    assert len(list_public_pictures(app_fixture, "gallery")) == 1
    assert "1 result that another member made from your pictures stays theirs" in told
    assert "still shows" not in told


async def test_the_answer_names_what_discord_does_not_delete_and_a_sweep_does(
    app_fixture: AppFixture,
) -> None:
    result = await expand_picture(app_fixture)
    away = DiscordFault("unavailable", match=f"DELETE */messages/{result['id']}", times=0)
    app_fixture.discord.faults.add(away)
    told = await erase(app_fixture)
    assert "1 message still shows your pictures" in told
    assert f"/{result['id']}" in told
    assert is_shown(app_fixture, result)
    # meanwhile moderators still find whose it is, and can remove it
    job_id = await app_fixture.core.archive.find_by_message(GUILD, MessageId(int(result["id"])))
    assert job_id is not None
    assert (await load_job(app_fixture, job_id)).origin.user_id == app_fixture.ana.id
    app_fixture.discord.faults.clear()
    again = await erase(app_fixture)
    assert "still shows" not in again
    assert not is_shown(app_fixture, result)


async def test_a_reported_result_stays_until_moderators_have_decided(
    app_fixture: AppFixture,
) -> None:
    await set_moderators_channel(app_fixture)
    result, job = await create_result(app_fixture)
    await report_result(app_fixture, get_ben(app_fixture), result)
    await wait_until(lambda: bool(list_moderator_cards(app_fixture)))
    told = await erase(app_fixture)
    assert "deleted from 0 orders" in told
    assert "1 reported result stays until moderators have decided" in told
    assert is_shown(app_fixture, result)
    card = list_moderator_cards(app_fixture)[0]
    assert len(list_media(card)) == 2
    # the moderator removes it with everything, as if nothing had been erased
    removed = press_button(get_mia(app_fixture), card, "Remove")
    await removed.message(lambda _: True)
    await wait_until(lambda: not is_shown(app_fixture, result))
    assert "deleted from 1 order" in await erase(app_fixture)
    assert await app_fixture.core.archive.is_removed(job.id)


async def test_a_result_that_waits_for_approval_is_withdrawn(app_fixture: AppFixture) -> None:
    await set_moderators_channel(app_fixture)
    await set_guild_settings(app_fixture, approve_first=True)
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
    )
    await app_fixture.wait_for_job(call)
    await wait_until(lambda: bool(list_moderator_cards(app_fixture)))
    await erase(app_fixture)
    card = list_moderator_cards(app_fixture)[0]
    assert not list_media(card)
    assert "Approve" not in list_labels(card)
    assert not list_public_pictures(app_fixture, "studio")


async def test_blocks_survive_an_erasure(app_fixture: AppFixture) -> None:
    await expand_picture(app_fixture)
    blocked = await run_command(
        get_mia(app_fixture), "moderate block", member=str(app_fixture.ana.id), reason="rude"
    )
    assert "block" in blocked.lower()
    await erase(app_fixture)
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
    )
    assert "rude" in read_text(await call.message())
    records = await app_fixture.core.exports.records.list_records(UserId(app_fixture.ana.id))
    assert [row["reason"] for row in records["blocks"]] == ["rude"]


async def test_an_order_under_way_is_said_and_erased_the_next_time(
    app_fixture: AppFixture,
) -> None:
    app_fixture.runware.pause_tasks()
    call = await app_fixture.ana.slash(
        "expand",
        image=encode_upload(draw_photograph()),
        direction="right",
        pixels=64,
        prompt=PROMPT,
    )
    await app_fixture.wait_for_state(call, JobState.SUBMITTED)
    told = await erase(app_fixture)
    assert "1 order is still under way" in told
    app_fixture.runware.resume_tasks()
    job = await app_fixture.wait_for_job(call)
    assert job.state is JobState.SETTLED
    assert "under way" not in await erase(app_fixture)
    assert list_files_with(app_fixture, CANARY) == []


def read_archive(data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(files.pop("data.json")), files


async def export(app_fixture: AppFixture) -> tuple[dict[str, Any], dict[str, bytes]]:
    page = await (await app_fixture.ana.slash("privacy")).message()
    call = press_button(app_fixture.ana, page, "Export my data")
    message = await call.message(
        lambda seen: any(part["type"] == FILE for part in list_parts(seen))
    )
    file = next(part["file"] for part in list_parts(message) if part["type"] == FILE)
    return read_archive(app_fixture.discord.read_attachment(file))


async def test_an_export_is_a_file_with_all_rows_and_pictures(app_fixture: AppFixture) -> None:
    result = await order_with_canaries(app_fixture)
    told, files = await export(app_fixture)
    order = told["records"]["orders"][0]
    assert (order["ordered"]["prompt"], order["message_id"]) == (PROMPT, result["id"])
    assert order["ordered"]["attachment"]["filename"] == FILE_NAME
    assert "reply_token" not in order
    assert {name: each["rows"] for name, each in told["contents"].items()} == {
        name: len(rows) for name, rows in told["records"].items()
    }
    assert set(files) == set(told["files"])
    stored = {path.name for path in app_fixture.data_dir.glob("files/*/*")}
    assert {name.removeprefix("files/").partition(".")[0] for name in files} == stored
    delivered = told["records"]["results"][0]["delivered"]
    assert files[f"files/{delivered}.png"] == app_fixture.discord.read_attachment(
        list_media(result)[0]
    )


async def test_an_export_names_no_moderator(app_fixture: AppFixture) -> None:
    call = await HOLD_IN_STATE[JobState.PREPARED](app_fixture)
    job = await app_fixture.wait_for_state(call, JobState.PREPARED)
    await run_command(get_mia(app_fixture), "moderate cancel", picture=job.id)
    await release_jobs(app_fixture)
    told, _ = await export(app_fixture)
    steps = told["records"]["order_steps"]
    assert [each["detail"] for each in steps if each["target"] == "cancelled"] == [
        "by somebody else"
    ]
    assert str(get_mia(app_fixture).id) not in str(told)


async def test_an_export_takes_what_fits_and_says_what_does_not(app_fixture: AppFixture) -> None:
    await expand_picture(app_fixture)
    exports, user = app_fixture.core.exports, UserId(app_fixture.ana.id)
    whole = io.BytesIO()
    assert await exports.write_archive(user, whole) == 0
    for room in range(8_000, len(whole.getvalue()), 20_000):
        part = io.BytesIO()
        left_out = await exports.write_archive(user, part, room)
        assert len(part.getvalue()) <= room
        told, files = read_archive(part.getvalue())
        assert told["files_left_out"] == left_out
        assert len(files) + left_out == len(read_archive(whole.getvalue())[1])


@pytest.mark.parametrize("way", ["result", "comparison", "gallery"])
async def test_an_opt_out_holds_wherever_the_picture_is_shown(
    app_fixture: AppFixture, way: str
) -> None:
    await set_guild_settings(
        app_fixture,
        gallery_channel=ChannelId(seed_data.GALLERY_ID),
        gallery_mode=GalleryMode.EVERY,
    )
    result, ben = await expand_picture(app_fixture), get_ben(app_fixture)
    if way == "comparison":
        message = await share_comparison(app_fixture.ana, result)
    else:
        message = result if way == "result" else await wait_for_post(app_fixture)
    page = await (await app_fixture.ana.slash("privacy")).message()
    call = press_button(app_fixture.ana, page, "Keep my pictures from others")
    await call.message(lambda seen: "Others may not expand" in read_text(seen))
    refused = ben.menu("Expand image", message)
    assert "does not want" in read_text(await refused.message())
    assert app_fixture.billed_count == 1


async def wait_for_post(app_fixture: AppFixture) -> Json:
    await wait_until(lambda: bool(list_public_pictures(app_fixture, "gallery")))
    return list_public_pictures(app_fixture, "gallery")[0]


@pytest.mark.parametrize("way", ["result", "comparison"])
async def test_nobody_expands_what_an_erased_author_left_in_the_channel(
    app_fixture: AppFixture, way: str
) -> None:
    result = await expand_picture(app_fixture)
    message = result if way == "result" else await share_comparison(get_ben(app_fixture), result)
    away = DiscordFault("unavailable", match="DELETE */messages/*", times=0)
    app_fixture.discord.faults.add(away)
    await erase(app_fixture)
    assert is_shown(app_fixture, message)
    for member in (get_ben(app_fixture), app_fixture.ana):
        answer = await member.menu("Expand image", message).message()
        assert "no longer kept" in read_text(answer)
    assert app_fixture.billed_count == 1


async def test_jobs_of_others_that_share_a_file_keep_it(app_fixture: AppFixture) -> None:
    await expand_picture(app_fixture)
    theirs = await expand_picture(app_fixture, get_ben(app_fixture))  # the same picture
    await erase(app_fixture)
    job_id = await app_fixture.core.archive.find_by_message(GUILD, MessageId(int(theirs["id"])))
    job = await load_job(app_fixture, JobId(str(job_id)))
    assert await app_fixture.core.files.has_file(job.stored_seed)
    further = await app_fixture.wait_for_result(press_button(get_ben(app_fixture), theirs, "→"))
    assert list_media(further)


async def send_result_directly(app_fixture: AppFixture) -> Json:
    """Let Discord refuse the channel, so that the result goes into a direct message."""
    call = await HOLD_IN_STATE[JobState.SUBMITTED](app_fixture)
    for match in (EDIT, f"POST /channels/{seed_data.STUDIO_ID}/messages"):
        app_fixture.discord.faults.add(DiscordFault("refused", match=match, times=0, value=200000))
    app_fixture.runware.resume_tasks()
    await app_fixture.wait_for_job(call)
    app_fixture.discord.faults.clear()
    return next(each for each in list_direct(app_fixture) if list_media(each))


def list_direct(app_fixture: AppFixture) -> list[Json]:
    return app_fixture.discord.guild.messages(app_fixture.ana.dm)


async def test_a_direct_message_with_the_pictures_is_deleted_too(app_fixture: AppFixture) -> None:
    await send_result_directly(app_fixture)
    told = await erase(app_fixture)
    assert "still shows" not in told
    assert not [each for each in list_direct(app_fixture) if list_media(each)]


async def test_a_forwarded_direct_message_is_offered_to_nobody_else(
    app_fixture: AppFixture,
) -> None:
    direct = await send_result_directly(app_fixture)
    forwarded = app_fixture.ana.forward(direct, channel="studio")
    page = await (await app_fixture.ana.slash("privacy")).message()
    call = press_button(app_fixture.ana, page, "Keep my pictures from others")
    await call.message(lambda seen: "Others may not expand" in read_text(seen))
    refused = await get_ben(app_fixture).menu("Expand image", forwarded).message()
    assert "does not want" in read_text(refused)
    await erase(app_fixture)
    refused = await get_ben(app_fixture).menu("Expand image", forwarded).message()
    assert list_media(refused) == []
    assert app_fixture.billed_count == 1


async def test_a_removal_reaches_the_message_of_an_erased_result(app_fixture: AppFixture) -> None:
    result, job = await create_result(app_fixture)
    app_fixture.discord.faults.add(DiscordFault("unavailable", match="DELETE *", times=0))
    await erase(app_fixture)
    app_fixture.discord.faults.clear()
    told = await run_command(get_mia(app_fixture), "moderate remove", picture=job.id)
    assert "removed" in told.lower()
    assert not is_shown(app_fixture, result)


async def test_the_operators_command_plans_what_the_running_bot_deletes(
    app_fixture: AppFixture,
) -> None:
    result = await expand_picture(app_fixture)
    user = UserId(app_fixture.ana.id)
    # as `expanse forget` does beside the bot: it has no connection to Discord
    report = await app_fixture.core.erasure.erase_member(user)
    assert report.erased == 1
    assert len(await app_fixture.core.erasure.list_remaining(user)) == 1
    assert is_shown(app_fixture, result)
    await app_fixture.restart()
    await wait_until(lambda: not is_shown(app_fixture, result))
