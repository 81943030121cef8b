"""Where one may do what: permissions in channels, DMs, further guilds, who installed the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.control.clock import VirtualClock
from sandbox.discord.model.errors import DiscordError
from sandbox.discord.model.permissions import Permission
from sandbox.discord.server import LocalDiscord
from sandbox.discord.state.command_permissions import OverrideSubject, PermissionOverride
from tests.support.discord.server_fixture import (
    APPLICATION,
    STUDIO,
    build_form,
    encode_picture,
    open_local_discord,
)

if TYPE_CHECKING:
    from sandbox.discord.model.events import Event
    from tests.support.discord.server_fixture import RestClient

MESSAGES = f"/channels/{STUDIO}/messages"
HELLO = {"content": "hello"}


async def send_for_code(rest: RestClient, method: str, path: str, **kwargs: Any) -> tuple[int, int]:
    status, answer = await rest(method, path, **kwargs)
    return status, 0 if answer is None else answer.get("code", 0)


async def list_bot_messages(local: LocalDiscord) -> list[Event]:
    heard: list[Event] = []
    bot_id = local.state.world.bot.id
    local.state.subscribe(
        lambda event: heard.append(event) if event.is_visible_to(bot_id) else None
    )
    return heard


@pytest.mark.parametrize(
    ("denied", "kwargs"),
    [
        (Permission.SEND_MESSAGES, {"json": HELLO}),
        (Permission.ATTACH_FILES, {"data": ("a.png", encode_picture())}),
        (Permission.EMBED_LINKS, {"json": {"embeds": [{"title": "x"}]}}),
        (Permission.SEND_MESSAGES, {"json": {"embeds": [{"title": "x"}]}}),
    ],
)
async def test_a_missing_permission_in_the_channel_is_50013(
    denied: int, kwargs: dict[str, Any]
) -> None:
    async with open_local_discord() as (local, rest):
        if "data" in kwargs:
            kwargs = {"data": build_form("{}", kwargs["data"])}
        local.guild.overwrite("studio", "Expanse", deny=denied)
        assert await send_for_code(rest, "POST", MESSAGES, **kwargs) == (403, 50013)
        assert local.guild.messages() == []


async def test_a_channel_that_the_bot_does_not_see_is_50001_and_silent() -> None:
    async with open_local_discord() as (local, rest):
        local.guild.overwrite("studio", "expanse", deny=Permission.VIEW_CHANNEL)
        heard = await list_bot_messages(local)
        local.guild.member("ana").say("unheard")
        assert heard == []
        for method, path in (("GET", f"/channels/{STUDIO}"), ("GET", MESSAGES)):
            assert await send_for_code(rest, method, path) == (403, 50001)
        assert await send_for_code(rest, "POST", MESSAGES, json=HELLO) == (403, 50001)


async def test_history_without_the_permission_is_empty() -> None:
    async with open_local_discord() as (local, rest):
        said = local.guild.member("ana").say("old")
        local.guild.overwrite("studio", "Expanse", deny=Permission.READ_MESSAGE_HISTORY)
        assert await rest("GET", MESSAGES) == (200, [])
        assert await send_for_code(rest, "GET", f"{MESSAGES}/{said['id']}") == (403, 50013)


async def test_an_interaction_is_answered_where_the_bot_may_not_write() -> None:
    async with open_local_discord() as (local, rest):
        await rest.register_command(options=[])
        local.guild.overwrite("studio", "Expanse", deny=Permission.SEND_MESSAGES)
        call = await local.guild.member("ana").slash("expand")
        assert (await rest.send_callback(call.interaction, {"type": 4, "data": HELLO}))[0] == 200


async def test_what_the_bot_has_no_right_to_is_refused() -> None:
    async with open_local_discord() as (local, rest):
        guild, ana = local.guild.id, local.guild.member("ana").id
        for method, path, body in (
            ("PATCH", f"/channels/{STUDIO}", {"name": "x"}),
            ("DELETE", f"/channels/{STUDIO}", None),
            ("POST", f"/channels/{STUDIO}/webhooks", {"name": "x"}),
            ("POST", f"/guilds/{guild}/roles", {}),
            ("PUT", f"/guilds/{guild}/members/{ana}/roles/{guild}", None),
            ("PATCH", f"/guilds/{guild}/members/{ana}", {"nick": "x"}),
            ("DELETE", f"/guilds/{guild}/members/{ana}", None),
            ("GET", f"/guilds/{guild}/audit-logs", None),
        ):
            assert await send_for_code(rest, method, path, json=body) == (403, 50013), path


async def test_a_person_may_close_their_dms() -> None:
    async with open_local_discord() as (local, rest):
        ana = local.guild.member("ana")
        path = f"/channels/{ana.dm}/messages"
        assert (await rest("POST", path, json=HELLO))[0] == 200
        assert [each["content"] for each in ana.sees(ana.dm)] == ["hello"]
        with pytest.raises(DiscordError, match="50001"):
            local.guild.member("ben").say("psst", channel=ana.dm)
        ana.close_dms()
        assert await send_for_code(rest, "POST", path, json=HELLO) == (403, 50007)
        ana.close_dms(closed=False)
        local.guild.remove("ana")
        assert await send_for_code(rest, "POST", path, json=HELLO) == (403, 50007)


async def test_a_command_in_a_dm_names_a_user_and_no_guild() -> None:
    async with open_local_discord() as (local, rest):
        await rest.register_command(options=[], contexts=[0, 1])
        ana, heard = local.guild.member("ana"), await list_bot_messages(local)
        ana.speaks("de")
        call = await ana.slash("expand", channel=ana.dm)
        payload = heard[-1].payload
        assert (payload["user"]["id"], payload["context"]) == (str(ana.id), 1)
        assert not {"guild", "guild_id", "member"} & set(payload)
        assert payload["locale"] == "de"
        assert payload["authorizing_integration_owners"] == {"0": "0"}
        answer = {"type": 4, "data": HELLO | {"flags": 64}}
        assert (await rest.send_callback(call.interaction, answer))[0] == 200
        await rest.register_command(options=[], contexts=[0])
        with pytest.raises(DiscordError, match="10063"):
            await ana.slash("expand", channel=ana.dm)


async def test_a_user_brings_the_bot_along_to_where_it_is_no_member() -> None:
    async with open_local_discord() as (local, rest):
        await rest.register_command(options=[], integration_types=[0, 1], contexts=[0, 1, 2])
        second = local.add_guild("Second", "ana", "ben")
        second.remove_bot()
        ana = second.member("ana")
        with pytest.raises(DiscordError, match="10063"):
            await ana.slash("expand")
        ana.install()
        heard = await list_bot_messages(local)
        call = await ana.slash("expand")
        payload = heard[-1].payload
        assert payload["authorizing_integration_owners"] == {"1": str(ana.id)}
        assert int(payload["app_permissions"]) & Permission.SEND_MESSAGES == 0
        await rest.send_callback(call.interaction, {"type": 4, "data": HELLO})
        statuses = [
            (await rest.call_webhook("POST", call.interaction, "", json=HELLO))[0] for _ in range(6)
        ]
        assert statuses == [200] * 5 + [400]
        channel = f"/channels/{call.interaction.channel_id}/messages"
        assert await send_for_code(rest, "POST", channel, json=HELLO) == (403, 50001)


async def test_guilds_are_apart_and_the_bot_can_leave_and_come_back() -> None:
    async with open_local_discord() as (local, rest):
        second, heard = local.add_guild("Second", "mia"), await list_bot_messages(local)
        second.member("mia").say("over here")
        assert [each.guild_id for each in heard] == [second.id]
        with pytest.raises(LookupError):
            second.member("ana")
        assert len((await rest("GET", "/users/@me/guilds"))[1]) == 2
        assert (await rest("DELETE", f"/users/@me/guilds/{second.id}"))[0] == 204
        assert heard[-1].name == "GUILD_DELETE"
        second.member("mia").say("unheard")
        assert heard[-1].name == "GUILD_DELETE"
        assert await send_for_code(rest, "GET", f"/guilds/{second.id}") == (404, 10004)
        second.invite_bot()
        assert heard[-1].name == "GUILD_CREATE"
        zoe = second.welcome("zoe")
        assert zoe.sees()[-1]["content"] == "unheard"


async def test_a_guild_command_is_there_in_its_guild_alone() -> None:
    async with open_local_discord() as (local, rest):
        second = local.add_guild("Second", "mia")
        path = f"/applications/{APPLICATION}/guilds/{second.id}/commands"
        await rest("PUT", path, json=[{"name": "only", "description": "x"}])
        await second.member("mia").slash("only")
        with pytest.raises(DiscordError, match="10063"):
            await local.guild.member("mia").slash("only")


async def test_an_age_restricted_command_needs_an_age_restricted_channel() -> None:
    async with open_local_discord() as (local, rest):
        await rest.register_command(options=[], nsfw=True)
        ana, number = local.guild.member("ana"), local.guild.add_channel("late", nsfw=True)
        with pytest.raises(DiscordError, match="10063"):
            await ana.slash("expand")
        heard = await list_bot_messages(local)
        await ana.slash("expand", channel="late")
        assert heard[-1].payload["channel"]["nsfw"] is True
        assert (await rest("GET", f"/channels/{number}"))[1]["nsfw"] is True


async def test_overrides_of_moderators_decide_before_the_commands_own_default() -> None:
    async with open_local_discord() as (local, rest):
        await rest.register_command(options=[], default_member_permissions="0")
        world, ana = local.state.world, local.guild.member("ana")
        command = local.state.commands.all()[0]

        async def may(channel: str = "studio") -> bool:
            try:
                await ana.slash("expand", channel=channel)
            except DiscordError:
                return False
            return True

        def override(*given: PermissionOverride) -> None:
            local.state.command_permissions.replace_overrides(world.guild, command["id"], *given)

        everybody = PermissionOverride(world.guild.id, OverrideSubject.ROLE, allowed=True)
        assert not await may()
        override(everybody)
        assert await may()
        override(everybody, PermissionOverride(ana.id, OverrideSubject.USER, allowed=False))
        assert not await may()
        override(everybody, PermissionOverride(int(STUDIO), OverrideSubject.CHANNEL, allowed=False))
        assert [await may(), await may("gallery")] == [False, True]
        here = PermissionOverride(int(STUDIO), OverrideSubject.CHANNEL, allowed=True)
        override(
            everybody,
            PermissionOverride(world.guild.id - 1, OverrideSubject.CHANNEL, allowed=False),
            here,
        )
        assert [await may(), await may("gallery")] == [True, False]


async def test_a_member_in_time_out_reads_on_but_does_nothing() -> None:
    clock = VirtualClock()
    async with open_local_discord(clock) as (local, rest):
        await rest.register_command(options=[])
        ana = local.guild.member("ana")
        member = local.state.world.guild.members[ana.id]
        silent = type(member)(member.user, (), 0.0, timed_out_until=clock.now() + 60)
        local.state.guild_registry.update_member(local.state.world.guild, silent)
        for deed in (lambda: ana.say("x"), lambda: ana.invoke("expand", {})):
            with pytest.raises(DiscordError, match="50013"):
                deed()
        clock.advance(61)
        assert ana.say("back")["content"] == "back"


async def test_automod_refuses_words_wherever_they_stand() -> None:
    async with open_local_discord() as (local, rest):
        local.state.world.blocked_words = ("sesame",)
        text = {"type": 10, "content": "Open Sesame"}
        for body in (
            {"content": "open SESAME"},
            {"embeds": [{"title": "sesame"}]},
            {"flags": 1 << 15, "components": [text]},
        ):
            assert await send_for_code(rest, "POST", MESSAGES, json=body) == (400, 200000)
        assert await send_for_code(rest, "POST", MESSAGES, json=HELLO) == (200, 0)


async def test_a_deleted_channel_takes_its_messages_and_refuses_late_answers() -> None:
    async with open_local_discord() as (local, rest):
        await rest.register_command(options=[])
        call = await local.guild.member("ana").slash("expand", channel="gallery")
        await rest.send_callback(call.interaction, {"type": 5})
        local.guild.delete_channel("gallery")
        change = {"content": "late"}
        status, answer = await rest.call_webhook(
            "PATCH", call.interaction, "/messages/@original", json=change
        )
        assert (status, answer["code"]) == (404, 10008)
        status, answer = await rest.call_webhook("POST", call.interaction, "", json=change)
        assert (status, answer["code"]) == (404, 10003)


async def test_entitlements_come_with_the_interactions_they_are_for() -> None:
    clock = VirtualClock()
    async with open_local_discord(clock) as (local, rest):
        await rest.register_command(options=[])
        ana, heard = local.guild.member("ana"), await list_bot_messages(local)
        local.state.entitlements.grant(7, user_id=ana.id, ends_at=clock.now() + 60)
        local.state.entitlements.grant(8, guild_id=local.guild.id)

        async def skus(name: str) -> list[str]:
            await local.guild.member(name).slash("expand")
            return [each["sku_id"] for each in heard[-1].payload["entitlements"]]

        assert heard[0].name == "ENTITLEMENT_CREATE"
        assert await skus("ana") == ["7", "8"]
        assert await skus("ben") == ["8"]
        clock.advance(61)
        assert await skus("ana") == ["8"]
