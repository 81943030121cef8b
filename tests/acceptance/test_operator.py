"""What the operator does from within Discord, and that nobody else does."""

from __future__ import annotations

from typing import Any

from bot.domain.job import JobState
from sandbox.discord.actors import MemberActor
from tests.house import House, is_ephemeral, photograph, text, upload

ORDER: dict[str, Any] = {"direction": "right", "pixels": 64}


def keeper(house: House) -> MemberActor:
    """Return the member whom Discord shows these commands."""
    return house.discord.guild.member("mia")


async def said(house: House, name: str, **options: Any) -> str:
    """Give an operator's command and return the answer, which nobody else sees."""
    call = await keeper(house).slash(f"operator {name}", **options)
    message = await call.message(lambda message: bool(message["content"]))
    assert is_ephemeral(message)
    return str(message["content"])


async def as_operator(house: House) -> None:
    await house.stop()
    house.operators = (keeper(house).id,)
    await house.start()


async def test_who_is_no_operator_is_told_so_and_nothing_happens(house: House) -> None:
    for command in ("pause", "resume", "costs", "jobs", "audit"):
        assert "operator of this bot alone" in await said(house, command)
    assert not await house.app.office.intake.stopped()


async def test_the_operator_pauses_and_goes_on(house: House) -> None:
    await as_operator(house)
    assert "Paused" in await said(house, "pause", reason="tea **time**")
    refused = await house.ana.slash("expand", image=upload(photograph()), **ORDER)
    assert "paused: tea \\*\\*time\\*\\*" in text(await refused.message())
    assert "Resumed" in await said(house, "resume")
    call = await house.ana.slash("expand", image=upload(photograph()), **ORDER)
    job = await house.job(call)
    assert job.state is JobState.SETTLED
    assert "$0.05" in await said(house, "costs")
    assert "balance" in await said(house, "audit")
    assert job.id in await said(house, "jobs", state="settled")
    assert "There are none" in await said(house, "jobs", state="parked")
    assert "19 of" not in await said(house, "why", member=str(house.ana.id))


async def test_the_operator_decides_a_parked_job_and_its_member_is_told(house: House) -> None:
    await as_operator(house)
    house.runware.hold()
    call = await house.ana.slash("expand", image=upload(photograph()), **ORDER)
    job = await house.until(call, JobState.SUBMITTED)
    await house.stop()
    await house.start()
    async with house.app.database.write() as tx:
        await tx.run("UPDATE job SET state = 'parked', epoch = epoch + 1")
    assert "not parked" in await said(house, "unpark", job="none", outcome="release")
    assert "failed" in await said(house, "unpark", job=job.id, outcome="settle", usd="0.05")
    await call.message(lambda message: "$0.05 was billed" in text(message))
    assert await house.app.ledger.audit() == []
    assert "spent $0.05" not in await said(house, "costs")
