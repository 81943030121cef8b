"""Results that a moderator sees first: the queue, the decision, and what the member learns."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.gallery import GalleryMode
from bot.domain.ids import ChannelId
from bot.domain.job import JobState
from bot.domain.moderation import Act, ActKind, ApprovalState
from bot.ui.actions import Action
from sandbox.discord import world
from sandbox.discord.calls import Call
from sandbox.discord.permissions import Permission
from tests.acceptance.gestures import button, labels, press
from tests.acceptance.staff import (
    GUILD,
    MIA,
    Json,
    cards,
    commanded,
    mia,
    said,
    settle,
    take_away,
    with_quarters,
)
from tests.house import House, media, photograph, text, until, upload


async def ordered(house: House, **options: Any) -> Call:
    """Let Ana order where a moderator looks first, and wait for the end of the job."""
    await with_quarters(house)
    await settle(house, approve_first=True)
    call = await house.ana.slash(
        "expand", image=upload(photograph()), direction="right", pixels=64, **options
    )
    assert (await house.job(call)).state is JobState.SETTLED
    await call.message(lambda message: "A moderator of this server looks" in text(message))
    return call


async def test_a_decision_whose_process_died_reaches_discord_after_the_restart(
    house: House,
) -> None:
    job = await house.job(await ordered(house))
    act = Act(GUILD, MIA, house.app.clock.now(), ActKind.APPROVE, job=job.id)
    store = house.app.approvals.store
    assert await store.decide(act, ApprovalState.APPROVED)
    await house.restart()
    await until(lambda: len(shown(house)) == 1)
    await house.restart()
    assert len(shown(house)) == 1


async def test_a_queue_card_that_discord_did_not_take_is_shown_by_the_sweep(house: House) -> None:
    job = await house.job(await ordered(house))
    async with house.app.database.write() as tx:
        await tx.run("UPDATE approval SET done_at = NULL, card_message = NULL")
    mia(house).delete(cards(house)[0])
    await house.restart()
    await until(lambda: len(cards(house)) == 1)
    await said(press(mia(house), cards(house)[0], "Approve"))
    await until(lambda: len(shown(house)) == 1)
    assert (await house.app.approvals.store.get(GUILD, job.id)) is not None


def shown(house: House) -> list[Json]:
    return [message for message in house.discord.guild.messages("studio") if media(message)]


async def test_a_result_waits_with_all_that_moderators_need_to_see(house: House) -> None:
    await ordered(house)
    assert shown(house) == []
    card = cards(house)[0]
    assert len(media(card)) == 2
    assert "Waits for approval" in text(card)
    assert f"<@{house.ana.id}>" in text(card)
    assert labels(card) == ["Approve", "Decline", "Put behind a spoiler", "Block the author"]


@pytest.mark.parametrize("restart", [False, True])
async def test_what_is_approved_is_posted_once_and_counts_for_the_gallery(
    house: House, *, restart: bool
) -> None:
    gallery = {"gallery_channel": ChannelId(world.GALLERY_ID), "gallery_mode": GalleryMode.EVERY}
    await settle(house, **gallery)
    await ordered(house)
    if restart:
        await house.restart()
    card = cards(house)[0]
    assert "Approved" in await said(press(mia(house), card, "Approve"))
    await until(lambda: len(shown(house)) == 1)
    await until(lambda: len(house.discord.guild.messages("gallery")) == 1)
    assert not [m for m in house.discord.guild.messages("studio") if "looks at it" in text(m)]
    assert "approved" in text(cards(house)[0])
    assert not media(cards(house)[0])
    again = await said(mia(house).forge(card, button(card, "Approve")))
    assert "decided before" in again
    assert len(shown(house)) == 1


async def test_what_is_declined_is_not_shown_and_its_member_is_told_alone(house: House) -> None:
    call = await ordered(house)
    await said(press(mia(house), cards(house)[0], "Decline"))
    await until(lambda: bool(house.ana.sees(house.ana.dm)))
    assert "decided not to show" in text(house.ana.sees(house.ana.dm)[0])
    assert "Not shown" in text(house.discord.guild.message(call.original or {}))
    assert shown(house) == []
    history = await (await house.ana.slash("history")).message()
    menu = next(part for part in history["components"][0]["components"] if part["type"] == 1)
    select = menu["components"][0]
    opened = house.ana.select(history, select["custom_id"], select["options"][0]["value"])
    entry = await opened.message(lambda message: "Done" in text(message))
    assert "Send again" not in labels(entry)


@pytest.mark.parametrize("private", [False, True])
async def test_a_member_with_closed_messages_stops_nothing(house: House, *, private: bool) -> None:
    house.ana.close_dms()
    await ordered(house, private=private)
    await said(press(mia(house), cards(house)[0], "Decline"))
    assert "declined" in text(cards(house)[0])
    assert shown(house) == []


async def test_a_private_result_waits_too_and_goes_to_its_member_alone(house: House) -> None:
    await ordered(house, private=True)
    await said(press(mia(house), cards(house)[0], "Approve"))
    await until(lambda: any(media(message) for message in house.ana.sees(house.ana.dm)))
    assert shown(house) == []


async def test_a_spoiler_is_put_on_before_it_is_posted(house: House) -> None:
    await ordered(house)
    card = cards(house)[0]
    await said(press(mia(house), card, "Put behind a spoiler"))
    assert "'spoiler': True" in str(cards(house)[0]["components"])
    await said(press(mia(house), card, "Approve"))
    await until(lambda: len(shown(house)) == 1)
    assert "'spoiler': True" in str(shown(house)[0]["components"])


async def test_the_queue_can_be_seen_without_a_channel(house: House) -> None:
    await ordered(house)
    await settle(house, moderators_channel=None)
    call = mia(house).invoke("moderate queue", {})
    seen = await call.message(lambda message: bool(media(message)))
    await press(mia(house), seen, "Approve").acknowledged()
    await until(lambda: len(shown(house)) == 2)
    assert "Nothing waits" in await commanded(mia(house), "moderate queue")


async def test_what_is_removed_while_it_waits_is_declined(house: House) -> None:
    call = await ordered(house)
    job = await house.job(call)
    await commanded(mia(house), "moderate remove", picture=job.id)
    assert shown(house) == []
    refusal = await said(mia(house).forge(cards(house)[0], approve_mark(house, job.id)))
    assert "decided before" in refusal


def approve_mark(house: House, job_id: str) -> str:
    return house.app.bot.desk.seal.mark(Action.ACT, job_id, "approve")


async def test_a_moderator_without_permission_decides_nothing(house: House) -> None:
    await ordered(house)
    card = cards(house)[0]
    take_away(house, Permission.MANAGE_MESSAGES | Permission.MANAGE_GUILD)
    moderators = house.discord.guild
    lost = int(Permission.MANAGE_MESSAGES | Permission.MANAGE_GUILD)
    moderators.overwrite("moderators", "Moderator", allow=int(Permission.VIEW_CHANNEL), deny=lost)
    for label in labels(card):
        assert "Only moderators" in await said(press(mia(house), card, label))
    assert shown(house) == []
