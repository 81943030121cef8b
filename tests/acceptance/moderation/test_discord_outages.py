"""Moderators' acts while Discord fails or is slow: what could not be done is done later."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.domain.gallery import GalleryMode
from bot.domain.ids import ChannelId, UserId
from bot.domain.job import Job, JobState
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.model.faults import DiscordFault
from sandbox.discord.model.seed_data import GALLERY_ID, STUDIO_ID
from tests.support.app.card_controls import expand_picture, press_button
from tests.support.app.held_jobs import send_order
from tests.support.app.moderators import (
    create_result,
    get_ben,
    get_mia,
    run_command,
    set_guild_settings,
)
from tests.support.app.shown_pictures import list_public_pictures, list_spoilers, share_comparison
from tests.support.app_fixture import AppFixture, read_text, wait_until

Json = dict[str, Any]
STUDIO, GALLERY = f"/channels/{STUDIO_ID}/*", f"/channels/{GALLERY_ID}/*"


async def show_everywhere(app_fixture: AppFixture) -> Any:
    """Show a result, its gallery post, a comparison and what Ben made from it; return its ID."""
    await set_guild_settings(
        app_fixture, gallery_channel=ChannelId(GALLERY_ID), gallery_mode=GalleryMode.EVERY
    )
    result = await expand_picture(app_fixture)
    await share_comparison(get_ben(app_fixture), result)
    await app_fixture.wait_for_result(press_button(get_ben(app_fixture), result, "→"))
    await wait_until(lambda: len(list_public_pictures(app_fixture)) >= 4)
    return (await app_fixture.core.archive.list_all_jobs(UserId(app_fixture.ana.id)))[0].id


@pytest.mark.parametrize("kind", ["unavailable", "reset"])
@pytest.mark.parametrize("place", [STUDIO, GALLERY])
@pytest.mark.parametrize("act", ["remove", "spoiler"])
async def test_an_act_during_an_outage_is_finished_after_it(
    app_fixture: AppFixture, act: str, place: str, kind: str
) -> None:
    job = await show_everywhere(app_fixture)
    for method in ("DELETE", "PATCH", "GET"):
        app_fixture.discord.faults.add(DiscordFault(kind, match=f"{method} {place}", times=0))
    await asyncio.wait_for(run_command(get_mia(app_fixture), f"moderate {act}", picture=job), 60)
    app_fixture.discord.faults.clear()
    await app_fixture.restart()

    def is_done() -> bool:
        shown = [set(list_spoilers(each)) for each in list_public_pictures(app_fixture)]
        return all(each == {True} for each in shown) if act == "spoiler" else not shown

    await wait_until(is_done)


async def test_a_spoiler_by_button_during_an_outage_is_shown_after_it(
    app_fixture: AppFixture,
) -> None:
    result = await expand_picture(app_fixture)
    more = await press_button(get_mia(app_fixture), result, "More").message()
    app_fixture.discord.faults.add(DiscordFault("unavailable", match=f"PATCH {STUDIO}", times=0))
    app_fixture.discord.faults.add(DiscordFault("unavailable", match=f"DELETE {STUDIO}", times=0))
    await press_button(get_mia(app_fixture), more, "Put behind a spoiler").message(timeout=60)
    app_fixture.discord.faults.clear()
    await app_fixture.restart()
    await wait_until(lambda: list_spoilers(app_fixture.discord.guild.message(result)) == [True])


async def send_slowly(app_fixture: AppFixture, call: TrackedInvocation) -> Job:
    """Wait until Discord has begun to take the result of an order, which lasts a second."""
    journal = app_fixture.discord.journal
    await app_fixture.wait_for_state(call, JobState.STORED)
    await wait_until(lambda: any(each.kind == "slow" for each in journal.fault_entries))
    app_fixture.discord.faults.clear()  # what has begun goes on as slowly
    return await app_fixture.wait_for_state(call, JobState.STORED)


def slow_down(app_fixture: AppFixture) -> None:
    """Let Discord take a second for each edit of an order's card with a picture."""
    fault = DiscordFault("slow", match="PATCH /webhooks/*", times=0, value=1.0)
    app_fixture.discord.faults.add(fault)


async def test_a_result_that_is_removed_while_it_is_sent_is_not_shown(
    app_fixture: AppFixture,
) -> None:
    app_fixture.runware.pause_tasks()
    call = await send_order(app_fixture)
    await app_fixture.wait_for_state(call, JobState.SUBMITTED)
    slow_down(app_fixture)
    app_fixture.runware.resume_tasks()
    job = await send_slowly(app_fixture, call)
    await run_command(get_mia(app_fixture), "moderate remove", picture=job.id)
    assert (await app_fixture.wait_for_job(call)).state is JobState.SETTLED
    await wait_until(lambda: not list_public_pictures(app_fixture))
    for each in await app_fixture.core.jobs.list_results(job.id):
        assert each.delivered is not None
        assert not await app_fixture.core.files.has_file(each.delivered)


async def test_a_result_whose_source_is_covered_while_it_is_sent_is_covered(
    app_fixture: AppFixture,
) -> None:
    result, job = await create_result(app_fixture)
    app_fixture.runware.pause_tasks()
    call = press_button(get_ben(app_fixture), result, "→")
    await app_fixture.wait_for_state(call, JobState.SUBMITTED)
    slow_down(app_fixture)
    app_fixture.runware.resume_tasks()
    await send_slowly(app_fixture, call)
    await run_command(get_mia(app_fixture), "moderate spoiler", picture=job.id)
    await app_fixture.wait_for_job(call)

    def list_shown() -> list[list[bool]]:
        return [list_spoilers(each) for each in list_public_pictures(app_fixture)]

    await wait_until(lambda: list_shown() == [[True], [True]])


async def test_what_is_ordered_during_a_removal_is_refused(app_fixture: AppFixture) -> None:
    result, job = await create_result(app_fixture)
    child = await app_fixture.wait_for_result(press_button(get_ben(app_fixture), result, "→"))
    app_fixture.discord.faults.add(DiscordFault("slow", match=f"DELETE {STUDIO}", value=1.0))
    removing = get_mia(app_fixture).invoke("moderate remove", {"picture": job.id})
    await wait_until(lambda: bool(app_fixture.discord.journal.fault_entries))
    late = press_button(app_fixture.ana, child, "→")
    await removing.message(lambda message: bool(read_text(message)))
    assert "no longer kept" in read_text(await late.message())
    assert list_public_pictures(app_fixture) == []
