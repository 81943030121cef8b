"""What moderators do by commands, with everything that follows; and that nobody else does."""

from __future__ import annotations

from typing import Any

import pytest

from bot.config.settings import LimitSettings
from bot.domain.gallery import GalleryMode
from bot.domain.ids import ChannelId
from bot.domain.job import JobState
from bot.domain.moderation import ActionKind
from bot.storage.repositories.archive import EXPIRED
from sandbox.discord.actors.member import MemberActor
from sandbox.discord.model import seed_data
from sandbox.discord.model.faults import DiscordFault
from sandbox.discord.model.permissions import Permission
from tests.support.app.card_controls import press_button
from tests.support.app.moderators import (
    GUILD,
    create_result,
    deny_moderators,
    get_ben,
    get_mia,
    load_job,
    read_private_answer,
    run_command,
    set_guild_settings,
    show_commands_to_everybody,
)
from tests.support.app.shown_pictures import list_spoilers
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    is_ephemeral,
    list_media,
    read_text,
    wait_until,
)

ORDER: dict[str, Any] = {"direction": "right", "pixels": 64}


async def list_acts(app_fixture: AppFixture) -> list[ActionKind]:
    found = await app_fixture.core.moderation.list_acts(GUILD, 99)
    return [act.kind for act in reversed(found)]


async def read_refusal(app_fixture: AppFixture, **options: Any) -> str:
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), **{**ORDER, **options}
    )
    return await read_private_answer(call)


async def test_a_blocked_member_orders_nothing_until_it_is_lifted(app_fixture: AppFixture) -> None:
    ana = str(app_fixture.ana.id)
    answer = await run_command(
        get_mia(app_fixture), "moderate block", member=ana, reason="no *spam*", days=3
    )
    assert "is blocked; it ends" in answer
    refusal = await read_refusal(app_fixture)
    assert "blocked you: no \\*spam\\*" in refusal
    assert "You can go on <t:" in refusal
    await app_fixture.restart()
    assert "blocked you" in await read_refusal(app_fixture)
    assert "may order again" in await run_command(
        get_mia(app_fixture), "moderate unblock", member=ana
    )
    assert "was not blocked" in await run_command(
        get_mia(app_fixture), "moderate unblock", member=ana
    )
    assert (await create_result(app_fixture))[1].state is JobState.SETTLED
    assert await list_acts(app_fixture) == [
        ActionKind.BLOCK,
        ActionKind.UNBLOCK,
    ]
    assert app_fixture.billed_count == 1


async def test_a_quota_is_granted_and_taken_back(app_fixture: AppFixture) -> None:
    ana = str(app_fixture.ana.id)
    granted = await run_command(
        get_mia(app_fixture), "moderate grant", member=ana, results=0, days=2
    )
    assert "That holds until <t:" in granted
    nothing = await read_refusal(app_fixture)
    assert "the limit that applies to you is 0" in nothing
    assert "renews" not in nothing
    lasting = await run_command(get_mia(app_fixture), "moderate grant", member=ana, results=0)
    assert "until somebody takes it back" in lasting
    again = await run_command(get_mia(app_fixture), "moderate ungrant", member=ana)
    assert "same quota as everybody" in again
    assert "had no quota" in await run_command(get_mia(app_fixture), "moderate ungrant", member=ana)
    assert "19 of 20 left" in read_text((await create_result(app_fixture))[0])


async def test_a_result_is_removed_everywhere_with_what_grew_from_it(
    app_fixture: AppFixture,
) -> None:
    await set_guild_settings(
        app_fixture, gallery_channel=ChannelId(seed_data.GALLERY_ID), gallery_mode=GalleryMode.EVERY
    )
    result, job = await create_result(app_fixture)
    child_call = press_button(get_ben(app_fixture), result, "→")
    child_message = await app_fixture.wait_for_result(child_call)
    child = await app_fixture.wait_for_job(child_call)
    shown = app_fixture.discord.guild
    await wait_until(lambda: bool(shown.messages("gallery")))
    answer = await run_command(get_mia(app_fixture), "moderate remove", picture=job.id, refund=True)
    assert "2 results are removed" in answer
    assert "1 picture is given back" in answer
    for message in (result, child_message):
        with pytest.raises(LookupError):
            shown.message(message)
    assert not shown.messages("gallery")
    for each in (job, child):
        for found in await app_fixture.core.jobs.list_results(each.id):
            assert found.delivered is None or not await app_fixture.core.files.has_file(
                found.delivered
            )
    assert await app_fixture.core.ledger.find_imbalances() == []
    assert "20 of 20" in read_text(await (await app_fixture.ana.slash("quota")).message())
    assert "$0.1" in str(await read_spent(app_fixture))


async def read_spent(app_fixture: AppFixture) -> str:
    statements = await app_fixture.core.statements.list_days(1)
    return f"${sum(each.spent for each in statements) / 1e6:.2f}"


async def test_a_result_under_way_is_not_shown_once_it_is_removed(app_fixture: AppFixture) -> None:
    app_fixture.runware.pause_tasks()
    call = await app_fixture.ana.slash("expand", image=encode_upload(draw_photograph()), **ORDER)
    job = await app_fixture.wait_for_state(call, JobState.SUBMITTED)
    assert "removed" in await run_command(get_mia(app_fixture), "moderate remove", picture=job.id)
    app_fixture.runware.resume_tasks()
    ended = await app_fixture.wait_for_job(call)
    assert ended.state is JobState.SETTLED
    assert not [
        message for message in app_fixture.discord.guild.messages("studio") if list_media(message)
    ]
    for result in await app_fixture.core.jobs.list_results(job.id):
        assert result.delivered is None or not await app_fixture.core.files.has_file(
            result.delivered
        )


async def test_an_order_is_cancelled_before_it_is_sent_and_not_later(
    app_fixture: AppFixture,
) -> None:
    async with app_fixture.core.database.write():
        call = await app_fixture.ana.slash(
            "expand", image=encode_upload(draw_photograph()), **ORDER
        )
    job = await app_fixture.wait_for_state(call, JobState.RESERVED)
    answer = await run_command(get_mia(app_fixture), "moderate cancel", picture=job.id)
    ended = await app_fixture.wait_for_job(call)
    assert ("what was held is released" in answer) is (ended.state is JobState.CANCELLED)
    _, done = await create_result(app_fixture)
    late = await run_command(get_mia(app_fixture), "moderate cancel", picture=done.id)
    assert "done already" in late
    assert "Nothing was changed" in late


async def test_the_card_of_an_order_that_a_moderator_cancelled_says_so(
    app_fixture: AppFixture,
) -> None:
    app_fixture.runware.pause_tasks()
    for _ in range(3):
        call = await app_fixture.ana.slash(
            "expand", image=encode_upload(draw_photograph()), **ORDER
        )
    waiting = await call.message(lambda message: "Place 2 in the queue" in read_text(message))
    job = read_text(waiting).split()[-1]
    assert "what was held is released" in await run_command(
        get_mia(app_fixture), "moderate cancel", picture=job
    )
    gone = await call.message(lambda message: "Cancelled: right by 64" in read_text(message))
    assert gone["id"] == waiting["id"]
    app_fixture.runware.resume_tasks()


async def test_a_card_that_comes_after_its_order_was_cancelled_says_so(
    app_fixture: AppFixture,
) -> None:
    app_fixture.discord.faults.add(DiscordFault("slow", match="POST /interactions/*", value=1.5))
    call = await app_fixture.ana.slash("expand", image=encode_upload(draw_photograph()), **ORDER)
    job = await app_fixture.wait_for_state(call, JobState.RESERVED)
    # so that nothing is sent before it is cancelled, however busy the machine is
    await app_fixture.core.admission.pause_orders("a look")
    await run_command(get_mia(app_fixture), "moderate cancel", picture=job.id)
    await call.message(lambda message: "Cancelled: right by 64" in read_text(message))
    assert (await app_fixture.wait_for_job(call)).state is JobState.CANCELLED


async def test_an_order_that_was_sent_is_too_late_to_cancel(app_fixture: AppFixture) -> None:
    app_fixture.runware.pause_tasks()
    call = await app_fixture.ana.slash("expand", image=encode_upload(draw_photograph()), **ORDER)
    job = await app_fixture.wait_for_state(call, JobState.SUBMITTED)
    late = await run_command(get_mia(app_fixture), "moderate cancel", picture=job.id)
    assert "too late to cancel" in late
    assert "what is made of it is charged" in late
    assert "Nothing was charged" not in late
    app_fixture.runware.resume_tasks()
    assert (await app_fixture.wait_for_job(call)).state is JobState.SETTLED


async def test_a_result_is_put_behind_a_spoiler_by_the_link_of_its_message(
    app_fixture: AppFixture,
) -> None:
    await set_guild_settings(
        app_fixture, gallery_channel=ChannelId(seed_data.GALLERY_ID), gallery_mode=GalleryMode.EVERY
    )
    result, job = await create_result(app_fixture)
    await wait_until(lambda: bool(app_fixture.discord.guild.messages("gallery")))
    link = f"https://discord.com/channels/{seed_data.GUILD_ID}/{seed_data.STUDIO_ID}/{result['id']}"
    assert "behind a spoiler" in await run_command(
        get_mia(app_fixture), "moderate spoiler", picture=link
    )
    assert "'spoiler': True" in str(app_fixture.discord.guild.message(result)["components"])
    shown = app_fixture.discord.guild.messages("gallery")[0]
    assert "'spoiler': True" in str(shown["components"])
    assert list_media(app_fixture.discord.guild.message(result))
    assert (await load_job(app_fixture, job.id)).order.attachment.spoiler


async def test_a_result_whose_files_are_too_old_is_covered_too(app_fixture: AppFixture) -> None:
    result, job = await create_result(app_fixture)
    await app_fixture.core.history.remove_files(job.id, EXPIRED)
    await run_command(get_mia(app_fixture), "moderate spoiler", picture=job.id)
    assert list_spoilers(app_fixture.discord.guild.message(result)) == [True]


async def test_a_members_button_takes_no_moderators_spoiler_off(app_fixture: AppFixture) -> None:
    result, job = await create_result(app_fixture)
    for _ in range(2):
        await run_command(get_mia(app_fixture), "moderate spoiler", picture=job.id)
    more = await press_button(app_fixture.ana, result, "More").message()
    assert "put this behind a spoiler" in await read_private_answer(
        press_button(app_fixture.ana, more, "Take the spoiler off")
    )
    assert (await load_job(app_fixture, job.id)).order.attachment.spoiler
    child = await app_fixture.wait_for_result(press_button(app_fixture.ana, result, "→"))
    more = await press_button(app_fixture.ana, child, "More").message()
    assert "put this behind a spoiler" in await read_private_answer(
        press_button(app_fixture.ana, more, "Take the spoiler off")
    )
    more = await press_button(get_mia(app_fixture), result, "More").message()
    await press_button(get_mia(app_fixture), more, "Take the spoiler off").message()
    assert not (await load_job(app_fixture, job.id)).order.attachment.spoiler
    assert await list_acts(app_fixture) == [
        ActionKind.SPOILER,
        ActionKind.UNCOVER,
    ]
    more = await press_button(app_fixture.ana, result, "More").message()
    for label in ("Put behind a spoiler", "Take the spoiler off"):
        more = await press_button(app_fixture.ana, more, label).message()
    assert len(await list_acts(app_fixture)) == 2


async def test_what_a_moderator_deletes_of_others_is_on_record(app_fixture: AppFixture) -> None:
    result, _ = await create_result(app_fixture)
    more = await press_button(get_mia(app_fixture), result, "More").message()
    sure = await press_button(get_mia(app_fixture), more, "Delete").message()
    await press_button(get_mia(app_fixture), sure, "Yes, delete").message()
    with pytest.raises(LookupError):
        app_fixture.discord.guild.message(result)
    assert await list_acts(app_fixture) == [ActionKind.DELETE]


async def test_a_quota_is_given_back_once_and_the_dollars_remain(app_fixture: AppFixture) -> None:
    _, job = await create_result(app_fixture)
    picture = {"picture": job.id}
    first = await run_command(get_mia(app_fixture), "moderate refund", **picture)
    assert "1 picture is given back" in first
    assert "nothing to give back" in await run_command(
        get_mia(app_fixture), "moderate refund", **picture
    )
    assert "20 of 20" in read_text(await (await app_fixture.ana.slash("quota")).message())
    assert await read_spent(app_fixture) == "$0.05"
    assert await app_fixture.core.ledger.find_imbalances() == []
    assert await list_acts(app_fixture) == [ActionKind.REFUND]


async def test_what_moderators_give_back_lets_nobody_pass_the_operators_ceiling(
    app_fixture: AppFixture,
) -> None:
    app_fixture.limits = LimitSettings(results_per_user_day=2, most_results_per_user_day=2)
    await app_fixture.restart()
    for _ in range(2):
        _, job = await create_result(app_fixture)
        await run_command(get_mia(app_fixture), "moderate refund", picture=job.id)
    await run_command(
        get_mia(app_fixture), "moderate grant", member=str(app_fixture.ana.id), results=9
    )
    quota = read_text(await (await app_fixture.ana.slash("quota")).message())
    assert "0 of 2 left today" in quota
    assert "You have used 2 of your 2 pictures today" in await read_refusal(app_fixture)
    assert app_fixture.billed_count == 2
    assert await app_fixture.core.ledger.find_imbalances() == []


async def test_words_and_patterns_refuse_prompts_and_can_be_tried_out(
    app_fixture: AppFixture,
) -> None:
    words = "moderate words"
    await run_command(get_mia(app_fixture), f"{words} add", entry="Löffel")
    await run_command(get_mia(app_fixture), f"{words} add-pattern", pattern=r"gun\w*")
    bad = await run_command(
        get_mia(app_fixture), f"{words} add-pattern", pattern="(((a{50}){50}){50})"
    )
    assert "cannot have this value" in bad
    assert "one with fewer repetitions" in bad
    bad = await run_command(get_mia(app_fixture), f"{words} add-pattern", pattern="(?=a)b")
    assert "one without look-around" in bad
    assert "Nothing was changed" in bad
    tried = await run_command(get_mia(app_fixture), f"{words} test", prompt="a L0FFEL, silver")
    assert "the word ||Löffel||" in tried
    assert "pattern" in await run_command(get_mia(app_fixture), f"{words} test", prompt="big GUNS")
    assert "passes" in await run_command(get_mia(app_fixture), f"{words} test", prompt="a lake")
    both = await run_command(get_mia(app_fixture), f"{words} list")
    assert "Löffel" in both
    assert "gun" in both
    assert "||Löffel||" in await read_refusal(app_fixture, prompt="loffel")
    assert "something that this server refuses" in await read_refusal(app_fixture, prompt="guns")
    assert "already" in await run_command(get_mia(app_fixture), f"{words} add", entry="l0ffel")
    gone = await run_command(get_mia(app_fixture), f"{words} remove", entry="LOFFEL")
    assert "not on the list any more" in gone
    assert "was not on" in await run_command(
        get_mia(app_fixture), f"{words} remove", entry="LOFFEL"
    )
    await run_command(get_mia(app_fixture), f"{words} remove-pattern", pattern=r"gun\w*")
    assert "passes" in await run_command(
        get_mia(app_fixture), f"{words} test", prompt="löffel guns"
    )


@pytest.mark.parametrize("picture", ["none", "123456789012345678", "https://x/channels/1/2/3"])
async def test_a_picture_that_is_not_there_is_said_to_be_none(
    app_fixture: AppFixture, picture: str
) -> None:
    assert "no such picture" in await run_command(
        get_mia(app_fixture), "moderate remove", picture=picture
    )


async def test_members_moderate_nothing_even_where_discord_shows_them_how(
    app_fixture: AppFixture,
) -> None:
    show_commands_to_everybody(app_fixture)
    _, job = await create_result(app_fixture)
    await assert_everything_refused(app_fixture, get_ben(app_fixture), job.id)


async def test_a_moderator_needs_one_of_two_permissions(app_fixture: AppFixture) -> None:
    _, job = await create_result(app_fixture)
    deny_moderators(app_fixture, Permission.MANAGE_MESSAGES)
    assert "passes" in await run_command(get_mia(app_fixture), "moderate words test", prompt="x")
    deny_moderators(app_fixture, Permission.MANAGE_MESSAGES | Permission.MANAGE_GUILD)
    await assert_everything_refused(app_fixture, get_mia(app_fixture), job.id)


async def assert_everything_refused(
    app_fixture: AppFixture, member: MemberActor, job_id: str
) -> None:
    """Try every command; nothing may happen."""
    ana, picture = str(app_fixture.ana.id), {"picture": job_id}
    commands: list[tuple[str, dict[str, Any]]] = [
        ("block", {"member": ana, "reason": "x"}),
        ("unblock", {"member": ana}),
        ("grant", {"member": ana, "results": 9}),
        ("ungrant", {"member": ana}),
        *((name, picture) for name in ("cancel", "remove", "spoiler", "refund")),
        ("queue", {}),
        ("words add", {"entry": "x"}),
        ("words remove", {"entry": "x"}),
        ("words add-pattern", {"pattern": "x"}),
        ("words remove-pattern", {"pattern": "x"}),
        ("words list", {}),
        ("words test", {"prompt": "x"}),
    ]
    for command, options in commands:
        call = member.invoke(f"moderate {command}", options)
        message = await call.message(lambda message: bool(read_text(message)))
        assert is_ephemeral(message)
        assert "Only moderators" in read_text(message), command
    assert await list_acts(app_fixture) == []
    assert await app_fixture.core.guilds.list_changes(GUILD, 9) == []
