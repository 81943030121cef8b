"""Discord at its worst: sessions that break again and again, events that come again, stalls."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from random import Random

import pytest

from bot.config import LimitSettings
from bot.domain.ids import InteractionId
from bot.domain.job import JobState
from bot.domain.ledger import Unit, global_day_scope
from bot.services.progress import INTERVAL
from sandbox.control.clock import VirtualClock
from sandbox.discord.calls import Call
from sandbox.discord.events import Event
from sandbox.discord.faults import Fault
from tests.acceptance.stages import order
from tests.house import House, media, photograph, until, upload

DISCONNECTS = int(os.environ.get("EXPANSE_DISCONNECTS", "8"))
"""Set it to 200 for the long form."""
RESUMABLE = (4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009)
"""Close codes after which a bot may come back (Discord's "Gateway Close Event Codes")."""
NAMES = ("ana", "ben", "mia", "olu")


def pictures(house: House) -> int:
    return len([seen for seen in house.discord.guild.messages() if media(seen)])


async def online(house: House, before: object = None) -> None:
    """Wait until the bot's session is there, by another socket than before."""
    bot = house.app.bot
    await until(lambda: house.discord.state.bot_online and bot.ws is not before and bot.ws.open)


@pytest.mark.timeout(600)
async def test_jobs_go_on_through_any_number_of_lost_sessions(house: House) -> None:
    chance, calls = Random(4), []  # noqa: S311 - the same storm each time
    for number in range(DISCONNECTS):
        if number % 3 == 0:
            member = house.discord.guild.member(NAMES[number // 3 % 4])
            image = upload(photograph(96, 64))
            calls.append(await member.slash("expand", image=image, direction="up", pixels=64))
        before = house.app.bot.ws
        match chance.choice(("reconnect", "resumable", "invalid", "close")):
            case "reconnect":
                house.discord.gateway.reconnect()
            case "resumable":
                house.discord.gateway.invalidate(resumable=True)
            case "invalid":
                house.discord.gateway.invalidate()
            case _:
                await house.discord.gateway.drop(chance.choice(RESUMABLE))
        await online(house, before)
    for call in calls:
        await call.acknowledged()
    jobs = [await house.app.jobs.by_interaction(InteractionId(call.id)) for call in calls]
    taken = [job for job in jobs if job is not None]
    await until(lambda: house.billed == pictures(house) == len(taken))
    assert len(taken) > len(calls) / 2
    assert await house.app.ledger.audit() == []
    await online(house)


async def test_events_that_come_again_in_any_order_are_one_job_each(house: House) -> None:
    seen: list[Event] = []
    unsubscribe = house.discord.state.subscribe(
        lambda event: seen.append(event) if event.name == "INTERACTION_CREATE" else None
    )
    calls = [
        await house.discord.guild.member(name).slash(
            "expand", image=upload(photograph()), direction="right", pixels=64
        )
        for name in NAMES
    ]
    unsubscribe()
    chance = Random(9)  # noqa: S311 - the same order each time
    again = [event for event in seen for _ in range(chance.randrange(1, 5))]
    for moment in (0, 1):
        chance.shuffle(again)
        for event in again:
            house.discord.state.emit(event)
        if moment == 0:
            await asyncio.gather(*(house.posted(call) for call in calls))
    assert len(again) > 6
    for call in calls:
        assert (await house.job(call)).state is JobState.SETTLED
    await asyncio.sleep(INTERVAL + 1)
    assert house.billed == pictures(house) == len(calls)
    assert await house.app.ledger.audit() == []


async def test_a_command_that_comes_four_seconds_late_starts_no_paid_work(
    house_in_virtual_time: tuple[House, VirtualClock],
) -> None:
    house, clock = house_in_virtual_time
    house.discord.faults.add(Fault("delay", match="INTERACTION_CREATE", value=4))
    call = await order(house)
    clock.advance(5)
    job = await house.job(call)
    assert (job.state, job.failure) == (JobState.CANCELLED, "unanswered")
    assert house.billed == 0
    day = await house.app.ledger.account(global_day_scope(job.created_at.date()), Unit.MICRO_USD)
    assert (day.held, day.spent) == (0, 0)


@pytest.mark.timeout(120)
async def test_no_command_is_missed_while_another_process_locks_the_books_for_ten_seconds(
    house: House,
) -> None:
    await house.stop()
    house.limits = LimitSettings(queue=8, running_per_user=2)
    await house.start()
    path = house.data_dir / "expanse.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=20)
    await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
    burning = subprocess.Popen([sys.executable, "-c", "while True: pass"])  # noqa: ASYNC220 - at once
    calls: list[Call] = []
    try:
        loop = asyncio.get_running_loop()
        end = loop.time() + 10
        while loop.time() < end:
            member = house.discord.guild.member(NAMES[len(calls) % 4])
            image = upload(photograph(96, 64))
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
    taken = [await house.app.jobs.by_interaction(InteractionId(call.id)) for call in calls]
    assert sum(job is not None for job in taken) == 8
    for call, job in zip(calls, taken, strict=True):
        if job is None:
            await call.message()
        else:
            assert (await house.job(call)).state is JobState.SETTLED
    assert await house.app.ledger.audit() == []
