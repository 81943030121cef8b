"""The disk takes nothing: new orders are refused in words, what is under way ends when it can."""

from __future__ import annotations

import pytest

from bot.domain.job import JobState
from tests.support.app.held_jobs import HOLD_IN_STATE, release_jobs, send_order
from tests.support.app_fixture import AppFixture, is_ephemeral, read_text


@pytest.mark.parametrize("state", [JobState.SUBMITTED, JobState.STORED])
async def test_a_disk_that_takes_nothing_refuses_orders_and_closes_the_accounts_later(
    app_fixture: AppFixture, state: JobState
) -> None:
    call = await HOLD_IN_STATE[state](app_fixture)
    await app_fixture.core.database._writer.execute("PRAGMA query_only = ON")
    refused = await (await send_order(app_fixture)).message()
    assert is_ephemeral(refused)
    assert "the bot's storage is not available" in read_text(refused)
    assert "no room to store" in (await app_fixture.app.check_health()).missing
    app_fixture.runware.resume_tasks()
    await app_fixture.core.database._writer.execute("PRAGMA query_only = OFF")
    await release_jobs(app_fixture)
    assert (await app_fixture.wait_for_job(call)).state is JobState.SETTLED
    assert app_fixture.billed_count == 1
    assert "no room to store" not in (await app_fixture.app.check_health()).missing
    assert await app_fixture.core.ledger.find_imbalances() == []


async def test_too_little_space_is_reported_and_makes_the_bot_unready(
    app_fixture: AppFixture,
) -> None:
    intake = app_fixture.core.admission
    intake._min_free = 2**62
    await intake.check_disk()
    refused = await (await send_order(app_fixture)).message()
    assert is_ephemeral(refused)
    assert "no room left" in read_text(refused)
    assert "no room to store" in (await app_fixture.app.check_health()).missing
    intake._min_free = 0
    await intake.check_disk()
    assert (await app_fixture.wait_for_job(await send_order(app_fixture))).state is JobState.SETTLED
    assert "no room to store" not in (await app_fixture.app.check_health()).missing
