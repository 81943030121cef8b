"""Reports: from a member's button to the moderators' card and what they make of it."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.ids import ChannelId, UserId
from bot.domain.moderation import ActKind, Report
from bot.errors import PressRefused
from sandbox.discord import world
from sandbox.discord.actors import MemberActor
from sandbox.discord.calls import Call
from sandbox.discord.permissions import Permission
from tests.acceptance.gestures import button, labels, press
from tests.acceptance.staff import (
    GUILD,
    Json,
    a_result,
    ben,
    cards,
    commanded,
    mia,
    said,
    settle,
    with_quarters,
)
from tests.house import House, media, photograph, text, upload


async def reported(house: House, member: MemberActor, result: Json, reason: str = "rude") -> Call:
    more = await press(member, result, "More").message()
    form = await press(member, more, "Report").modal()
    return await member.submit(form, {"reason": reason})


async def test_a_report_brings_a_card_that_names_no_reporter(house: House) -> None:
    await with_quarters(house)
    result, job = await a_result(house)
    further = await house.posted(press(ben(house), result, "→"))
    assert "Thank you" in await said(
        await reported(house, mia(house), further, "@everyone **bad**")
    )
    card = cards(house)[0]
    assert len(media(card)) == 2
    assert "1 report" in text(card)
    assert "\\*\\*bad\\*\\*" in text(card)
    assert "Grew out of" in text(card)
    assert f"<@{ben(house).id}>" in text(card)
    assert str(mia(house).id) not in text(card)
    assert job.id not in text(card)
    everything = house.discord.guild.messages("studio")
    assert not [message for message in everything if "Reported" in text(message)]


async def test_further_reports_join_the_card_and_nobody_reports_twice(house: House) -> None:
    await with_quarters(house)
    result, _ = await a_result(house)
    await said(await reported(house, ben(house), result))
    await said(await reported(house, mia(house), result, "me too"))
    again = await said(await reported(house, ben(house), result))
    assert "before" in again
    assert len(cards(house)) == 1
    assert "2 reports" in text(cards(house)[0])
    assert "me too" in text(cards(house)[0])


async def test_nobody_reports_more_than_five_pictures_in_an_hour(house: House) -> None:
    await with_quarters(house)
    answers = []
    for _ in range(6):
        result, _ = await a_result(house)
        answers.append(await said(await reported(house, ben(house), result)))
    assert ["Thank you" in answer for answer in answers] == [True] * 5 + [False]
    assert "within an hour" in answers[-1]
    assert len(cards(house)) == 5


async def test_without_a_channel_the_member_is_told_so(house: House) -> None:
    result, _ = await a_result(house)
    assert "no channel for its moderators" in await said(await reported(house, ben(house), result))


async def test_an_own_picture_is_not_reported(house: House) -> None:
    result, _ = await a_result(house)
    more = await press(house.ana, result, "More").message()
    assert "Report" not in labels(more)


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize(
    ("label", "kind", "left"),
    [
        ("Remove everywhere", ActKind.REMOVE, ["Block the author", "Give the quota back"]),
        (
            "Put behind a spoiler",
            ActKind.SPOILER,
            ["Remove everywhere", "Block the author", "Give the quota back"],
        ),
        ("Nothing wrong", ActKind.DISMISS, []),
    ],
)
async def test_an_act_settles_the_card_which_keeps_what_can_be_done_yet(
    house: House, label: str, kind: ActKind, left: list[str], *, restart: bool
) -> None:
    await with_quarters(house)
    result, job = await a_result(house)
    await said(await reported(house, ben(house), result))
    if restart:
        await house.restart()
    card = cards(house)[0]
    await said(press(mia(house), card, label))
    done = await house.app.bot.desk.moderation.store.acts_about(GUILD, job.id)
    assert [act.kind for act in done] == [kind]
    closed = cards(house)[0]
    assert not media(closed)
    assert f"<@{mia(house).id}>" in text(closed)
    assert labels(closed) == left


async def test_a_moderator_goes_on_from_a_settled_card_until_all_is_done(house: House) -> None:
    await with_quarters(house)
    result, job = await a_result(house)
    await said(await reported(house, ben(house), result))
    stale = cards(house)[0]
    await said(press(mia(house), stale, "Remove everywhere"))
    assert "given back" in await said(press(mia(house), cards(house)[0], "Give the quota back"))
    form = await press(mia(house), cards(house)[0], "Block the author").modal()
    await said(await mia(house).submit(form, {"reason": "rude", "days": ""}))
    closed = text(cards(house)[0])
    assert labels(cards(house)[0]) == []
    assert [word in closed for word in ("removed", "gave", "blocked", "rude")] == [True] * 4
    for label in ("Remove everywhere", "Nothing wrong", "Give the quota back"):
        await said(mia(house).forge(stale, button(stale, label)))
    done = await house.app.bot.desk.moderation.store.acts_about(GUILD, job.id)
    assert [act.kind for act in done] == [ActKind.REMOVE, ActKind.REFUND, ActKind.BLOCK]


async def test_a_picture_reported_anew_tells_what_was_decided_before(house: House) -> None:
    await with_quarters(house)
    result, _ = await a_result(house)
    await said(await reported(house, ben(house), result))
    await said(press(mia(house), cards(house)[0], "Nothing wrong"))
    await said(await reported(house, mia(house), result, "look again"))
    assert labels(cards(house)[0]) == []
    second = next(card for card in cards(house) if media(card))
    assert "found nothing wrong" in text(second)
    assert labels(second)[-1] == "Nothing wrong"
    await said(press(mia(house), second, "Put behind a spoiler"))
    settled = house.discord.guild.message(second)
    assert "Nothing wrong" not in labels(settled)
    assert "behind a spoiler" in text(settled)


async def test_quota_is_given_back_from_the_card_which_stays(house: House) -> None:
    await with_quarters(house)
    result, _ = await a_result(house)
    await said(await reported(house, ben(house), result))
    assert "given back" in await said(press(mia(house), cards(house)[0], "Give the quota back"))
    assert media(cards(house)[0])
    assert "Nothing wrong" in labels(cards(house)[0])
    assert "Give the quota back" not in labels(cards(house)[0])


async def test_an_author_is_blocked_from_the_card_with_a_reason(house: House) -> None:
    await with_quarters(house)
    result, _ = await a_result(house)
    await said(await reported(house, ben(house), result))
    form = await press(mia(house), cards(house)[0], "Block the author").modal()
    wrong = await mia(house).submit(form, {"reason": "x", "days": "many"})
    assert "not a number" in await said(wrong)
    form = await press(mia(house), cards(house)[0], "Block the author").modal()
    await said(await mia(house).submit(form, {"reason": "that picture", "days": "2"}))
    call = await house.ana.slash("expand", image=upload(photograph()), direction="up", pixels=64)
    assert "that picture" in await said(call)
    assert labels(cards(house)[0]) == [
        "Remove everywhere",
        "Put behind a spoiler",
        "Give the quota back",
    ]


async def test_a_report_is_closed_by_a_command_too(house: House) -> None:
    await with_quarters(house)
    result, job = await a_result(house)
    await said(await reported(house, ben(house), result))
    await commanded(mia(house), "moderate remove", picture=job.id)
    assert not media(cards(house)[0])
    other, _ = await a_result(house)
    await said(await reported(house, mia(house), other))
    assert len(cards(house)) == 2


async def test_a_channel_that_the_bot_may_not_write_to_stops_nothing(house: House) -> None:
    await with_quarters(house)
    await settle(house, log_channel=ChannelId(world.MODERATORS_ID))
    result, job = await a_result(house)
    house.discord.guild.overwrite("moderators", "Expanse", deny=int(Permission.SEND_MESSAGES))
    assert "no channel for its moderators" in await said(await reported(house, ben(house), result))
    assert "given back" in await commanded(mia(house), "moderate refund", picture=job.id)
    house.discord.guild.overwrite("moderators", "Expanse", allow=int(Permission.VIEW_CHANNEL))
    assert "Thank you" in await said(await reported(house, ben(house), result))
    assert "1 report" in text(cards(house)[0])


async def test_reports_that_come_at_once_are_counted_one_by_one(house: House) -> None:
    await with_quarters(house)
    jobs = [(await a_result(house))[1].id for _ in range(7)]
    reports, me = house.app.bot.desk.moderation.reports, UserId(ben(house).id)
    calls = [reports.report(Report(GUILD, job, me, "rude")) for job in jobs]
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(each, PressRefused) for each in ended].count(True) == 2
    assert len(cards(house)) == 5
