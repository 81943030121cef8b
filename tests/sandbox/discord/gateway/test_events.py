"""Every event that the bot can hear, read by an unmodified library with all intents."""

from __future__ import annotations

from typing import Any

import aiohttp
import discord

from sandbox.discord.model.records import Upload
from sandbox.discord.server import LocalDiscord
from tests.sandbox.discord.rest.test_every_route import (
    STEPS,
    RouteTester,
    allow_everything,
    answer_members,
    leave_guild,
    set_commands,
)
from tests.support.discord.server_fixture import ExpandBot, encode_picture, run_bot

# These take the bot's own commands away.
_ELSEWHERE = {answer_members, set_commands, leave_guild}
# Not "guild_join": for two seconds the library takes each guild for one that it was in before.
_HEARD = {
    *("guild_channel_create", "guild_channel_update", "guild_channel_delete"),
    *("guild_role_create", "guild_role_update", "guild_role_delete", "member_update"),
    *("member_join", "member_remove", "guild_remove", "webhooks_update"),
    *("thread_create", "thread_update", "thread_delete", "raw_thread_member_remove"),
    *("message", "raw_message_edit", "raw_message_delete", "raw_bulk_message_delete"),
    *("raw_reaction_add", "raw_reaction_remove", "raw_reaction_clear", "typing"),
    *("raw_reaction_clear_emoji", "guild_channel_pins_update", "audit_log_entry_create"),
    *("entitlement_create", "entitlement_update", "entitlement_delete"),
    "raw_app_command_permissions_update",
}


class Listener(ExpandBot):
    """Note the name of whatever is dispatched."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.all())
        self.dispatched: set[str] = set()

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:
        self.dispatched.add(event_name)
        super().dispatch(event_name, *args, **kwargs)


async def cause_every_event(local: LocalDiscord, http: aiohttp.ClientSession) -> None:
    """Let everything happen once."""
    allow_everything(local)
    for stop in STEPS:
        if stop not in _ELSEWHERE:
            await stop(RouteTester(local, http))
    zoe = local.guild.welcome("zoe", role="Moderator")
    zoe.say("hello", channel=zoe.dm)
    second = local.add_guild("Second", "mia")
    second.member("mia").say("hello")
    second.remove_bot()
    second.invite_bot()
    local.guild.remove("zoe")


async def test_the_library_reads_every_event_and_lives() -> None:
    bot = Listener()
    async with (
        LocalDiscord.open() as local,
        aiohttp.ClientSession() as http,
        run_bot(local, bot),
    ):
        await cause_every_event(local, http)
        await bot.tree.sync()
        call = await local.guild.member("ana").slash(
            "expand", image=Upload("a.png", encode_picture())
        )
        assert (await call.message())["content"] == "done"
    assert _HEARD - bot.dispatched == set()
