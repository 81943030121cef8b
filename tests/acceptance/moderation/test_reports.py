"""Reports: from a member's button to the moderators' card and what they make of it."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.ids import ChannelId, UserId
from bot.domain.moderation import ActionKind, Report
from bot.errors import ComponentRefused
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.actors.member import MemberActor
from sandbox.discord.model import seed_data
from sandbox.discord.model.permissions import Permission
from tests.support.app.card_controls import find_button, list_labels, press_button
from tests.support.app.moderators import (
    GUILD,
    Json,
    create_result,
    get_ben,
    get_mia,
    list_moderator_cards,
    read_private_answer,
    run_command,
    set_guild_settings,
    set_moderators_channel,
)
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    list_media,
    read_text,
)


async def ask_to_report(member: MemberActor, result: Json) -> TrackedInvocation:
    return press_button(member, await press_button(member, result, "More").message(), "Report")


async def report_result(
    app_fixture: AppFixture, member: MemberActor, result: Json, reason: str = "rude"
) -> TrackedInvocation:
    form = await (await ask_to_report(member, result)).modal()
    return await member.submit(form, {"reason": reason})


async def test_a_report_brings_a_card_that_names_no_reporter(app_fixture: AppFixture) -> None:
    await set_moderators_channel(app_fixture)
    result, job = await create_result(app_fixture)
    further = await app_fixture.wait_for_result(press_button(get_ben(app_fixture), result, "→"))
    assert "Thank you" in await read_private_answer(
        await report_result(app_fixture, get_mia(app_fixture), further, "@everyone **bad**")
    )
    card = list_moderator_cards(app_fixture)[0]
    assert len(list_media(card)) == 2
    assert "1 report" in read_text(card)
    assert "\\*\\*bad\\*\\*" in read_text(card)
    assert "Grew out of" in read_text(card)
    assert f"<@{get_ben(app_fixture).id}>" in read_text(card)
    assert str(get_mia(app_fixture).id) not in read_text(card)
    assert job.id not in read_text(card)
    everything = app_fixture.discord.guild.messages("studio")
    assert not [message for message in everything if "Reported" in read_text(message)]


async def test_further_reports_join_the_card_and_nobody_reports_twice(
    app_fixture: AppFixture,
) -> None:
    await set_moderators_channel(app_fixture)
    result, _ = await create_result(app_fixture)
    await read_private_answer(await report_result(app_fixture, get_ben(app_fixture), result))
    await read_private_answer(
        await report_result(app_fixture, get_mia(app_fixture), result, "me too")
    )
    assert "before" in await read_private_answer(await ask_to_report(get_ben(app_fixture), result))
    assert len(list_moderator_cards(app_fixture)) == 1
    assert "2 reports" in read_text(list_moderator_cards(app_fixture)[0])
    assert "me too" in read_text(list_moderator_cards(app_fixture)[0])


async def test_nobody_reports_more_than_five_pictures_in_an_hour(app_fixture: AppFixture) -> None:
    await set_moderators_channel(app_fixture)
    result, _ = await create_result(app_fixture)
    early = await (await ask_to_report(get_ben(app_fixture), result)).modal()
    for _ in range(5):
        result, _ = await create_result(app_fixture)
        told = await read_private_answer(
            await report_result(app_fixture, get_ben(app_fixture), result)
        )
        assert "Thank you" in told
    result, _ = await create_result(app_fixture)
    refused = await read_private_answer(await ask_to_report(get_ben(app_fixture), result))
    assert "within an hour" in refused
    # a form that was opened before gives back what was written into it
    late = await get_ben(app_fixture).submit(early, {"reason": "a long reason"})
    back = await late.message(lambda message: "what you wrote" in read_text(message))
    assert "a long reason" in read_text(back)
    assert "within an hour" in read_text(late.original or {"components": []})
    assert len(list_moderator_cards(app_fixture)) == 5


async def test_without_a_channel_the_member_is_informed(app_fixture: AppFixture) -> None:
    result, _ = await create_result(app_fixture)
    assert "no channel for its moderators" in await read_private_answer(
        await ask_to_report(get_ben(app_fixture), result)
    )
    await set_moderators_channel(app_fixture)
    form = await (await ask_to_report(get_ben(app_fixture), result)).modal()
    await set_guild_settings(app_fixture, moderators_channel=None)
    told = await read_private_answer(await get_ben(app_fixture).submit(form, {"reason": "rude!"}))
    assert "/moderate queue" in told
    waiting = (
        await get_mia(app_fixture)
        .invoke("moderate queue", {})
        .message(lambda message: "1 report" in read_text(message))
    )
    assert "rude!" in read_text(waiting)
    await read_private_answer(press_button(get_mia(app_fixture), waiting, "Nothing wrong"))
    assert "Nothing waits" in await run_command(get_mia(app_fixture), "moderate queue")


async def test_an_own_picture_is_not_reported(app_fixture: AppFixture) -> None:
    result, _ = await create_result(app_fixture)
    more = await press_button(app_fixture.ana, result, "More").message()
    assert "Report" not in list_labels(more)


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize(
    ("label", "kind", "left"),
    [
        (
            "Remove everywhere",
            ActionKind.REMOVE,
            ["Block the author", "Give the quota back"],
        ),
        (
            "Put behind a spoiler",
            ActionKind.SPOILER,
            ["Remove everywhere", "Block the author", "Give the quota back"],
        ),
        ("Nothing wrong", ActionKind.DISMISS, []),
    ],
)
async def test_an_act_settles_the_card_which_keeps_what_can_be_done_yet(
    app_fixture: AppFixture,
    label: str,
    kind: ActionKind,
    left: list[str],
    *,
    restart: bool,
) -> None:
    await set_moderators_channel(app_fixture)
    result, job = await create_result(app_fixture)
    await read_private_answer(await report_result(app_fixture, get_ben(app_fixture), result))
    if restart:
        await app_fixture.restart()
    card = list_moderator_cards(app_fixture)[0]
    await read_private_answer(press_button(get_mia(app_fixture), card, label))
    done = await app_fixture.core.moderation.list_acts_about(GUILD, job.id)
    assert [act.kind for act in done] == [kind]
    closed = list_moderator_cards(app_fixture)[0]
    assert not list_media(closed)
    assert f"<@{get_mia(app_fixture).id}>" in read_text(closed)
    assert list_labels(closed) == left


async def test_a_moderator_goes_on_from_a_decided_card_until_all_is_done(
    app_fixture: AppFixture,
) -> None:
    await set_moderators_channel(app_fixture)
    result, job = await create_result(app_fixture)
    await read_private_answer(await report_result(app_fixture, get_ben(app_fixture), result))
    stale = list_moderator_cards(app_fixture)[0]
    await read_private_answer(press_button(get_mia(app_fixture), stale, "Remove everywhere"))
    assert "given back" in await read_private_answer(
        press_button(
            get_mia(app_fixture), list_moderator_cards(app_fixture)[0], "Give the quota back"
        )
    )
    form = await press_button(
        get_mia(app_fixture), list_moderator_cards(app_fixture)[0], "Block the author"
    ).modal()
    await read_private_answer(
        await get_mia(app_fixture).submit(form, {"reason": "rude", "days": ""})
    )
    closed = read_text(list_moderator_cards(app_fixture)[0])
    assert list_labels(list_moderator_cards(app_fixture)[0]) == []
    assert [word in closed for word in ("removed", "gave", "blocked", "rude")] == [True] * 4
    for label in ("Remove everywhere", "Nothing wrong", "Give the quota back"):
        await read_private_answer(get_mia(app_fixture).forge(stale, find_button(stale, label)))
    done = await app_fixture.core.moderation.list_acts_about(GUILD, job.id)
    assert [act.kind for act in done] == [
        ActionKind.REMOVE,
        ActionKind.REFUND,
        ActionKind.BLOCK,
    ]


async def test_a_picture_reported_again_tells_what_was_decided_before(
    app_fixture: AppFixture,
) -> None:
    await set_moderators_channel(app_fixture)
    result, _ = await create_result(app_fixture)
    await read_private_answer(await report_result(app_fixture, get_ben(app_fixture), result))
    await read_private_answer(
        press_button(get_mia(app_fixture), list_moderator_cards(app_fixture)[0], "Nothing wrong")
    )
    await read_private_answer(
        await report_result(app_fixture, get_mia(app_fixture), result, "look again")
    )
    assert list_labels(list_moderator_cards(app_fixture)[0]) == []
    second = next(card for card in list_moderator_cards(app_fixture) if list_media(card))
    assert "found nothing wrong" in read_text(second)
    assert list_labels(second)[-1] == "Nothing wrong"
    await read_private_answer(press_button(get_mia(app_fixture), second, "Put behind a spoiler"))
    settled = app_fixture.discord.guild.message(second)
    assert "Nothing wrong" not in list_labels(settled)
    assert "behind a spoiler" in read_text(settled)


async def test_quota_is_given_back_from_the_card_which_remains(app_fixture: AppFixture) -> None:
    await set_moderators_channel(app_fixture)
    result, _ = await create_result(app_fixture)
    await read_private_answer(await report_result(app_fixture, get_ben(app_fixture), result))
    assert "given back" in await read_private_answer(
        press_button(
            get_mia(app_fixture), list_moderator_cards(app_fixture)[0], "Give the quota back"
        )
    )
    assert list_media(list_moderator_cards(app_fixture)[0])
    assert "Nothing wrong" in list_labels(list_moderator_cards(app_fixture)[0])
    assert "Give the quota back" not in list_labels(list_moderator_cards(app_fixture)[0])


async def test_an_author_is_blocked_from_the_card_with_a_reason(app_fixture: AppFixture) -> None:
    await set_moderators_channel(app_fixture)
    result, _ = await create_result(app_fixture)
    await read_private_answer(await report_result(app_fixture, get_ben(app_fixture), result))
    form = await press_button(
        get_mia(app_fixture), list_moderator_cards(app_fixture)[0], "Block the author"
    ).modal()
    wrong = await get_mia(app_fixture).submit(form, {"reason": "x", "days": "many"})
    assert "not a number" in await read_private_answer(wrong)
    form = await press_button(
        get_mia(app_fixture), list_moderator_cards(app_fixture)[0], "Block the author"
    ).modal()
    await read_private_answer(
        await get_mia(app_fixture).submit(form, {"reason": "that picture", "days": "2"})
    )
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="up", pixels=64
    )
    assert "that picture" in await read_private_answer(call)
    assert list_labels(list_moderator_cards(app_fixture)[0]) == [
        "Remove everywhere",
        "Put behind a spoiler",
        "Give the quota back",
    ]


async def test_an_author_who_deletes_leaves_the_picture_to_those_who_decide(
    app_fixture: AppFixture,
) -> None:
    await set_moderators_channel(app_fixture)
    result, job = await create_result(app_fixture)
    await (await report_result(app_fixture, get_ben(app_fixture), result)).message()
    more = await press_button(app_fixture.ana, result, "More").message()
    question = await press_button(app_fixture.ana, more, "Delete").message()
    await press_button(app_fixture.ana, question, "Yes").message()
    with pytest.raises(LookupError):
        app_fixture.discord.guild.message(result)
    # the card is redrawn after each act
    await run_command(get_mia(app_fixture), "moderate refund", picture=job.id)
    card = list_moderator_cards(app_fixture)[0]
    assert len(list_media(card)) == 2
    await read_private_answer(press_button(get_mia(app_fixture), card, "Nothing wrong"))
    await app_fixture.app.services.periodic_tasks.retention.delete_expired()
    [found] = await app_fixture.core.jobs.list_results(job.id)
    assert found.delivered is not None
    assert not await app_fixture.core.files.has_file(found.delivered)


async def test_a_moderator_of_the_channel_alone_settles_no_case(app_fixture: AppFixture) -> None:
    await set_moderators_channel(app_fixture)
    result, _ = await create_result(app_fixture)
    await (await report_result(app_fixture, get_mia(app_fixture), result)).message()
    allowed = int(Permission.MANAGE_MESSAGES)
    app_fixture.discord.guild.overwrite("studio", "ben", allow=allowed)
    ben, more = get_ben(app_fixture), "Put behind a spoiler"
    menu = await press_button(ben, result, "More").message()
    await press_button(ben, menu, more).message()
    card = list_moderator_cards(app_fixture)[0]
    assert f"<@{ben.id}> put" in read_text(card)
    assert "Nothing wrong" in list_labels(card)
    assert len(list_media(card)) == 2


async def test_a_report_is_closed_by_a_command_too(app_fixture: AppFixture) -> None:
    await set_moderators_channel(app_fixture)
    result, job = await create_result(app_fixture)
    await read_private_answer(await report_result(app_fixture, get_ben(app_fixture), result))
    await run_command(get_mia(app_fixture), "moderate remove", picture=job.id)
    assert not list_media(list_moderator_cards(app_fixture)[0])
    other, _ = await create_result(app_fixture)
    await read_private_answer(await report_result(app_fixture, get_mia(app_fixture), other))
    assert len(list_moderator_cards(app_fixture)) == 2


async def test_a_channel_that_the_bot_may_not_write_to_stops_nothing(
    app_fixture: AppFixture,
) -> None:
    await set_moderators_channel(app_fixture)
    await set_guild_settings(app_fixture, log_channel=ChannelId(seed_data.MODERATORS_ID))
    result, job = await create_result(app_fixture)
    app_fixture.discord.guild.overwrite("moderators", "Expanse", deny=int(Permission.SEND_MESSAGES))
    assert "/moderate queue" in await read_private_answer(
        await report_result(app_fixture, get_ben(app_fixture), result)
    )
    assert "given back" in await run_command(
        get_mia(app_fixture), "moderate refund", picture=job.id
    )
    app_fixture.discord.guild.overwrite("moderators", "Expanse", allow=int(Permission.VIEW_CHANNEL))
    told = await read_private_answer(
        await report_result(app_fixture, get_mia(app_fixture), result, "me too")
    )
    assert "see it now" in told
    assert "2 reports" in read_text(list_moderator_cards(app_fixture)[0])


async def test_reports_that_come_at_once_are_counted_one_by_one(app_fixture: AppFixture) -> None:
    await set_moderators_channel(app_fixture)
    jobs = [(await create_result(app_fixture))[1].id for _ in range(7)]
    reports, me = app_fixture.app.interactions.moderation.reports, UserId(get_ben(app_fixture).id)
    calls = [reports.report_result(Report(GUILD, job, me, "rude")) for job in jobs]
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(each, ComponentRefused) for each in ended].count(True) == 2
    assert len(list_moderator_cards(app_fixture)) == 5
