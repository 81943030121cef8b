"""What moderators do by commands, with everything that follows; and that nobody else does."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.gallery import GalleryMode
from bot.domain.ids import ChannelId
from bot.domain.job import JobState
from bot.domain.moderation import ActKind
from sandbox.discord import world
from sandbox.discord.actors import MemberActor
from sandbox.discord.faults import Fault as DiscordFault
from sandbox.discord.permissions import Permission
from tests.acceptance.gestures import press
from tests.acceptance.staff import (
    GUILD,
    a_result,
    ben,
    commanded,
    job_of,
    mia,
    said,
    settle,
    show_to_everybody,
    take_away,
)
from tests.house import House, is_ephemeral, media, photograph, text, until, upload

ORDER: dict[str, Any] = {"direction": "right", "pixels": 64}


async def acts(house: House) -> list[ActKind]:
    found = await house.app.bot.desk.moderation.store.acts(GUILD, 99)
    return [act.kind for act in reversed(found)]


async def refused(house: House, **options: Any) -> str:
    call = await house.ana.slash("expand", image=upload(photograph()), **{**ORDER, **options})
    return await said(call)


async def test_a_blocked_member_orders_nothing_until_it_is_lifted(house: House) -> None:
    ana = str(house.ana.id)
    answer = await commanded(mia(house), "moderate block", member=ana, reason="no *spam*", days=3)
    assert "is blocked; it ends" in answer
    refusal = await refused(house)
    assert "blocked you: no \\*spam\\*" in refusal
    assert "You can go on <t:" in refusal
    await house.restart()
    assert "blocked you" in await refused(house)
    assert "may order again" in await commanded(mia(house), "moderate unblock", member=ana)
    assert "was not blocked" in await commanded(mia(house), "moderate unblock", member=ana)
    assert (await a_result(house))[1].state is JobState.SETTLED
    assert await acts(house) == [ActKind.BLOCK, ActKind.UNBLOCK]
    assert house.billed == 1


async def test_a_quota_is_granted_and_taken_back(house: House) -> None:
    ana = str(house.ana.id)
    granted = await commanded(mia(house), "moderate grant", member=ana, results=0, days=2)
    assert "That holds until <t:" in granted
    nothing = await refused(house)
    assert "the limit that applies to you is 0" in nothing
    assert "renews" not in nothing
    lasting = await commanded(mia(house), "moderate grant", member=ana, results=0)
    assert "until somebody takes it back" in lasting
    again = await commanded(mia(house), "moderate ungrant", member=ana)
    assert "same quota as everybody" in again
    assert "had no quota" in await commanded(mia(house), "moderate ungrant", member=ana)
    assert "19 of 20 left" in text((await a_result(house))[0])


async def test_a_result_is_removed_everywhere_with_what_grew_from_it(house: House) -> None:
    await settle(house, gallery_channel=ChannelId(world.GALLERY_ID), gallery_mode=GalleryMode.EVERY)
    result, job = await a_result(house)
    child_call = press(ben(house), result, "→")
    child_message = await house.posted(child_call)
    child = await house.job(child_call)
    shown = house.discord.guild
    await until(lambda: bool(shown.messages("gallery")))
    answer = await commanded(mia(house), "moderate remove", picture=job.id, refund=True)
    assert "2 results are removed" in answer
    assert "1 picture is given back" in answer
    for message in (result, child_message):
        with pytest.raises(LookupError):
            shown.message(message)
    assert not shown.messages("gallery")
    for each in (job, child):
        for found in await house.app.jobs.results(each.id):
            assert found.delivered is None or not await house.app.files.has(found.delivered)
    assert await house.app.ledger.audit() == []
    assert "20 of 20" in text(await (await house.ana.slash("quota")).message())
    assert "$0.1" in str(await spent(house))


async def spent(house: House) -> str:
    statements = await house.app.office.statements.days(1)
    return f"${sum(each.spent for each in statements) / 1e6:.2f}"


async def test_a_result_under_way_is_not_shown_once_it_is_removed(house: House) -> None:
    house.runware.hold()
    call = await house.ana.slash("expand", image=upload(photograph()), **ORDER)
    job = await house.until(call, JobState.SUBMITTED)
    assert "removed" in await commanded(mia(house), "moderate remove", picture=job.id)
    house.runware.release()
    ended = await house.job(call)
    assert ended.state is JobState.SETTLED
    assert not [message for message in house.discord.guild.messages("studio") if media(message)]
    for result in await house.app.jobs.results(job.id):
        assert result.delivered is None or not await house.app.files.has(result.delivered)


async def test_an_order_is_cancelled_before_it_is_sent_and_not_later(house: House) -> None:
    async with house.app.database.write():
        call = await house.ana.slash("expand", image=upload(photograph()), **ORDER)
    job = await house.until(call, JobState.RESERVED)
    answer = await commanded(mia(house), "moderate cancel", picture=job.id)
    ended = await house.job(call)
    assert ("what was held is released" in answer) is (ended.state is JobState.CANCELLED)
    _, done = await a_result(house)
    late = await commanded(mia(house), "moderate cancel", picture=done.id)
    assert "done already" in late
    assert "Nothing was changed" in late


async def test_the_card_of_an_order_that_a_moderator_cancelled_says_so(house: House) -> None:
    house.runware.hold()
    for _ in range(3):
        call = await house.ana.slash("expand", image=upload(photograph()), **ORDER)
    waiting = await call.message(lambda message: "Place 2 in the queue" in text(message))
    job = text(waiting).split()[-1]
    assert "what was held is released" in await commanded(
        mia(house), "moderate cancel", picture=job
    )
    gone = await call.message(lambda message: "Cancelled: right by 64" in text(message))
    assert gone["id"] == waiting["id"]
    house.runware.release()


async def test_a_card_that_comes_after_its_order_was_cancelled_says_so(house: House) -> None:
    house.discord.faults.add(DiscordFault("slow", match="POST /interactions/*", value=1.5))
    call = await house.ana.slash("expand", image=upload(photograph()), **ORDER)
    job = await house.until(call, JobState.RESERVED)
    # so that nothing is sent before it is cancelled, however busy the machine is
    await house.app.office.intake.pause("a look")
    await commanded(mia(house), "moderate cancel", picture=job.id)
    await call.message(lambda message: "Cancelled: right by 64" in text(message))
    assert (await house.job(call)).state is JobState.CANCELLED


async def test_an_order_that_was_sent_is_too_late_to_cancel(house: House) -> None:
    house.runware.hold()
    call = await house.ana.slash("expand", image=upload(photograph()), **ORDER)
    job = await house.until(call, JobState.SUBMITTED)
    late = await commanded(mia(house), "moderate cancel", picture=job.id)
    assert "too late to cancel" in late
    assert "what is made of it is charged" in late
    assert "Nothing was charged" not in late
    house.runware.release()
    assert (await house.job(call)).state is JobState.SETTLED


async def test_a_result_is_put_behind_a_spoiler_by_the_link_of_its_message(house: House) -> None:
    await settle(house, gallery_channel=ChannelId(world.GALLERY_ID), gallery_mode=GalleryMode.EVERY)
    result, job = await a_result(house)
    await until(lambda: bool(house.discord.guild.messages("gallery")))
    link = f"https://discord.com/channels/{world.GUILD_ID}/{world.STUDIO_ID}/{result['id']}"
    assert "behind a spoiler" in await commanded(mia(house), "moderate spoiler", picture=link)
    assert "'spoiler': True" in str(house.discord.guild.message(result)["components"])
    shown = house.discord.guild.messages("gallery")[0]
    assert "'spoiler': True" in str(shown["components"])
    assert media(house.discord.guild.message(result))
    assert (await job_of(house, job.id)).order.attachment.spoiler


async def test_a_members_button_takes_no_moderators_spoiler_off(house: House) -> None:
    result, job = await a_result(house)
    for _ in range(2):
        await commanded(mia(house), "moderate spoiler", picture=job.id)
    more = await press(house.ana, result, "More").message()
    assert "put this behind a spoiler" in await said(press(house.ana, more, "Take the spoiler off"))
    assert (await job_of(house, job.id)).order.attachment.spoiler
    child = await house.posted(press(house.ana, result, "→"))
    more = await press(house.ana, child, "More").message()
    assert "put this behind a spoiler" in await said(press(house.ana, more, "Take the spoiler off"))
    more = await press(mia(house), result, "More").message()
    await press(mia(house), more, "Take the spoiler off").message()
    assert not (await job_of(house, job.id)).order.attachment.spoiler
    assert await acts(house) == [ActKind.SPOILER, ActKind.UNCOVER]
    more = await press(house.ana, result, "More").message()
    for label in ("Put behind a spoiler", "Take the spoiler off"):
        more = await press(house.ana, more, label).message()
    assert len(await acts(house)) == 2


async def test_what_a_moderator_deletes_of_others_is_on_record(house: House) -> None:
    result, _ = await a_result(house)
    more = await press(mia(house), result, "More").message()
    sure = await press(mia(house), more, "Delete").message()
    await press(mia(house), sure, "Yes, delete").message()
    with pytest.raises(LookupError):
        house.discord.guild.message(result)
    assert await acts(house) == [ActKind.DELETE]


async def test_a_quota_is_given_back_once_and_the_dollars_stay(house: House) -> None:
    _, job = await a_result(house)
    picture = {"picture": job.id}
    first = await commanded(mia(house), "moderate refund", **picture)
    assert "1 picture is given back" in first
    assert "nothing to give back" in await commanded(mia(house), "moderate refund", **picture)
    assert "20 of 20" in text(await (await house.ana.slash("quota")).message())
    assert await spent(house) == "$0.05"
    assert await house.app.ledger.audit() == []
    assert await acts(house) == [ActKind.REFUND]


async def test_words_and_patterns_refuse_prompts_and_can_be_tried_out(house: House) -> None:
    words = "moderate words"
    await commanded(mia(house), f"{words} add", entry="Löffel")
    await commanded(mia(house), f"{words} add-pattern", pattern=r"gun\w*")
    bad = await commanded(mia(house), f"{words} add-pattern", pattern="(((a{50}){50}){50})")
    assert "cannot have this value" in bad
    assert "one with fewer repetitions" in bad
    bad = await commanded(mia(house), f"{words} add-pattern", pattern="(?=a)b")
    assert "one without look-around" in bad
    assert "Nothing was changed" in bad
    tried = await commanded(mia(house), f"{words} test", prompt="a L0FFEL, silver")
    assert "the word ||Löffel||" in tried
    assert "pattern" in await commanded(mia(house), f"{words} test", prompt="big GUNS")
    assert "passes" in await commanded(mia(house), f"{words} test", prompt="a lake")
    both = await commanded(mia(house), f"{words} list")
    assert "Löffel" in both
    assert "gun" in both
    assert "||Löffel||" in await refused(house, prompt="loffel")
    assert "something that this server refuses" in await refused(house, prompt="guns")
    assert "already" in await commanded(mia(house), f"{words} add", entry="l0ffel")
    gone = await commanded(mia(house), f"{words} remove", entry="LOFFEL")
    assert "not on the list any more" in gone
    assert "was not on" in await commanded(mia(house), f"{words} remove", entry="LOFFEL")
    await commanded(mia(house), f"{words} remove-pattern", pattern=r"gun\w*")
    assert "passes" in await commanded(mia(house), f"{words} test", prompt="löffel guns")


@pytest.mark.parametrize("picture", ["none", "123456789012345678", "https://x/channels/1/2/3"])
async def test_a_picture_that_is_not_there_is_said_to_be_none(house: House, picture: str) -> None:
    assert "no such picture" in await commanded(mia(house), "moderate remove", picture=picture)


async def test_members_moderate_nothing_even_where_discord_shows_them_how(house: House) -> None:
    show_to_everybody(house)
    _, job = await a_result(house)
    await refuses_everything(house, ben(house), job.id)


async def test_a_moderator_needs_one_of_two_permissions(house: House) -> None:
    _, job = await a_result(house)
    take_away(house, Permission.MANAGE_MESSAGES)
    assert "passes" in await commanded(mia(house), "moderate words test", prompt="x")
    take_away(house, Permission.MANAGE_MESSAGES | Permission.MANAGE_GUILD)
    await refuses_everything(house, mia(house), job.id)


async def refuses_everything(house: House, member: MemberActor, job_id: str) -> None:
    """Try every command; nothing may happen."""
    ana, picture = str(house.ana.id), {"picture": job_id}
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
        message = await call.message(lambda message: bool(text(message)))
        assert is_ephemeral(message)
        assert "Only moderators" in text(message), command
    assert await acts(house) == []
    assert await house.app.bot.desk.rules.guilds.changes(GUILD, 9) == []
