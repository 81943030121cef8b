"""The ways of a result to its member, and what is done when one is closed."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from bot.config.settings import LimitSettings
from bot.domain.ids import ChannelId, InteractionId
from bot.domain.job import Job, JobState
from bot.domain.ledger import LedgerUnit, format_global_day_scope
from bot.domain.order import ReplyTarget
from bot.errors import TaskFailed
from bot.services.ports.jobs import DeliveryReceipt, DeliveryRoute, StoredPicture
from bot.services.progress.card_updates import EDIT_INTERVAL
from sandbox.control.clock import VirtualClock
from sandbox.discord.actors.invocation import TrackedInvocation
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    is_ephemeral,
    list_media,
    read_text,
    wait_until,
)


async def finish_job(app_fixture: AppFixture, *, private: bool = False) -> Job:
    call = await app_fixture.ana.slash(
        "expand",
        image=encode_upload(draw_photograph()),
        direction="right",
        pixels=64,
        private=private,
    )
    await app_fixture.wait_for_result(call)
    return await app_fixture.wait_for_job(call)


async def deliver_job(app_fixture: AppFixture, job: Job) -> DeliveryReceipt:
    pictures = [
        StoredPicture(result, app_fixture.core.files.get_path(result.delivered))
        for result in await app_fixture.core.jobs.list_results(job.id)
        if result.delivered is not None
    ]
    usage = await app_fixture.core.quotas.get_daily_usage(
        job.origin.guild_id, job.origin.user_id, job.created_at
    )
    return await app_fixture.app.publisher.deliver_result(job, pictures, usage)


async def test_a_result_is_not_overwritten_by_progress_that_comes_late(
    app_fixture: AppFixture,
) -> None:
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
    )
    result = await app_fixture.wait_for_result(call)
    edits = call.record()["edits"]
    await asyncio.sleep(EDIT_INTERVAL + 1)
    record = call.record()
    assert record["message"]["components"] == result["components"]
    assert record["edits"] == edits


async def test_the_card_follows_a_long_job_at_most_every_three_seconds(
    app_fixture: AppFixture,
) -> None:
    app_fixture.runware.pause_tasks()
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
    )
    start = time.monotonic()
    card = await call.message(lambda message: "Rendering" in read_text(message))
    assert time.monotonic() - start >= EDIT_INTERVAL - 0.5
    assert call.record()["edits"] == 1
    app_fixture.runware.resume_tasks()
    assert (await app_fixture.wait_for_result(call))["id"] == card["id"]


async def test_a_result_without_a_reply_is_posted_once_however_often_it_is_sent(
    app_fixture: AppFixture,
) -> None:
    job = replace(await finish_job(app_fixture), reply=ReplyTarget(None))
    first, second = await deliver_job(app_fixture, job), await deliver_job(app_fixture, job)
    assert first == second
    assert first.route is DeliveryRoute.CHANNEL
    pictures = [message for message in app_fixture.discord.guild.messages() if list_media(message)]
    assert len(pictures) == 2


async def test_a_card_that_shows_the_result_already_is_not_followed_by_another(
    app_fixture: AppFixture,
) -> None:
    job = await finish_job(app_fixture)
    assert job.reply.token is None
    assert (await deliver_job(app_fixture, job)).message_id == job.reply.message_id
    assert len([seen for seen in app_fixture.discord.guild.messages() if list_media(seen)]) == 1


async def test_a_failure_without_a_reply_is_posted_in_the_channel_unless_it_was_private(
    app_fixture: AppFixture,
) -> None:
    for private in (False, True):
        job = replace(await finish_job(app_fixture, private=private), reply=ReplyTarget(None))
        await app_fixture.app.publisher.show_failure(job, TaskFailed("processingFailed", "no"))
    said = [
        read_text(seen)
        for seen in app_fixture.discord.guild.messages()
        if "Could not" in read_text(seen)
    ]
    assert len(said) == 1
    assert "$0.05 was billed" in said[0]


async def test_a_picture_that_no_route_takes_is_stored_and_the_card_says_so(
    app_fixture: AppFixture,
) -> None:
    app_fixture.runware.pause_tasks()
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
    )
    await app_fixture.wait_for_state(call, JobState.SUBMITTED)
    app_fixture.discord.state.world.attachment_limit = 1000
    app_fixture.runware.resume_tasks()
    message = await call.message(lambda message: "cannot be shown here" in read_text(message))
    assert "$0.05 was billed" in read_text(message)
    assert (await app_fixture.wait_for_job(call)).state is JobState.SETTLED


async def test_a_private_result_without_a_reply_comes_as_a_direct_message(
    app_fixture: AppFixture,
) -> None:
    job = replace(await finish_job(app_fixture, private=True), reply=ReplyTarget(None))
    before = len(app_fixture.discord.guild.messages())
    first, second = await deliver_job(app_fixture, job), await deliver_job(app_fixture, job)
    assert first == second
    assert first.route is DeliveryRoute.MESSAGE
    assert len(app_fixture.discord.guild.messages()) == before


async def test_a_private_result_that_no_route_takes_is_stored_and_never_posted(
    app_fixture: AppFixture,
) -> None:
    job = await finish_job(app_fixture, private=True)
    app_fixture.ana.close_dms()
    before = len(app_fixture.discord.guild.messages())
    assert await deliver_job(app_fixture, job) == DeliveryReceipt(DeliveryRoute.ON_DISK)
    assert len(app_fixture.discord.guild.messages()) == before


async def test_a_channel_that_is_gone_is_asked_once_and_the_member_informed_directly(
    app_fixture: AppFixture,
) -> None:
    jobs = [replace(await finish_job(app_fixture), reply=ReplyTarget(None)) for _ in range(3)]
    gone = ChannelId(jobs[0].origin.channel_id + 999_999)
    for job in jobs:
        moved = replace(job, origin=replace(job.origin, channel_id=gone))
        assert (await deliver_job(app_fixture, moved)).route is DeliveryRoute.MESSAGE
    asked = [
        call for call in app_fixture.discord.journal.entries if f"/channels/{gone}/" in call.path
    ]
    assert len(asked) == 1


async def test_a_token_that_discord_does_not_know_leads_to_the_channel(
    app_fixture: AppFixture,
) -> None:
    job = await finish_job(app_fixture)
    hurt = replace(job, reply=ReplyTarget("a-token-of-somebody-else"))
    assert (await deliver_job(app_fixture, hurt)).route is DeliveryRoute.CHANNEL


async def test_a_late_result_says_so_and_mentions_who_asked_and_nobody_else(
    app_fixture: AppFixture,
) -> None:
    job = await finish_job(app_fixture)
    prompt = replace(job.order, prompt="@everyone look")
    await deliver_job(app_fixture, replace(job, order=prompt, reply=ReplyTarget(None)))
    message = app_fixture.discord.guild.messages()[-1]
    assert f"It took a while: here is your picture, <@{app_fixture.ana.id}>." in read_text(message)
    assert [user["id"] for user in message["mentions"]] == [str(app_fixture.ana.id)]
    assert not message["mention_everyone"]


async def test_a_late_result_takes_the_place_of_the_waiting_card(app_fixture: AppFixture) -> None:
    app_fixture.runware.pause_tasks()
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
    )
    card = await call.message()
    await app_fixture.wait_for_state(call, JobState.SUBMITTED)
    app_fixture.discord.clock.advance(16 * 60)
    app_fixture.runware.resume_tasks()
    await app_fixture.wait_for_state(call, JobState.SETTLED)
    (message,) = app_fixture.discord.guild.messages()
    assert message["id"] != card["id"]
    assert "It took a while" in read_text(message)


async def test_a_deleted_card_leads_to_the_channel(app_fixture: AppFixture) -> None:
    app_fixture.runware.pause_tasks()
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
    )
    card = await call.message()
    await app_fixture.wait_for_state(call, JobState.SUBMITTED)
    shown = app_fixture.discord.state.messages.find(int(card["id"]))
    assert shown is not None
    app_fixture.discord.state.messages.delete(shown)
    app_fixture.runware.resume_tasks()
    message = await app_fixture.wait_for_result(call)
    assert message["id"] != card["id"]
    assert (await app_fixture.wait_for_job(call)).state is JobState.SETTLED


async def test_a_restart_in_the_middle_edits_the_same_card(app_fixture: AppFixture) -> None:
    app_fixture.runware.pause_tasks()
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
    )
    card = await call.message()
    await app_fixture.wait_for_state(call, JobState.SUBMITTED)
    await app_fixture.restart()
    app_fixture.runware.resume_tasks()
    assert (await app_fixture.wait_for_result(call))["id"] == card["id"]
    assert (await app_fixture.wait_for_job(call)).state is JobState.SETTLED
    assert app_fixture.billed_count == 1


async def test_a_slow_acceptance_is_announced_and_then_goes_on(app_fixture: AppFixture) -> None:
    async with app_fixture.core.database.write():
        call = await app_fixture.ana.slash(
            "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
        )
        assert 1000 < await call.acknowledged() < 2500
    assert list_media(await app_fixture.wait_for_result(call))


async def test_a_refusal_after_a_deferral_is_still_private(app_fixture: AppFixture) -> None:
    await app_fixture.stop()
    app_fixture.limits = LimitSettings(results_per_user_day=1)
    await app_fixture.start()
    async with app_fixture.core.database.write():
        call = await app_fixture.ana.slash(
            "expand",
            image=encode_upload(draw_photograph()),
            direction="right",
            pixels=64,
            results=2,
        )
        await call.acknowledged()
    message = await call.message(lambda message: "used 0 of your 1" in read_text(message))
    assert is_ephemeral(message)
    assert not [seen for seen in app_fixture.discord.guild.messages() if not is_ephemeral(seen)]


async def test_an_interaction_that_discord_gave_up_starts_no_paid_work(
    app_fixture_in_virtual_time: tuple[AppFixture, VirtualClock],
) -> None:
    house, clock = app_fixture_in_virtual_time
    async with house.app.core.database.write():
        call = await house.ana.slash(
            "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
        )
        clock.advance(4)
    job = await cancel_job(house, call)
    assert job.failure == "unanswered"
    assert house.billed_count == 0
    day = await house.app.core.ledger.get_account(
        format_global_day_scope(job.created_at.date()), LedgerUnit.MICRO_USD
    )
    assert (day.held, day.spent) == (0, 0)


async def cancel_job(app_fixture: AppFixture, call: TrackedInvocation) -> Job:
    job = await app_fixture.wait_for_job(call)
    assert job.state is JobState.CANCELLED
    return job


async def test_the_same_interaction_twice_is_one_job(app_fixture: AppFixture) -> None:
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
    )
    await app_fixture.wait_for_result(call)
    job = await app_fixture.wait_for_job(call)
    again = await app_fixture.app.interactions.acceptance.accept_order(
        job.origin, job.order, "token"
    )
    assert again.id == job.id
    known = await app_fixture.core.jobs.find_by_interaction(InteractionId(call.id))
    assert known == job
    await wait_until(lambda: app_fixture.billed_count == 1)
