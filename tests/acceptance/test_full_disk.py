"""The disk takes nothing: new orders are refused in words, what is under way ends when it can."""

from __future__ import annotations

import pytest

from bot.domain.job import JobState
from tests.acceptance.stages import HELD, let_go, order
from tests.house import House, is_ephemeral, text


@pytest.mark.parametrize("state", [JobState.SUBMITTED, JobState.STORED])
async def test_a_disk_that_takes_nothing_refuses_orders_and_closes_the_books_later(
    house: House, state: JobState
) -> None:
    call = await HELD[state](house)
    await house.app.database._writer.execute("PRAGMA query_only = ON")
    refused = await (await order(house)).message()
    assert is_ephemeral(refused)
    assert "the bot's storage is not available" in text(refused)
    assert "no room to store" in (await house.app._health()).missing
    house.runware.release()
    await house.app.database._writer.execute("PRAGMA query_only = OFF")
    await let_go(house)
    assert (await house.job(call)).state is JobState.SETTLED
    assert house.billed == 1
    assert "no room to store" not in (await house.app._health()).missing
    assert await house.app.ledger.audit() == []


async def test_too_little_room_is_said_and_makes_the_bot_unready(house: House) -> None:
    intake = house.app.office.intake
    intake._min_free = 2**62
    await intake.look()
    refused = await (await order(house)).message()
    assert is_ephemeral(refused)
    assert "no room left" in text(refused)
    assert "no room to store" in (await house.app._health()).missing
    intake._min_free = 0
    await intake.look()
    assert (await house.job(await order(house))).state is JobState.SETTLED
    assert "no room to store" not in (await house.app._health()).missing
