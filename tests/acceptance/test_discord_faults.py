"""Discord stumbles on the way: the member is answered, one picture is shown, one is paid."""

from __future__ import annotations

import asyncio

import pytest

from bot.app import open_app
from bot.domain.job import JobState
from bot.errors import StartError
from sandbox.discord.faults import Fault
from tests.house import House, media, photograph, until, upload

ANSWER, EDIT = "POST /interactions/*", "PATCH /webhooks/*"
CASES = {
    "the acknowledgement is lost": [Fault("drop", match=ANSWER)],
    "the acknowledgement is stored and answered with an error": [
        Fault("accept_unavailable", match=ANSWER)
    ],
    "the answer meets 503": [Fault("unavailable", match=ANSWER)],
    "the answer meets a reset": [Fault("reset", match=ANSWER)],
    "the command comes twice": [Fault("duplicate", match="INTERACTION_CREATE", times=2)],
    "the session must reconnect": [Fault("reconnect", match="INTERACTION_CREATE")],
    "the session is invalid": [Fault("invalidate", match="INTERACTION_CREATE")],
    "the socket closes": [Fault("close", match="INTERACTION_CREATE")],
    "edits meet 503": [Fault("unavailable", match=EDIT, times=2)],
    "edits meet resets": [Fault("reset", match=EDIT, times=3)],
    "edits are stored and their answers lost": [Fault("drop", match=EDIT, times=2)],
    "edits meet a limit": [Fault("rate_limited", match=EDIT, value=0.3)],
    "everything meets a limit": [Fault("rate_limited_globally", match=EDIT, value=0.3)],
    "a limit that others caused": [Fault("rate_limited_shared", match=EDIT, value=0.3)],
    "the picture is not there yet": [Fault("cdn_unavailable", times=2)],
    "the picture comes cut": [Fault("cut")],
}


@pytest.mark.parametrize("case", CASES)
async def test_one_picture_is_shown_and_paid_whatever_discord_does(house: House, case: str) -> None:
    house.discord.faults.add(*CASES[case])
    call = await house.ana.slash("expand", image=upload(photograph()), direction="right", pixels=64)
    await house.posted(call)
    assert (await house.job(call)).state is JobState.SETTLED
    assert house.discord.journal.strikes
    assert len([seen for seen in house.discord.guild.messages() if media(seen)]) == 1
    assert house.billed == 1
    assert await house.app.ledger.audit() == []
    # a stop in the middle of a new handshake would leave the library's heart beating
    await until(lambda: house.app.bot.ws.open)


async def test_a_picture_that_is_gone_costs_nothing(house: House) -> None:
    house.discord.faults.add(Fault("gone", times=0))
    call = await house.ana.slash("expand", image=upload(photograph()), direction="right", pixels=64)
    assert (await house.job(call)).state is JobState.FAILED
    assert house.billed == 0
    assert await house.app.ledger.audit() == []


async def test_commands_that_come_while_the_session_is_lost_are_not_missed(house: House) -> None:
    house.discord.faults.add(Fault("close", match="INTERACTION_CREATE", times=3))
    calls = [
        await house.discord.guild.member(name).slash(
            "expand", image=upload(photograph()), direction="right", pixels=64
        )
        for name in ("ana", "ben", "mia")
    ]
    await asyncio.gather(*(house.posted(call) for call in calls))
    assert house.billed == 3
    await until(lambda: house.app.bot.ws.open)


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013, 4014])
async def test_a_session_that_discord_refuses_for_good_ends_the_process_with_a_plain_line(
    house: House, code: int
) -> None:
    await house.stop()
    async with open_app(house.settings(), workers=house.workers) as app:
        running = asyncio.create_task(app.run())
        await until(lambda: house.discord.state.bot_online)
        house.discord.faults.add(Fault("close", match="INTERACTION_CREATE", value=code))
        await house.ana.slash("quota")
        with pytest.raises(StartError, match="gateway"):
            await asyncio.wait_for(running, 10)


@pytest.mark.parametrize(("kind", "value"), [("unavailable", 503), ("rate_limited", 0.2)])
async def test_commands_that_cannot_be_synced_leave_those_of_the_last_time(
    house: House, kind: str, value: float
) -> None:
    async with house.app.database.write() as tx:
        await tx.run("DELETE FROM fact WHERE name = 'commands_synced'")
    house.discord.faults.add(
        Fault(kind, match="PUT /applications/*", times=0 if value == 503 else 2, value=value)
    )
    await house.restart()
    assert house.discord.journal.strikes
    call = await house.ana.slash("expand", image=upload(photograph()), direction="right", pixels=64)
    assert (await house.job(call)).state is JobState.SETTLED


async def test_commands_are_sent_again_only_when_they_have_changed(house: House) -> None:
    await house.restart()
    sent = [each for each in house.discord.journal.entries if each.method == "PUT"]
    assert len([each for each in sent if each.path.endswith("/commands")]) == 1
