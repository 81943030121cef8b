"""Channels of every kind are chosen in settings, by command and in the panel."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.guild import GuildSettings
from sandbox.discord.model.errors import DiscordError
from sandbox.discord.model.permissions import Permission
from tests.acceptance.guilds.test_settings import choose_value, open_section
from tests.support.app.card_controls import list_controls
from tests.support.app.moderators import (
    GUILD,
    get_mia,
    read_private_answer,
    run_command,
    set_guild_settings,
)
from tests.support.app_fixture import AppFixture, read_text, wait_until

POSTABLE = ("text", "announcement", "voice", "stage")
FORUMS = ("forum", "media")
POSTS = {
    "gallery_channel": ("gallery channel", "gallery"),
    "log_channel": ("place log-channel", "place"),
    "moderators_channel": ("place moderators-channel", "place"),
}
SECTIONS = {name: section for name, (_, section) in POSTS.items()} | {"allowed_channels": "access"}


async def read_settings(app_fixture: AppFixture) -> GuildSettings:
    return await app_fixture.core.guilds.get(GUILD)


@pytest.mark.parametrize("kind", [*POSTABLE, *FORUMS])
async def test_what_binds_a_channel_is_set_for_every_kind(
    app_fixture: AppFixture, kind: str
) -> None:
    room, mia = app_fixture.discord.guild.add_channel("room", kind=kind), get_mia(app_fixture)
    assert f"<#{room}>: 1" in await run_command(
        mia, "settings safety channel", channel=room, level=1
    )
    assert f"<#{room}>" in await run_command(mia, "settings access channel", channel=room)
    found = await read_settings(app_fixture)
    assert [each.channel for each in found.channel_tolerance] == [int(room)]
    assert found.allowed_channels == (int(room),)
    await set_guild_settings(app_fixture, allowed_channels=())
    access = await open_section(app_fixture, "access")
    await choose_value(app_fixture, access, "allowed-channels", room)
    assert (await read_settings(app_fixture)).allowed_channels == (int(room),)


async def test_a_channel_that_the_bot_cannot_see_can_be_bound_and_is(
    app_fixture: AppFixture,
) -> None:
    guild, mia = app_fixture.discord.guild, get_mia(app_fixture)
    room = guild.add_channel("room")
    guild.overwrite("room", "Expanse", deny=int(Permission.VIEW_CHANNEL))
    await app_fixture.restart()
    told = await run_command(mia, "settings safety channel", channel=room, level=1)
    assert f"<#{room}>: 1" in told
    access = await open_section(app_fixture, "access")
    await choose_value(app_fixture, access, "allowed-channels", room)
    found = await read_settings(app_fixture)
    assert [each.channel for each in found.channel_tolerance] == [int(room)]
    assert found.allowed_channels == (int(room),)


@pytest.mark.parametrize("kind", POSTABLE)
async def test_the_bot_posts_to_every_kind_that_takes_messages(
    app_fixture: AppFixture, kind: str
) -> None:
    room, mia = app_fixture.discord.guild.add_channel("room", kind=kind), get_mia(app_fixture)
    for name, (command, section) in POSTS.items():
        told = await run_command(mia, f"settings {command}", channel=room)
        assert f"<#{room}>" in told
        assert "What it needs there" not in told
        assert getattr(await read_settings(app_fixture), name) == int(room)
        await set_guild_settings(app_fixture, **{name: None})
        page = await open_section(app_fixture, section)
        await choose_value(app_fixture, page, name.replace("_", "-"), room)
        assert getattr(await read_settings(app_fixture), name) == int(room)
    await run_command(mia, "settings amounts max-side", number=1024)
    posted = app_fixture.discord.guild.messages("room")
    assert "Longest side in pixels" in read_text(posted[-1])


@pytest.mark.parametrize("kind", FORUMS)
@pytest.mark.parametrize("name", POSTS)
async def test_a_forum_is_not_offered_where_the_bot_posts(
    app_fixture: AppFixture, kind: str, name: str
) -> None:
    room, mia = app_fixture.discord.guild.add_channel("room", kind=kind), get_mia(app_fixture)
    command, section = POSTS[name]
    with pytest.raises(DiscordError):
        mia.invoke(f"settings {command}", {"channel": room})
    page = await open_section(app_fixture, section)
    menu = next(
        part for part in list_controls(page) if f".{name.replace('_', '-')}:" in part["custom_id"]
    )
    with pytest.raises(DiscordError):
        mia.select(page, menu["custom_id"], room)
    forged = mia.forge(page, menu["custom_id"], values=(room,), kind=menu["type"])
    assert "one of those on offer" in await read_private_answer(forged)
    assert getattr(await read_settings(app_fixture), name) is None


@pytest.mark.parametrize("kind", ["voice", "stage"])
async def test_a_voice_channel_that_the_bot_may_not_join_is_named_with_what_lacks(
    app_fixture: AppFixture, kind: str
) -> None:
    guild = app_fixture.discord.guild
    room = guild.add_channel("room", kind=kind)
    guild.overwrite("room", "Expanse", deny=int(Permission.CONNECT))
    seen = app_fixture.app.bot.client
    await wait_until(lambda: _has_overwrite(seen.get_channel(int(room))))
    told = await run_command(get_mia(app_fixture), "settings gallery channel", channel=room)
    assert "What it needs there: Connect." in told


def _has_overwrite(channel: Any) -> bool:
    return channel is not None and bool(channel.overwrites)
