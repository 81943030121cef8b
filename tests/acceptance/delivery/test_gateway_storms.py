"""Discord at its worst: sessions that break again and again, events that come again, stalls."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from random import Random

import pytest

from bot.config.settings import LimitSettings
from bot.domain.ids import InteractionId
from bot.domain.job import JobState
from bot.domain.ledger import LedgerUnit, format_global_day_scope
from bot.services.progress.card_updates import EDIT_INTERVAL
from sandbox.control.clock import VirtualClock
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.model.events import Event
from sandbox.discord.model.faults import DiscordFault
from tests.support.app.held_jobs import send_order
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    list_media,
    wait_until,
)

DISCONNECTS = int(os.environ.get("EXPANSE_DISCONNECTS", "8"))
"""Set it to 200 for the long form."""
RESUMABLE = (4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009)
"""Close codes after which a bot may come back (Discord's "Gateway Close Event Codes")."""
NAMES = ("ana", "ben", "mia", "olu")


def count_pictures(app_fixture: AppFixture) -> int:
    return len([seen for seen in app_fixture.discord.guild.messages() if list_media(seen)])


async def wait_until_online(app_fixture: AppFixture, before: object = None) -> None:
    """Wait until the bot's session is there, by another socket than before."""
    bot = app_fixture.app.bot.client
    await wait_until(
        lambda: app_fixture.discord.state.is_bot_online and bot.ws is not before and bot.ws.open
    )


@pytest.mark.timeout(600)
async def test_jobs_go_on_through_any_number_of_lost_sessions(app_fixture: AppFixture) -> None:
    chance, calls = Random(4), []  # noqa: S311 - the same storm each time
    for number in range(DISCONNECTS):
        if number % 3 == 0:
            member = app_fixture.discord.guild.member(NAMES[number // 3 % 4])
            image = encode_upload(draw_photograph(96, 64))
            calls.append(await member.slash("expand", image=image, direction="up", pixels=64))
        before = app_fixture.app.bot.client.ws
        match chance.choice(("reconnect", "resumable", "invalid", "close")):
            case "reconnect":
                app_fixture.discord.gateway.request_reconnect()
            case "resumable":
                app_fixture.discord.gateway.invalidate_sessions(resumable=True)
            case "invalid":
                app_fixture.discord.gateway.invalidate_sessions()
            case _:
                await app_fixture.discord.gateway.close_sockets(chance.choice(RESUMABLE))
        await wait_until_online(app_fixture, before)
    for call in calls:
        await call.acknowledged()
    jobs = [
        await app_fixture.core.jobs.find_by_interaction(InteractionId(call.id)) for call in calls
    ]
    taken = [job for job in jobs if job is not None]
    await wait_until(lambda: app_fixture.billed_count == count_pictures(app_fixture) == len(taken))
    assert len(taken) > len(calls) / 2
    assert await app_fixture.core.ledger.find_imbalances() == []
    await wait_until_online(app_fixture)


async def test_events_that_come_again_in_any_order_are_one_job_each(
    app_fixture: AppFixture,
) -> None:
    seen: list[Event] = []
    unsubscribe = app_fixture.discord.state.subscribe(
        lambda event: seen.append(event) if event.name == "INTERACTION_CREATE" else None
    )
    calls = [
        await app_fixture.discord.guild.member(name).slash(
            "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
        )
        for name in NAMES
    ]
    unsubscribe()
    chance = Random(9)  # noqa: S311 - the same order each time
    again = [event for event in seen for _ in range(chance.randrange(1, 5))]
    for moment in (0, 1):
        chance.shuffle(again)
        for event in again:
            app_fixture.discord.state.emit(event)
        if moment == 0:
            await asyncio.gather(*(app_fixture.wait_for_result(call) for call in calls))
    assert len(again) > 6
    for call in calls:
        assert (await app_fixture.wait_for_job(call)).state is JobState.SETTLED
    await asyncio.sleep(EDIT_INTERVAL + 1)
    assert app_fixture.billed_count == count_pictures(app_fixture) == len(calls)
    assert await app_fixture.core.ledger.find_imbalances() == []


async def test_a_command_that_comes_four_seconds_late_starts_no_paid_work(
    app_fixture_in_virtual_time: tuple[AppFixture, VirtualClock],
) -> None:
    house, clock = app_fixture_in_virtual_time
    house.discord.faults.add(DiscordFault("delay", match="INTERACTION_CREATE", value=4))
    call = await send_order(house)
    clock.advance(5)
    job = await house.wait_for_job(call)
    assert (job.state, job.failure) == (JobState.CANCELLED, "unanswered")
    assert house.billed_count == 0
    day = await house.app.core.ledger.get_account(
        format_global_day_scope(job.created_at.date()), LedgerUnit.MICRO_USD
    )
    assert (day.held, day.spent) == (0, 0)


@pytest.mark.timeout(120)
async def test_no_command_is_missed_while_another_process_locks_the_database_for_ten_seconds(
    app_fixture: AppFixture,
) -> None:
    await app_fixture.stop()
    app_fixture.limits = LimitSettings(queue=8, running_per_user=2)
    await app_fixture.start()
    path = app_fixture.data_dir / "expanse.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=20)
    await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
    burning = subprocess.Popen([sys.executable, "-c", "while True: pass"])  # noqa: ASYNC220 - at once
    calls: list[TrackedInvocation] = []
    try:
        loop = asyncio.get_running_loop()
        end = loop.time() + 10
        while loop.time() < end:
            member = app_fixture.discord.guild.member(NAMES[len(calls) % 4])
            image = encode_upload(draw_photograph(96, 64))
            calls.append(await member.slash("expand", image=image, direction="up", pixels=64))
            await asyncio.sleep(0.1)
        other.execute("ROLLBACK")
        waits = [await call.acknowledged() for call in calls]
    finally:
        burning.kill()
        burning.wait()
        other.close()
    assert len(calls) > 50
    assert max(waits) < 3000
    taken = [
        await app_fixture.core.jobs.find_by_interaction(InteractionId(call.id)) for call in calls
    ]
    assert sum(job is not None for job in taken) == 8
    for call, job in zip(calls, taken, strict=True):
        if job is None:
            await call.message()
        else:
            assert (await app_fixture.wait_for_job(call)).state is JobState.SETTLED
    assert await app_fixture.core.ledger.find_imbalances() == []
