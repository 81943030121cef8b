"""Discord stumbles on the way: the member is answered, one picture is shown, one is paid."""

from __future__ import annotations

import asyncio

import pytest

from bot.composition.app import open_app
from bot.domain.job import JobState
from bot.errors import StartError
from sandbox.discord.model.faults import DiscordFault
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    list_media,
    wait_until,
)

ANSWER, EDIT = "POST /interactions/*", "PATCH /webhooks/*"
CASES = {
    "the acknowledgement is lost": [DiscordFault("drop", match=ANSWER)],
    "the acknowledgement is stored and answered with an error": [
        DiscordFault("accept_unavailable", match=ANSWER)
    ],
    "the answer meets 503": [DiscordFault("unavailable", match=ANSWER)],
    "the answer meets a reset": [DiscordFault("reset", match=ANSWER)],
    "the command comes twice": [DiscordFault("duplicate", match="INTERACTION_CREATE", times=2)],
    "the session must reconnect": [DiscordFault("reconnect", match="INTERACTION_CREATE")],
    "the session is invalid": [DiscordFault("invalidate", match="INTERACTION_CREATE")],
    "the socket closes": [DiscordFault("close", match="INTERACTION_CREATE")],
    "edits meet 503": [DiscordFault("unavailable", match=EDIT, times=2)],
    "edits meet resets": [DiscordFault("reset", match=EDIT, times=3)],
    "edits are stored and their answers lost": [DiscordFault("drop", match=EDIT, times=2)],
    "edits meet a limit": [DiscordFault("rate_limited", match=EDIT, value=0.3)],
    "everything meets a limit": [DiscordFault("rate_limited_globally", match=EDIT, value=0.3)],
    "a limit that others caused": [DiscordFault("rate_limited_shared", match=EDIT, value=0.3)],
    "the picture is not there yet": [DiscordFault("cdn_unavailable", times=2)],
    "the picture comes cut": [DiscordFault("cut")],
}


@pytest.mark.parametrize("case", CASES)
async def test_one_picture_is_shown_and_paid_whatever_discord_does(
    app_fixture: AppFixture, case: str
) -> None:
    app_fixture.discord.faults.add(*CASES[case])
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
    )
    await app_fixture.wait_for_result(call)
    assert (await app_fixture.wait_for_job(call)).state is JobState.SETTLED
    assert app_fixture.discord.journal.fault_entries
    assert len([seen for seen in app_fixture.discord.guild.messages() if list_media(seen)]) == 1
    assert app_fixture.billed_count == 1
    assert await app_fixture.core.ledger.find_imbalances() == []
    # a stop in the middle of a new handshake would leave the library's heart beating
    await wait_until(lambda: app_fixture.app.bot.client.ws.open)


async def test_a_picture_that_is_gone_costs_nothing(app_fixture: AppFixture) -> None:
    app_fixture.discord.faults.add(DiscordFault("gone", times=0))
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
    )
    assert (await app_fixture.wait_for_job(call)).state is JobState.FAILED
    assert app_fixture.billed_count == 0
    assert await app_fixture.core.ledger.find_imbalances() == []


async def test_commands_that_come_while_the_session_is_lost_are_not_missed(
    app_fixture: AppFixture,
) -> None:
    app_fixture.discord.faults.add(DiscordFault("close", match="INTERACTION_CREATE", times=3))
    calls = [
        await app_fixture.discord.guild.member(name).slash(
            "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
        )
        for name in ("ana", "ben", "mia")
    ]
    await asyncio.gather(*(app_fixture.wait_for_result(call) for call in calls))
    assert app_fixture.billed_count == 3
    await wait_until(lambda: app_fixture.app.bot.client.ws.open)


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013, 4014])
async def test_a_session_that_discord_refuses_for_good_ends_the_process_with_a_plain_line(
    app_fixture: AppFixture, code: int
) -> None:
    await app_fixture.stop()
    async with open_app(app_fixture.build_settings(), workers=app_fixture.workers) as app:
        running = asyncio.create_task(app.run())
        await wait_until(lambda: app_fixture.discord.state.is_bot_online)
        app_fixture.discord.faults.add(
            DiscordFault("close", match="INTERACTION_CREATE", value=code)
        )
        await app_fixture.ana.slash("quota")
        with pytest.raises(StartError, match="token" if code == 4004 else "gateway"):
            await asyncio.wait_for(running, 10)


@pytest.mark.parametrize(("kind", "value"), [("unavailable", 503), ("rate_limited", 0.2)])
async def test_commands_that_cannot_be_synced_leave_those_of_the_last_time(
    app_fixture: AppFixture, kind: str, value: float
) -> None:
    async with app_fixture.core.database.write() as tx:
        await tx.execute("DELETE FROM fact WHERE name = 'commands_synced'")
    app_fixture.discord.faults.add(
        DiscordFault(kind, match="PUT /applications/*", times=0 if value == 503 else 2, value=value)
    )
    await app_fixture.restart()
    assert app_fixture.discord.journal.fault_entries
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
    )
    assert (await app_fixture.wait_for_job(call)).state is JobState.SETTLED


async def test_commands_are_sent_again_only_when_they_have_changed(app_fixture: AppFixture) -> None:
    await app_fixture.restart()
    sent = [each for each in app_fixture.discord.journal.entries if each.method == "PUT"]
    assert len([each for each in sent if each.path.endswith("/commands")]) == 1
