"""Who may not invoke on Discord gets nothing here either: time-outs, bots, webhooks."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord.actors.member import MemberActor
from sandbox.discord.model import seed_data
from sandbox.discord.model.errors import DiscordError
from sandbox.discord.model.records import Content
from sandbox.discord.state.messages import NewMessage
from tests.support.app.card_controls import expand_picture, find_button, press_button
from tests.support.app.moderators import get_ben, read_private_answer
from tests.support.app_fixture import AppFixture, draw_photograph, encode_upload, list_media

REFUSED = "may not do this in this channel"


def build_options() -> dict[str, Any]:
    return {"image": encode_upload(draw_photograph()), "direction": "right", "pixels": 64}


async def assert_nobody_is_served(app_fixture: AppFixture, who: MemberActor) -> None:
    """Check that Discord refuses, and the bot what an attacker sends in spite of that."""
    made = await expand_picture(app_fixture, get_ben(app_fixture))
    billed, sent = app_fixture.billed_count, find_button(made, "→")
    with pytest.raises(DiscordError):
        who.invoke("expand", build_options())
    with pytest.raises(DiscordError):
        who.press(made, sent)
    forged = [who.invoke("expand", build_options(), forged=True), who.forge(made, sent)]
    for call in forged:
        assert REFUSED in await read_private_answer(call)
        assert not list_media(call.original or {"components": []})
    assert app_fixture.billed_count == billed


async def test_a_member_in_a_time_out_gets_nothing_until_it_ends(app_fixture: AppFixture) -> None:
    app_fixture.discord.guild.time_out("ana", 600)
    await assert_nobody_is_served(app_fixture, app_fixture.ana)
    app_fixture.discord.guild.time_out("ana", 0)
    await expand_picture(app_fixture)


async def test_a_draft_is_not_confirmed_in_a_time_out(app_fixture: AppFixture) -> None:
    draft = await app_fixture.ana.invoke("expand", build_options() | {"preview": True}).message()
    app_fixture.discord.guild.time_out("ana", 600)
    with pytest.raises(DiscordError):
        press_button(app_fixture.ana, draft, "Confirm")
    forged = app_fixture.ana.forge(draft, find_button(draft, "Confirm"))
    assert REFUSED in await read_private_answer(forged)
    assert app_fixture.billed_count == 0


async def test_a_time_out_does_not_bind_who_administers(app_fixture: AppFixture) -> None:
    app_fixture.discord.guild.time_out("olu", 600)
    await expand_picture(app_fixture, app_fixture.discord.guild.member("olu"))


async def test_another_bot_gets_nothing(app_fixture: AppFixture) -> None:
    helper = app_fixture.discord.guild.welcome("helper", bot=True)
    await assert_nobody_is_served(app_fixture, helper)


async def test_a_webhooks_picture_is_used_like_any_others(app_fixture: AppFixture) -> None:
    state = app_fixture.discord.state
    webhook = state.webhooks.create(state.get_channel(seed_data.STUDIO_ID), "Feed")
    upload = encode_upload(draw_photograph())
    file = state.files.save(state.files.build_attachment(upload, seed_data.STUDIO_ID))
    author = state.webhooks.build_author(webhook, None)
    draft = NewMessage(
        seed_data.STUDIO_ID, webhook.id, Content(attachments=(file,)), webhook=author
    )
    message = state.payloads.build_message(state.messages.create(draft))
    form = await app_fixture.ana.menu("Expand image", message).modal()
    call = await app_fixture.ana.submit(form, {"pixels": "64"})
    await app_fixture.wait_for_result(call)
    job = await app_fixture.wait_for_job(call)
    assert (job.origin.user_id, job.order.source_author) == (app_fixture.ana.id, webhook.id)
