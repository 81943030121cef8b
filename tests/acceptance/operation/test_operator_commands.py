"""What the operator does from within Discord, and that nobody else does."""

from __future__ import annotations

from typing import Any

from bot.domain.job import JobState
from sandbox.discord.actors.member import MemberActor
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    is_ephemeral,
    read_text,
)

ORDER: dict[str, Any] = {"direction": "right", "pixels": 64}


def get_operator(app_fixture: AppFixture) -> MemberActor:
    """Return the member whom Discord shows these commands."""
    return app_fixture.discord.guild.member("mia")


async def read_operator_answer(app_fixture: AppFixture, name: str, **options: Any) -> str:
    """Give an operator's command and return the answer, which nobody else sees."""
    call = await get_operator(app_fixture).slash(f"operator {name}", **options)
    message = await call.message(lambda message: bool(message["content"]))
    assert is_ephemeral(message)
    return str(message["content"])


async def make_ana_operator(app_fixture: AppFixture) -> None:
    await app_fixture.stop()
    app_fixture.operators = (get_operator(app_fixture).id,)
    await app_fixture.start()


async def test_who_is_no_operator_is_refused_and_nothing_happens(app_fixture: AppFixture) -> None:
    for command in ("pause", "resume", "costs", "jobs", "audit"):
        assert "Only this bot's operator" in await read_operator_answer(app_fixture, command)
    assert not await app_fixture.core.admission.is_kill_switch_on()


async def test_the_operator_pauses_and_goes_on(app_fixture: AppFixture) -> None:
    await make_ana_operator(app_fixture)
    assert "Paused" in await read_operator_answer(app_fixture, "pause", reason="tea **time**")
    refused = await app_fixture.ana.slash("expand", image=encode_upload(draw_photograph()), **ORDER)
    assert "paused: tea \\*\\*time\\*\\*" in read_text(await refused.message())
    assert "Resumed" in await read_operator_answer(app_fixture, "resume")
    call = await app_fixture.ana.slash("expand", image=encode_upload(draw_photograph()), **ORDER)
    job = await app_fixture.wait_for_job(call)
    assert job.state is JobState.SETTLED
    guild = app_fixture.discord.state.world.guild
    assert f"{guild.name} ({guild.id}) · {job.created_at:%Y-%m} · $0.05 · $0.00 on hold" in (
        await read_operator_answer(app_fixture, "costs")
    )
    assert "balance" in await read_operator_answer(app_fixture, "audit")
    assert job.id in await read_operator_answer(app_fixture, "jobs", state="settled")
    assert "No jobs found" in await read_operator_answer(app_fixture, "jobs", state="parked")
    why = await read_operator_answer(app_fixture, "why", member=str(app_fixture.ana.id), results=5)
    assert why.startswith("This order would be refused.")
    assert "**refuses** · pictures per command · 0 of 4 · 5" in why
    assert "\nmember's pictures today · 1 of 20 · 5 · resets <t:" in why


async def test_the_operator_decides_a_parked_job_and_its_member_is_informed(
    app_fixture: AppFixture,
) -> None:
    await make_ana_operator(app_fixture)
    app_fixture.runware.pause_tasks()
    call = await app_fixture.ana.slash("expand", image=encode_upload(draw_photograph()), **ORDER)
    job = await app_fixture.wait_for_state(call, JobState.SUBMITTED)
    await app_fixture.stop()
    await app_fixture.start()
    async with app_fixture.core.database.write() as tx:
        await tx.execute("UPDATE job SET state = 'parked', epoch = epoch + 1")
    assert "isn't parked" in await read_operator_answer(
        app_fixture, "unpark", job="none", outcome="release"
    )
    assert "failed" in await read_operator_answer(
        app_fixture, "unpark", job=job.id, outcome="settle", usd="0.05"
    )
    await call.message(lambda message: "$0.05 was billed" in read_text(message))
    assert await app_fixture.core.ledger.find_imbalances() == []
    assert "· $0.05 ·" in await read_operator_answer(app_fixture, "costs")
