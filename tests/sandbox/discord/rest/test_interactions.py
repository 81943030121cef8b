"""The rules of answering: one answer within 3 s, a token of 15 min, visibility fixed at first."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.control.clock import VirtualClock
from sandbox.discord.model.errors import DiscordError
from sandbox.discord.model.records import Upload
from tests.support.discord.server_fixture import (
    APPLICATION,
    EPHEMERAL,
    V2,
    RestClient,
    build_form,
    encode_picture,
    open_local_discord,
)

if TYPE_CHECKING:
    from sandbox.discord.model.events import Event
    from sandbox.discord.model.records import Interaction
    from sandbox.discord.server import LocalDiscord

DEFER: dict[str, Any] = {"type": 5}
LOADING = 1 << 7


async def invoke_command(local: LocalDiscord, rest: RestClient, *, by: str = "ana") -> Interaction:
    await rest.register_command()
    call = await local.guild.member(by).slash("expand", image=Upload("a.png", encode_picture()))
    return call.interaction


async def test_an_answer_after_three_seconds_is_refused_and_the_member_is_informed() -> None:
    clock = VirtualClock()
    async with open_local_discord(clock) as (local, rest):
        heard: list[Event] = []
        local.state.subscribe(heard.append)
        interaction = await invoke_command(local, rest)
        clock.advance(2.9)
        assert interaction.state.value == "sent"
        clock.advance(0.2)
        status, answer = await rest.send_callback(interaction, DEFER)
        assert (status, answer["code"]) == (404, 10062)
        told = [each for each in heard if each.name == "INTERACTION_STATE"]
        assert [each.payload["state"] for each in told] == ["sent", "failed"]
        assert told[-1].payload["reason"] == "The application did not respond"
        assert told[-1].audience == frozenset({interaction.user_id})


async def test_a_second_answer_is_refused() -> None:
    async with open_local_discord() as (local, rest):
        interaction = await invoke_command(local, rest)
        status, answer = await rest.send_callback(interaction, DEFER)
        assert status == 200
        assert answer["interaction"]["response_message_loading"] is True
        assert "resource" not in answer
        status, answer = await rest.send_callback(interaction, DEFER)
        assert (status, answer["code"]) == (400, 40060)


async def test_the_token_ends_after_fifteen_minutes() -> None:
    clock = VirtualClock()
    async with open_local_discord(clock) as (local, rest):
        interaction = await invoke_command(local, rest)
        await rest.send_callback(interaction, DEFER)
        clock.advance(899)
        change = {"content": "in time"}
        status, _ = await rest.call_webhook(
            "PATCH", interaction, "/messages/@original", json=change
        )
        assert status == 200
        clock.advance(2)
        status, answer = await rest.call_webhook(
            "PATCH", interaction, "/messages/@original", json=change
        )
        assert (status, answer["code"]) == (401, 50027)


async def test_the_token_opens_nothing_before_the_answer() -> None:
    async with open_local_discord() as (local, rest):
        interaction = await invoke_command(local, rest)
        status, answer = await rest.call_webhook("POST", interaction, "", json={"content": "early"})
        assert (status, answer["code"]) == (404, 10015)


async def test_another_application_or_a_wrong_token_opens_nothing() -> None:
    async with open_local_discord() as (local, rest):
        interaction = await invoke_command(local, rest)
        await rest.send_callback(interaction, DEFER)
        status, answer = await rest("GET", f"/webhooks/1/{interaction.token}/messages/@original")
        assert (status, answer["code"]) == (404, 10015)
        status, answer = await rest("GET", f"/webhooks/{APPLICATION}/x/messages/@original")
        assert (status, answer["code"]) == (404, 10015)
        path = f"/interactions/{interaction.id}/x/callback"
        status, answer = await rest("POST", path, json=DEFER)
        assert (status, answer["code"]) == (404, 10062)


async def test_the_follow_up_right_after_a_deferral_fills_the_deferred_message() -> None:
    async with open_local_discord() as (local, rest):
        interaction = await invoke_command(local, rest)
        await rest.send_callback(interaction, {"type": 5, "data": {"flags": EPHEMERAL}})
        _, first = await rest.call_webhook("POST", interaction, "", json={"content": "here"})
        assert first["id"] == str(interaction.response_id)
        assert first["flags"] == EPHEMERAL
        _, second = await rest.call_webhook("POST", interaction, "", json={"content": "more"})
        assert second["id"] != first["id"]
        assert second["flags"] == 0


async def test_an_edit_ends_loading_and_cannot_change_visibility() -> None:
    async with open_local_discord() as (local, rest):
        interaction = await invoke_command(local, rest)
        await rest.send_callback(interaction, {"type": 5, "data": {"flags": EPHEMERAL}})
        ana, ben = local.guild.member("ana"), local.guild.member("ben")
        assert ana.sees()[0]["flags"] == EPHEMERAL | LOADING
        change = {"content": "done", "flags": 0}
        await rest.call_webhook("PATCH", interaction, "/messages/@original", json=change)
        assert ana.sees()[0]["flags"] == EPHEMERAL
        assert ben.sees() == []
        _, history = await rest("GET", f"/channels/{interaction.channel_id}/messages")
        assert history == []


async def test_a_public_follow_up_does_not_quote_the_ephemeral_answer() -> None:
    async with open_local_discord() as (local, rest):
        interaction = await invoke_command(local, rest)
        secret = {"content": "secret", "flags": EPHEMERAL}
        await rest.send_callback(interaction, {"type": 4, "data": secret})
        await rest.call_webhook("POST", interaction, "", json={"content": "public"})
        (seen,) = local.guild.member("ben").sees()
        assert seen["content"] == "public"
        assert "secret" not in json.dumps(seen)


async def test_the_original_can_be_deleted_and_is_then_unknown() -> None:
    async with open_local_discord() as (local, rest):
        interaction = await invoke_command(local, rest)
        await rest.send_callback(interaction, {"type": 4, "data": {"content": "hello"}})
        status, answer = await rest.call_webhook("DELETE", interaction, "/messages/@original")
        assert (status, answer) == (204, None)
        status, answer = await rest.call_webhook("GET", interaction, "/messages/@original")
        assert (status, answer["code"]) == (404, 10008)


async def test_an_answer_of_the_wrong_type_is_refused_and_a_right_one_still_taken() -> None:
    async with open_local_discord() as (local, rest):
        interaction = await invoke_command(local, rest)
        for wrong in (None, "5", True, 1, 2, 6, 7, 8, 99):
            status, answer = await rest.send_callback(interaction, {"type": wrong})
            assert (status, answer["code"]) == (400, 50035), wrong
        status, answer = await rest.send_callback(interaction, {"type": 4, "data": {"content": ""}})
        assert (status, answer["code"]) == (400, 50006)
        status, answer = await rest.send_callback(
            interaction, {"type": 4, "data": {"content": "x" * 2001}}
        )
        assert answer["errors"]["data"]["content"]["_errors"][0]["code"] == "BASE_TYPE_MAX_LENGTH"
        status, _ = await rest.send_callback(interaction, {"type": 4, "data": {"content": "ok"}})
        assert status == 200


async def test_a_file_above_the_limit_is_refused_as_too_large() -> None:
    async with open_local_discord() as (local, rest):
        local.state.world.attachment_limit = 1000
        interaction = await invoke_command(local, rest)
        await rest.send_callback(interaction, DEFER)
        form = build_form("{}", ("a.bin", b"x" * 1001))
        status, answer = await rest.call_webhook(
            "PATCH", interaction, "/messages/@original", data=form
        )
        assert (status, answer["code"]) == (413, 40005)


async def test_a_patch_keeps_only_the_attachments_it_lists() -> None:
    async with open_local_discord() as (local, rest):
        interaction = await invoke_command(local, rest)
        await rest.send_callback(interaction, DEFER)

        async def patch(payload: dict[str, Any], *files: tuple[str, bytes]) -> list[Any]:
            form = build_form(json.dumps(payload), *files)
            _, answer = await rest.call_webhook(
                "PATCH", interaction, "/messages/@original", data=form
            )
            names: list[Any] = [each["filename"] for each in answer["attachments"]]
            kept[:] = [each["id"] for each in answer["attachments"]]
            return names

        kept: list[str] = []
        assert await patch({}, ("a.png", encode_picture()), ("b b.png", encode_picture())) == [
            "a.png",
            "b_b.png",
        ]
        assert await patch({"content": "same"}) == ["a.png", "b_b.png"]
        listed = [{"id": kept[1]}, {"id": "0", "filename": "c.png"}]
        assert await patch({"attachments": listed}, ("x", encode_picture())) == ["b_b.png", "c.png"]
        assert await patch({"attachments": []}) == []


async def test_layouts_exclude_content_and_stay_layouts() -> None:
    async with open_local_discord() as (local, rest):
        interaction = await invoke_command(local, rest)
        text = [{"type": 10, "content": "hi"}]
        both = {"flags": V2, "components": text, "content": "no"}
        status, answer = await rest.send_callback(interaction, {"type": 4, "data": both})
        assert status == 400
        assert "content" in answer["errors"]["data"]
        only = {"flags": V2, "components": text}
        status, _ = await rest.send_callback(interaction, {"type": 4, "data": only})
        assert status == 200
        status, answer = await rest.call_webhook(
            "PATCH", interaction, "/messages/@original", json={"content": "no", "flags": 0}
        )
        assert (status, answer["code"]) == (400, 50035)


async def test_the_callback_route_names_no_rate_limit_bucket() -> None:
    async with open_local_discord() as (local, rest):
        interaction = await invoke_command(local, rest)
        url = f"{local.api_base}/interactions/{interaction.id}/{interaction.token}/callback"
        async with rest.http.post(url, json=DEFER) as response:
            assert response.status == 204
            assert not [name for name in response.headers if name.startswith("X-RateLimit")]
        headers = {"Authorization": f"Bot {local.token}"}
        async with rest.http.get(f"{local.api_base}/users/@me", headers=headers) as response:
            assert response.headers["X-RateLimit-Bucket"]
            assert response.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({}, "BASE_TYPE_REQUIRED"),
        ({"pixels": 0}, "NUMBER_TYPE_MIN"),
        ({"pixels": 2049}, "NUMBER_TYPE_MAX"),
        ({"pixels": "many"}, "NUMBER_TYPE_COERCE"),
        ({"pixels": True}, "NUMBER_TYPE_COERCE"),
        ({"nothing": 1}, "BASE_TYPE_CHOICES"),
        ({"image": "77"}, "BASE_TYPE_CHOICES"),
    ],
)
async def test_options_outside_what_the_command_declares_never_reach_the_bot(
    options: dict[str, Any], code: str
) -> None:
    async with open_local_discord() as (local, rest):
        await rest.register_command()
        heard: list[Event] = []
        local.state.subscribe(heard.append)
        with pytest.raises(DiscordError) as refused:
            await local.guild.member("ana").slash("expand", **options)
        assert refused.value.kind.code == 50035
        assert code in json.dumps(refused.value.errors)
        assert heard == []


async def test_a_command_for_moderators_is_refused_to_members() -> None:
    manage_guild = str(1 << 5)
    async with open_local_discord() as (local, rest):
        await rest.register_command(options=[], default_member_permissions=manage_guild)
        with pytest.raises(DiscordError, match="50013"):
            await local.guild.member("ana").slash("expand")
        await local.guild.member("mia").slash("expand")
        await local.guild.member("olu").slash("expand")


async def test_subcommands_arrive_nested() -> None:
    leaf = {"type": 4, "name": "days", "description": "d", "required": True}
    sub = {"type": 1, "name": "usage", "description": "d", "options": [leaf]}
    group = {"type": 2, "name": "show", "description": "d", "options": [sub]}
    async with open_local_discord() as (local, rest):
        await rest.register_command(name="settings", options=[group])
        call = await local.guild.member("ana").slash("settings show usage", days=3)
        outer = call.interaction.data["options"][0]
        assert (outer["name"], outer["type"]) == ("show", 2)
        inner = outer["options"][0]
        assert inner["options"] == [{"name": "days", "type": 4, "value": 3}]
        with pytest.raises(DiscordError):
            await local.guild.member("ana").slash("settings show nothing")


async def test_a_call_waits_for_a_version_and_gives_up_in_time() -> None:
    async with open_local_discord() as (local, rest):
        await rest.register_command(options=[])
        call = await local.guild.member("ana").slash("expand")
        with pytest.raises(TimeoutError):
            await call.acknowledged(timeout=0.01)
        await rest.send_callback(call.interaction, {"type": 4, "data": {"content": "one"}})
        waiting = asyncio.create_task(call.message(lambda each: each["content"] == "two"))
        for text in ("almost", "two", "three"):
            change = {"content": text}
            await rest.call_webhook("PATCH", call.interaction, "/messages/@original", json=change)
        assert (await waiting)["content"] == "two"
        with pytest.raises(TimeoutError):
            await call.message(lambda _: False, timeout=0.01)
