"""The ways of a result to its member, and what is done when one is closed."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from bot.config import LimitSettings
from bot.domain.ids import ChannelId, InteractionId
from bot.domain.job import Job, JobState
from bot.domain.ledger import Unit, global_day_scope
from bot.domain.order import Reply
from bot.errors import TaskFailed
from bot.services.ports import Delivered, Picture, Route
from bot.services.progress import INTERVAL
from sandbox.control.clock import VirtualClock
from sandbox.discord.calls import Call
from tests.house import House, is_ephemeral, media, photograph, text, until, upload


async def finished(house: House, *, private: bool = False) -> Job:
    call = await house.ana.slash(
        "expand", image=upload(photograph()), direction="right", pixels=64, private=private
    )
    await house.posted(call)
    return await house.job(call)


async def deliver(house: House, job: Job) -> Delivered:
    pictures = [
        Picture(result, house.app.files.path(result.delivered))
        for result in await house.app.jobs.results(job.id)
        if result.delivered is not None
    ]
    usage = await house.app.accounting.usage(
        job.origin.guild_id, job.origin.user_id, job.created_at
    )
    return await house.app.publisher.deliver(job, pictures, usage)


async def test_a_result_is_not_overwritten_by_progress_that_comes_late(house: House) -> None:
    call = await house.ana.slash("expand", image=upload(photograph()), direction="right", pixels=64)
    result = await house.posted(call)
    edits = call.record()["edits"]
    await asyncio.sleep(INTERVAL + 1)
    record = call.record()
    assert record["message"]["components"] == result["components"]
    assert record["edits"] == edits


async def test_the_card_follows_a_long_job_at_most_every_three_seconds(house: House) -> None:
    house.runware.hold()
    call = await house.ana.slash("expand", image=upload(photograph()), direction="right", pixels=64)
    start = time.monotonic()
    card = await call.message(lambda message: "Rendering" in text(message))
    assert time.monotonic() - start >= INTERVAL - 0.5
    assert call.record()["edits"] == 1
    house.runware.release()
    assert (await house.posted(call))["id"] == card["id"]


async def test_a_result_without_a_reply_is_posted_once_however_often_it_is_sent(
    house: House,
) -> None:
    job = replace(await finished(house), reply=Reply(None))
    first, second = await deliver(house, job), await deliver(house, job)
    assert first == second
    assert first.route is Route.CHANNEL
    pictures = [message for message in house.discord.guild.messages() if media(message)]
    assert len(pictures) == 2


async def test_a_card_that_shows_the_result_already_is_not_followed_by_another(
    house: House,
) -> None:
    job = await finished(house)
    assert job.reply.token is None
    assert (await deliver(house, job)).message_id == job.reply.message_id
    assert len([seen for seen in house.discord.guild.messages() if media(seen)]) == 1


async def test_a_failure_without_a_reply_is_said_in_the_channel_unless_it_was_private(
    house: House,
) -> None:
    for private in (False, True):
        job = replace(await finished(house, private=private), reply=Reply(None))
        await house.app.publisher.fail(job, TaskFailed("processingFailed", "no"))
    said = [text(seen) for seen in house.discord.guild.messages() if "Could not" in text(seen)]
    assert len(said) == 1
    assert "$0.05 was billed" in said[0]


async def test_a_picture_that_no_way_takes_is_kept_and_the_card_says_so(house: House) -> None:
    house.runware.hold()
    call = await house.ana.slash("expand", image=upload(photograph()), direction="right", pixels=64)
    await house.until(call, JobState.SUBMITTED)
    house.discord.state.world.attachment_limit = 1000
    house.runware.release()
    message = await call.message(lambda message: "cannot be shown here" in text(message))
    assert "$0.05 was billed" in text(message)
    assert (await house.job(call)).state is JobState.SETTLED


async def test_a_private_result_without_a_reply_comes_as_a_direct_message(house: House) -> None:
    job = replace(await finished(house, private=True), reply=Reply(None))
    before = len(house.discord.guild.messages())
    first, second = await deliver(house, job), await deliver(house, job)
    assert first == second
    assert first.route is Route.MESSAGE
    assert len(house.discord.guild.messages()) == before


async def test_a_private_result_that_no_way_takes_is_kept_and_never_posted(house: House) -> None:
    job = await finished(house, private=True)
    house.ana.close_dms()
    before = len(house.discord.guild.messages())
    assert await deliver(house, job) == Delivered(Route.KEPT)
    assert len(house.discord.guild.messages()) == before


async def test_a_channel_that_is_gone_is_asked_once_and_the_member_told_directly(
    house: House,
) -> None:
    jobs = [replace(await finished(house), reply=Reply(None)) for _ in range(3)]
    gone = ChannelId(jobs[0].origin.channel_id + 999_999)
    for job in jobs:
        moved = replace(job, origin=replace(job.origin, channel_id=gone))
        assert (await deliver(house, moved)).route is Route.MESSAGE
    asked = [call for call in house.discord.journal.entries if f"/channels/{gone}/" in call.path]
    assert len(asked) == 1


async def test_a_token_that_discord_does_not_know_leads_to_the_channel(house: House) -> None:
    job = await finished(house)
    hurt = replace(job, reply=Reply("a-token-of-somebody-else"))
    assert (await deliver(house, hurt)).route is Route.CHANNEL


async def test_a_late_result_says_so_and_mentions_who_asked_and_nobody_else(house: House) -> None:
    job = await finished(house)
    prompt = replace(job.order, prompt="@everyone look")
    await deliver(house, replace(job, order=prompt, reply=Reply(None)))
    message = house.discord.guild.messages()[-1]
    assert f"It took a while: here is your picture, <@{house.ana.id}>." in text(message)
    assert [user["id"] for user in message["mentions"]] == [str(house.ana.id)]
    assert not message["mention_everyone"]


async def test_a_late_result_takes_the_place_of_the_waiting_card(house: House) -> None:
    house.runware.hold()
    call = await house.ana.slash("expand", image=upload(photograph()), direction="right", pixels=64)
    card = await call.message()
    await house.until(call, JobState.SUBMITTED)
    house.discord.clock.advance(16 * 60)
    house.runware.release()
    await house.until(call, JobState.SETTLED)
    (message,) = house.discord.guild.messages()
    assert message["id"] != card["id"]
    assert "It took a while" in text(message)


async def test_a_deleted_card_leads_to_the_channel(house: House) -> None:
    house.runware.hold()
    call = await house.ana.slash("expand", image=upload(photograph()), direction="right", pixels=64)
    card = await call.message()
    await house.until(call, JobState.SUBMITTED)
    shown = house.discord.state.messages.find(int(card["id"]))
    assert shown is not None
    house.discord.state.messages.delete(shown)
    house.runware.release()
    message = await house.posted(call)
    assert message["id"] != card["id"]
    assert (await house.job(call)).state is JobState.SETTLED


async def test_a_restart_in_the_middle_edits_the_same_card(house: House) -> None:
    house.runware.hold()
    call = await house.ana.slash("expand", image=upload(photograph()), direction="right", pixels=64)
    card = await call.message()
    await house.until(call, JobState.SUBMITTED)
    await house.restart()
    house.runware.release()
    assert (await house.posted(call))["id"] == card["id"]
    assert (await house.job(call)).state is JobState.SETTLED
    assert house.billed == 1


async def test_a_slow_acceptance_is_announced_and_then_goes_on(house: House) -> None:
    async with house.app.database.write():
        call = await house.ana.slash(
            "expand", image=upload(photograph()), direction="right", pixels=64
        )
        assert 1000 < await call.acknowledged() < 2500
    assert media(await house.posted(call))


async def test_a_refusal_after_a_deferral_is_still_private(house: House) -> None:
    await house.stop()
    house.limits = LimitSettings(results_per_user_day=1)
    await house.start()
    async with house.app.database.write():
        call = await house.ana.slash(
            "expand", image=upload(photograph()), direction="right", pixels=64, results=2
        )
        await call.acknowledged()
    message = await call.message(lambda message: "used 0 of your 1" in text(message))
    assert is_ephemeral(message)
    assert not [seen for seen in house.discord.guild.messages() if not is_ephemeral(seen)]


async def test_an_interaction_that_discord_gave_up_starts_no_paid_work(
    house_in_virtual_time: tuple[House, VirtualClock],
) -> None:
    house, clock = house_in_virtual_time
    async with house.app.database.write():
        call = await house.ana.slash(
            "expand", image=upload(photograph()), direction="right", pixels=64
        )
        clock.advance(4)
    job = await cancelled(house, call)
    assert job.failure == "unanswered"
    assert house.billed == 0
    day = await house.app.ledger.account(global_day_scope(job.created_at.date()), Unit.MICRO_USD)
    assert (day.held, day.spent) == (0, 0)


async def cancelled(house: House, call: Call) -> Job:
    job = await house.job(call)
    assert job.state is JobState.CANCELLED
    return job


async def test_the_same_interaction_twice_is_one_job(house: House) -> None:
    call = await house.ana.slash("expand", image=upload(photograph()), direction="right", pixels=64)
    await house.posted(call)
    job = await house.job(call)
    again = await house.app.bot.desk.expansions.accept(job.origin, job.order, "token")
    assert again.id == job.id
    known = await house.app.jobs.by_interaction(InteractionId(call.id))
    assert known == job
    await until(lambda: house.billed == 1)
