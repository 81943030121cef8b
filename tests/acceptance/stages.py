"""Jobs that are held in a state for as long as a test looks at them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bot.domain.job import JobState
from sandbox.discord.calls import Call
from sandbox.discord.faults import Fault as DiscordFault
from sandbox.runware.faults import Fault, Stage
from tests.house import House, photograph, until, upload

EDIT, POST = "PATCH /webhooks/*", "POST /channels/*/messages"


async def order(house: House, **options: Any) -> Call:
    given = {"direction": "right", "pixels": 64, **options}
    return await house.ana.slash("expand", image=upload(photograph()), **given)


async def _reserved(house: House, seconds: float = 1.5, **options: Any) -> Call:
    house.discord.faults.add(DiscordFault("cdn_slow", value=seconds))
    call = await order(house, **options)
    await until(lambda: bool(house.discord.journal.strikes))
    return call


async def _prepared(house: House, **options: Any) -> Call:
    call = await _reserved(house, 0.6, **options)
    await house.app.office.intake.pause("a look")
    await house.until(call, JobState.PREPARED)
    return call


async def _submitting(house: House, **options: Any) -> Call:
    house.runware.hold()
    house.runware.conditions.faults.add(Fault("accept_503", Stage.SUBMIT))
    call = await order(house, **options)
    await house.until(call, JobState.SUBMITTING)
    return call


async def _submitted(house: House, **options: Any) -> Call:
    house.runware.hold()
    call = await order(house, **options)
    await house.until(call, JobState.SUBMITTED)
    return call


async def _rendered(house: House, **options: Any) -> Call:
    house.runware.conditions.faults.add(Fault("media_503", Stage.MEDIA, times=0))
    call = await order(house, **options)
    await house.until(call, JobState.RENDERED)
    return call


async def _stored(house: House, **options: Any) -> Call:
    house.discord.faults.add(DiscordFault("reset", match=EDIT, times=0))
    call = await order(house, **options)
    await house.until(call, JobState.STORED)
    return call


HELD: dict[JobState, Callable[..., Awaitable[Call]]] = {
    JobState.RESERVED: _reserved,
    JobState.PREPARED: _prepared,
    JobState.SUBMITTING: _submitting,
    JobState.SUBMITTED: _submitted,
    JobState.RENDERED: _rendered,
    JobState.STORED: _stored,
}
"""How an order comes to stand still in each state that lasts."""
UNPAID = frozenset({JobState.RESERVED, JobState.PREPARED})


async def let_go(house: House) -> None:
    """Take away what holds a job."""
    house.discord.faults.clear()
    house.runware.conditions.faults.clear()
    house.runware.release()
    await house.app.office.intake.resume()
