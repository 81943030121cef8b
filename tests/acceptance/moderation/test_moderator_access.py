"""A moderator's rights reach what the moderator can see, and nothing while that is unknown."""

from __future__ import annotations

from bot.domain.job import Job
from bot.domain.order import PictureRef
from bot.ui.actions import Action
from sandbox.discord.model import seed_data
from sandbox.discord.model.events import Event
from sandbox.discord.model.faults import DiscordFault
from sandbox.discord.model.permissions import Permission
from tests.support.app.card_controls import find_button
from tests.support.app.moderators import (
    GUILD,
    create_result,
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
    wait_until,
)


def hide_channel(app_fixture: AppFixture, name: str) -> None:
    """Close a channel to the moderator; the rights of her role stay."""
    app_fixture.discord.guild.overwrite(name, "mia", deny=int(Permission.VIEW_CHANNEL))


async def order_for_approval(app_fixture: AppFixture, channel: str = "studio") -> None:
    """Let a member order a picture that waits for a moderator."""
    await set_guild_settings(app_fixture, approve_first=True)
    given = {"image": encode_upload(draw_photograph()), "direction": "right", "pixels": 64}
    call = app_fixture.ana.invoke("expand", given, channel=channel)
    await app_fixture.wait_for_job(call)


async def test_who_cannot_see_the_moderators_channel_decides_no_case(
    app_fixture: AppFixture,
) -> None:
    await set_moderators_channel(app_fixture)
    await order_for_approval(app_fixture)
    await wait_until(lambda: bool(list_moderator_cards(app_fixture)))
    queue = await get_mia(app_fixture).invoke("moderate queue", {}).message()
    hide_channel(app_fixture, "moderators")
    pressed = get_mia(app_fixture).press(queue, find_button(queue, "Approve"))
    assert "view the channel that this case" in await read_private_answer(pressed)
    again = await get_mia(app_fixture).invoke("moderate queue", {}).message()
    assert not list_media(again)
    assert "Approve" not in str(again["components"])


async def test_without_a_moderators_channel_the_queue_shows_what_its_reader_may_see(
    app_fixture: AppFixture,
) -> None:
    await order_for_approval(app_fixture)
    await order_for_approval(app_fixture, "gallery")
    hide_channel(app_fixture, "studio")
    call = get_mia(app_fixture).invoke("moderate queue", {}, channel="gallery")
    shown = await call.message()
    await wait_until(lambda: bool(list_media(call.original or {"components": []})))
    assert list_media(call.original or shown)
    assert call.followups == []


async def test_a_link_reaches_no_picture_of_a_channel_that_is_closed_to_the_moderator(
    app_fixture: AppFixture,
) -> None:
    message, job = await create_result(app_fixture)
    hide_channel(app_fixture, "studio")
    link = f"https://discord.com/channels/{GUILD}/{message['channel_id']}/{message['id']}"
    for command in ("remove", "spoiler", "refund", "cancel"):
        for picture in (link, job.id):
            call = get_mia(app_fixture).invoke(
                f"moderate {command}", {"picture": picture}, channel="gallery"
            )
            assert "no such picture" in await read_private_answer(call)
    assert app_fixture.discord.guild.message(message)
    app_fixture.discord.guild.overwrite("studio", "mia")
    call = get_mia(app_fixture).invoke("moderate spoiler", {"picture": link}, channel="gallery")
    assert "no such picture" not in await read_private_answer(call)


async def order_in_private_thread(app_fixture: AppFixture) -> tuple[str, Job]:
    """Let Ana order a picture in a private thread of hers; return both."""
    guild, ana = app_fixture.discord.guild, app_fixture.ana
    guild.overwrite("studio", "ana", allow=int(Permission.CREATE_PRIVATE_THREADS))
    thread = ana.start_thread("secret", private=True)
    given = {"image": encode_upload(draw_photograph()), "direction": "right", "pixels": 64}
    return thread, await app_fixture.wait_for_job(ana.invoke("expand", given, channel=thread))


async def test_a_private_thread_is_moderated_by_those_who_are_in_it(
    app_fixture: AppFixture,
) -> None:
    mia = get_mia(app_fixture)
    thread, job = await order_in_private_thread(app_fixture)
    codec = app_fixture.app.interactions.codec
    mark = codec.encode(Action.DELETE, PictureRef(job.id, 0))
    outside = mia.forge(mia.say("here"), mark)
    assert "code not_yours" in await read_private_answer(outside)
    assert "no such picture" in await run_command(mia, "moderate remove", picture=job.id)
    state = app_fixture.discord.state
    members = (app_fixture.ana.id, mia.id)
    state.guild_registry.set_thread_members(state.get_channel(int(thread)), members)
    inside = mia.forge(mia.say("there", channel=thread), mark)
    assert "code" not in await read_private_answer(inside)


async def test_a_command_elsewhere_reaches_a_private_thread_for_those_who_are_in_it(
    app_fixture: AppFixture,
) -> None:
    mia = get_mia(app_fixture)
    thread, job = await order_in_private_thread(app_fixture)
    state = app_fixture.discord.state
    members = (app_fixture.ana.id, seed_data.APPLICATION_ID)
    for there in ((app_fixture.ana.id, mia.id), members):  # unknown to the bot, and without her
        state.guild_registry.set_thread_members(state.get_channel(int(thread)), there)
        assert "no such picture" in await run_command(mia, "moderate spoiler", picture=job.id)
    state.guild_registry.set_thread_members(state.get_channel(int(thread)), (*members, mia.id))
    # while Discord doesn't say who is in it, it stays closed
    asked = "GET /channels/*/thread-members/*"
    for fault in (DiscordFault("refused", match=asked), DiscordFault("slow", match=asked, value=2)):
        app_fixture.discord.faults.add(fault)
        assert "no such picture" in await run_command(mia, "moderate spoiler", picture=job.id)
    assert "no such" not in await run_command(mia, "moderate spoiler", picture=job.id)
    hide_channel(app_fixture, "studio")
    call = mia.invoke("moderate refund", {"picture": job.id}, channel="gallery")
    assert "no such picture" in await read_private_answer(call)


async def test_nobody_sets_a_channel_to_post_to_that_they_cannot_view(
    app_fixture: AppFixture,
) -> None:
    hidden = app_fixture.discord.guild.add_channel("hidden")
    hide_channel(app_fixture, "hidden")
    for command in ("place log-channel", "place moderators-channel", "gallery channel"):
        told = await run_command(get_mia(app_fixture), f"settings {command}", channel=hidden)
        assert "can't view that channel" in told
    found = await app_fixture.core.guilds.get(GUILD)
    assert (found.log_channel, found.moderators_channel, found.gallery_channel) == (None,) * 3


async def test_without_the_guilds_roles_nobody_moderates(app_fixture: AppFixture) -> None:
    mia, client = get_mia(app_fixture), app_fixture.app.bot.client
    assert "passes" in await run_command(mia, "moderate words test", prompt="x")
    away = {"id": str(seed_data.GUILD_ID), "unavailable": True}
    app_fixture.discord.state.emit(Event("GUILD_DELETE", away, seed_data.GUILD_ID))
    guild = client.get_guild(seed_data.GUILD_ID)
    await wait_until(lambda: guild is None or guild.unavailable)
    assert "code not_moderator" in await run_command(mia, "moderate words test", prompt="x")
    assert "code not_manager" in await run_command(mia, "settings log")
