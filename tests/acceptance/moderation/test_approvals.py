"""Results that a moderator sees first: the queue, the decision, and what the member learns."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.gallery import GalleryMode
from bot.domain.ids import ChannelId, JobId
from bot.domain.job import JobState
from bot.domain.moderation import ActionKind, ApprovalState, ModerationAction
from bot.ui.actions import Action
from bot.ui.views.payloads import CasePayload
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.model import seed_data
from sandbox.discord.model.permissions import Permission
from tests.support.app.card_controls import find_button, list_labels, press_button
from tests.support.app.moderators import (
    GUILD,
    MIA,
    Json,
    deny_moderators,
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
    wait_until,
)


async def send_order(app_fixture: AppFixture, **options: Any) -> TrackedInvocation:
    """Let Ana order where a moderator looks first, and wait for the end of the job."""
    await set_moderators_channel(app_fixture)
    await set_guild_settings(app_fixture, approve_first=True)
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64, **options
    )
    assert (await app_fixture.wait_for_job(call)).state is JobState.SETTLED
    await call.message(lambda message: "A moderator of this server looks" in read_text(message))
    return call


async def test_a_decision_whose_process_died_reaches_discord_after_the_restart(
    app_fixture: AppFixture,
) -> None:
    job = await app_fixture.wait_for_job(await send_order(app_fixture))
    act = ModerationAction(GUILD, MIA, app_fixture.core.clock.now(), ActionKind.APPROVE, job=job.id)
    store = app_fixture.app.services.moderation.approvals.store
    assert await store.record_decision(act, ApprovalState.APPROVED)
    await app_fixture.restart()
    await wait_until(lambda: len(list_shown(app_fixture)) == 1)
    await app_fixture.restart()
    assert len(list_shown(app_fixture)) == 1


async def test_a_queue_card_that_discord_did_not_take_is_shown_by_the_sweep(
    app_fixture: AppFixture,
) -> None:
    job = await app_fixture.wait_for_job(await send_order(app_fixture))
    async with app_fixture.core.database.write() as tx:
        await tx.execute("UPDATE approval SET done_at = NULL, card_message = NULL")
    get_mia(app_fixture).delete(list_moderator_cards(app_fixture)[0])
    await app_fixture.restart()
    await wait_until(lambda: len(list_moderator_cards(app_fixture)) == 1)
    await read_private_answer(
        press_button(get_mia(app_fixture), list_moderator_cards(app_fixture)[0], "Approve")
    )
    await wait_until(lambda: len(list_shown(app_fixture)) == 1)
    approvals = app_fixture.app.services.moderation.approvals
    assert (await approvals.store.get(GUILD, job.id)) is not None


def list_shown(app_fixture: AppFixture) -> list[Json]:
    return [
        message for message in app_fixture.discord.guild.messages("studio") if list_media(message)
    ]


async def test_a_result_waits_with_all_that_moderators_need_to_see(app_fixture: AppFixture) -> None:
    await send_order(app_fixture)
    assert list_shown(app_fixture) == []
    card = list_moderator_cards(app_fixture)[0]
    assert len(list_media(card)) == 2
    assert "Waits for approval" in read_text(card)
    assert f"<@{app_fixture.ana.id}>" in read_text(card)
    assert list_labels(card) == ["Approve", "Decline", "Put behind a spoiler", "Block the author"]


@pytest.mark.parametrize("restart", [False, True])
async def test_what_is_approved_is_posted_once_and_counts_for_the_gallery(
    app_fixture: AppFixture, *, restart: bool
) -> None:
    gallery = {
        "gallery_channel": ChannelId(seed_data.GALLERY_ID),
        "gallery_mode": GalleryMode.EVERY,
    }
    await set_guild_settings(app_fixture, **gallery)
    await send_order(app_fixture)
    if restart:
        await app_fixture.restart()
    card = list_moderator_cards(app_fixture)[0]
    assert "Approved" in await read_private_answer(
        press_button(get_mia(app_fixture), card, "Approve")
    )
    await wait_until(lambda: len(list_shown(app_fixture)) == 1)
    await wait_until(lambda: len(app_fixture.discord.guild.messages("gallery")) == 1)
    assert not [
        m for m in app_fixture.discord.guild.messages("studio") if "looks at it" in read_text(m)
    ]
    assert "approved" in read_text(list_moderator_cards(app_fixture)[0])
    assert not list_media(list_moderator_cards(app_fixture)[0])
    again = await read_private_answer(
        get_mia(app_fixture).forge(card, find_button(card, "Approve"))
    )
    assert "decided before" in again
    assert len(list_shown(app_fixture)) == 1


async def test_what_is_declined_is_not_shown_and_only_its_member_is_informed(
    app_fixture: AppFixture,
) -> None:
    call = await send_order(app_fixture)
    await read_private_answer(
        press_button(get_mia(app_fixture), list_moderator_cards(app_fixture)[0], "Decline")
    )
    await wait_until(lambda: bool(app_fixture.ana.sees(app_fixture.ana.dm)))
    assert "decided not to show" in read_text(app_fixture.ana.sees(app_fixture.ana.dm)[0])
    assert "Not shown" in read_text(app_fixture.discord.guild.message(call.original or {}))
    assert list_shown(app_fixture) == []
    history = await (await app_fixture.ana.slash("history")).message()
    menu = next(part for part in history["components"][0]["components"] if part["type"] == 1)
    select = menu["components"][0]
    opened = app_fixture.ana.select(history, select["custom_id"], select["options"][0]["value"])
    entry = await opened.message(lambda message: "Done" in read_text(message))
    assert "Send again" not in list_labels(entry)


@pytest.mark.parametrize("private", [False, True])
async def test_a_member_with_closed_messages_stops_nothing(
    app_fixture: AppFixture, *, private: bool
) -> None:
    app_fixture.ana.close_dms()
    await send_order(app_fixture, private=private)
    await read_private_answer(
        press_button(get_mia(app_fixture), list_moderator_cards(app_fixture)[0], "Decline")
    )
    assert "declined" in read_text(list_moderator_cards(app_fixture)[0])
    assert list_shown(app_fixture) == []


async def test_a_private_result_waits_too_and_goes_to_its_member_alone(
    app_fixture: AppFixture,
) -> None:
    await send_order(app_fixture, private=True)
    await read_private_answer(
        press_button(get_mia(app_fixture), list_moderator_cards(app_fixture)[0], "Approve")
    )
    await wait_until(
        lambda: any(list_media(message) for message in app_fixture.ana.sees(app_fixture.ana.dm))
    )
    assert list_shown(app_fixture) == []


async def test_a_spoiler_is_put_on_before_it_is_posted(app_fixture: AppFixture) -> None:
    await send_order(app_fixture)
    card = list_moderator_cards(app_fixture)[0]
    await read_private_answer(press_button(get_mia(app_fixture), card, "Put behind a spoiler"))
    assert "'spoiler': True" in str(list_moderator_cards(app_fixture)[0]["components"])
    await read_private_answer(press_button(get_mia(app_fixture), card, "Approve"))
    await wait_until(lambda: len(list_shown(app_fixture)) == 1)
    assert "'spoiler': True" in str(list_shown(app_fixture)[0]["components"])


async def test_the_queue_can_be_seen_without_a_channel(app_fixture: AppFixture) -> None:
    await send_order(app_fixture)
    await set_guild_settings(app_fixture, moderators_channel=None)
    call = get_mia(app_fixture).invoke("moderate queue", {})
    seen = await call.message(lambda message: bool(list_media(message)))
    await press_button(get_mia(app_fixture), seen, "Approve").acknowledged()
    await wait_until(lambda: len(list_shown(app_fixture)) == 2)
    assert "Nothing waits" in await run_command(get_mia(app_fixture), "moderate queue")


async def test_what_is_removed_while_it_waits_is_declined(app_fixture: AppFixture) -> None:
    call = await send_order(app_fixture)
    job = await app_fixture.wait_for_job(call)
    await run_command(get_mia(app_fixture), "moderate remove", picture=job.id)
    assert list_shown(app_fixture) == []
    refusal = await read_private_answer(
        get_mia(app_fixture).forge(
            list_moderator_cards(app_fixture)[0], build_approve_id(app_fixture, job.id)
        )
    )
    assert "decided before" in refusal


def build_approve_id(app_fixture: AppFixture, job_id: JobId) -> str:
    return app_fixture.app.interactions.codec.encode(
        Action.CASE_ACTION, CasePayload(job_id, ActionKind.APPROVE)
    )


async def test_a_moderator_without_permission_decides_nothing(app_fixture: AppFixture) -> None:
    await send_order(app_fixture)
    card = list_moderator_cards(app_fixture)[0]
    deny_moderators(app_fixture, Permission.MANAGE_MESSAGES | Permission.MANAGE_GUILD)
    for label in list_labels(card):
        assert "Only moderators" in await read_private_answer(
            press_button(get_mia(app_fixture), card, label)
        )
    assert list_shown(app_fixture) == []
