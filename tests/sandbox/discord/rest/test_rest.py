"""Channels, commands and the front door, by plain requests."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from sandbox.control.clock import VirtualClock
from sandbox.discord.server import LocalDiscord
from tests.support.discord.server_fixture import (
    APPLICATION,
    MODERATORS,
    STUDIO,
    V2,
    build_form,
    encode_picture,
    open_local_discord,
)

MESSAGES = f"/channels/{STUDIO}/messages"
TEXT = {"type": 10, "content": "hi"}
OPTION = {"type": 3, "name": "a", "description": "x"}
BUTTON = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}


def build_row(*below: Any) -> dict[str, Any]:
    return {"type": 1, "components": list(below)}


async def test_only_loopback_is_bound() -> None:
    for host in ("0.0.0.0", "192.0.2.1", "example.org", ""):  # noqa: S104 - to be refused
        with pytest.raises(ValueError, match="loopback"):
            async with LocalDiscord.open(host=host):
                pass


async def test_a_token_that_may_be_a_real_one_is_refused_and_not_repeated() -> None:
    real = "MTAxMjM0NTY3ODkwMTIzNDU2Nw.GabcDE.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    with pytest.raises(ValueError, match="no real credentials") as refused:
        async with LocalDiscord.open(token=real):
            pass
    assert real not in str(refused.value)


async def test_a_message_is_found_in_the_history_by_its_nonce() -> None:
    async with open_local_discord() as (local, rest):
        await rest("POST", MESSAGES, json={"content": "x", "nonce": "job-7"})
        for number in range(3):
            local.guild.member("ana").say(str(number))
        _, history = await rest("GET", f"{MESSAGES}?limit=100")
        assert [each["content"] for each in history if each.get("nonce") == "job-7"] == ["x"]


async def test_an_archived_thread_wakes_by_a_message_and_until_then_takes_no_change() -> None:
    async with open_local_discord() as (_, rest):
        own = {"name": "t", "type": 11}
        _, thread = await rest("POST", f"/channels/{STUDIO}/threads", json=own)
        path = f"/channels/{thread['id']}"
        _, said = await rest("POST", f"{path}/messages", json={"content": "x"})
        _, asleep = await rest("PATCH", path, json={"archived": True})
        assert asleep["thread_metadata"]["archived"]
        change = {"json": {"content": "y"}}
        one = f"{path}/messages/{said['id']}"
        assert (await rest("PATCH", one, **change))[1]["code"] == 50083
        assert (await rest("PUT", f"{one}/reactions/%F0%9F%8E%A8/@me"))[1]["code"] == 50083
        assert (await rest("POST", f"{path}/messages", **change))[0] == 200
        assert not (await rest("GET", path))[1]["thread_metadata"]["archived"]
        assert (await rest("PATCH", one, **change))[0] == 200


async def test_history_goes_around_a_message() -> None:
    async with open_local_discord() as (_, rest):
        ids = [(await rest("POST", MESSAGES, json={"content": str(n)}))[1]["id"] for n in range(7)]
        _, history = await rest("GET", f"{MESSAGES}?around={ids[3]}&limit=3")
        assert [each["content"] for each in history] == ["4", "3", "2"]


async def test_old_or_too_few_messages_are_not_deleted_in_bulk() -> None:
    clock = VirtualClock()
    async with open_local_discord(clock) as (local, rest):
        ids = [local.guild.member("ana").say(str(n))["id"] for n in range(4)]
        path = f"{MESSAGES}/bulk-delete"
        assert (await rest("POST", path, json={"messages": ids[:1]}))[1]["code"] == 50016
        assert (await rest("POST", path, json={"messages": ids[:2]}))[0] == 204
        clock.advance(15 * 24 * 3600)
        assert (await rest("POST", path, json={"messages": ids[2:]}))[1]["code"] == 50034
        assert [each["content"] for each in local.guild.messages()] == ["2", "3"]


async def test_pins_are_listed_and_announced() -> None:
    async with open_local_discord() as (local, rest):
        said = local.guild.member("ana").say("keep this")
        heard: list[str] = []
        local.state.subscribe(lambda event: heard.append(event.name))
        path = f"/channels/{STUDIO}/messages/pins/{said['id']}"
        assert (await rest("PUT", path))[0] == 204
        assert (await rest("PUT", path))[0] == 204
        assert heard == [
            *("MESSAGE_UPDATE", "CHANNEL_PINS_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"),
            "MESSAGE_CREATE",
        ]
        _, page = await rest("GET", f"/channels/{STUDIO}/messages/pins")
        assert [each["message"]["id"] for each in page["items"]] == [said["id"]]


@pytest.mark.parametrize("path", ["/api/v10/users/@me", "/_control/health", "/gateway", "/cdn/x"])
async def test_foreign_hosts_and_origins_are_refused(path: str) -> None:
    async with open_local_discord() as (local, rest):
        for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
            async with rest.http.get(local.origin + path, headers=headers) as response:
                assert response.status == 403


async def test_a_wrong_token_gets_discords_401() -> None:
    async with open_local_discord() as (_, rest):
        for value in ("Bot wrong", "", "Bearer x"):
            status, answer = await rest("GET", "/users/@me", headers={"Authorization": value})
            assert (status, answer) == (401, {"message": "401: Unauthorized", "code": 0})


async def test_unknown_routes_and_methods_get_discords_shape() -> None:
    async with open_local_discord() as (_, rest):
        assert await rest("GET", "/nothing") == (404, {"message": "404: Not Found", "code": 0})
        status, answer = await rest("PUT", "/users/@me")
        assert (status, answer["message"]) == (405, "405: Method Not Allowed")


@pytest.mark.parametrize("body", [b"{", b"[]", b"3", b"\xff", b"[" * 5000, b'{"a":NaN}'])
async def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    async with open_local_discord() as (_, rest):
        headers = {"Content-Type": "application/json"}
        status, answer = await rest("POST", MESSAGES, data=body, headers=headers)
        assert (status, answer["code"]) == (400, 50109)


@pytest.mark.parametrize(
    ("payload", "code", "at"),
    [
        ({}, 50006, None),
        ({"content": "   "}, 50006, None),
        ({"content": "x" * 2001}, 50035, "content"),
        ({"content": ["x"]}, 50035, "content"),
        ({"content": "x", "flags": "1"}, 50035, "flags"),
        ({"content": "x", "nonce": "n" * 26}, 50035, "nonce"),
        ({"embeds": [{}] * 11}, 50035, "embeds"),
        ({"embeds": ["x"]}, 50035, "embeds"),
        ({"embeds": [{"title": "x" * 257}]}, 50035, "embeds"),
        ({"embeds": [{"description": "x" * 4096}] * 2}, 50035, "embeds"),
        ({"embeds": [{"fields": [{"name": "x"}]}]}, 50035, "embeds"),
        ({"embeds": [{"image": {"url": "attachment://no.png"}}]}, 50035, "embeds"),
        ({"embeds": [{"image": "x"}]}, 50035, "embeds"),
        ({"embeds": [{"image": {"url": 7}}]}, 50035, "embeds"),
        ({"embeds": [{"footer": {"text": {}}}]}, 50035, "embeds"),
        ({"content": "x", "attachments": [{"id": "0"}]}, 50035, "attachments"),
        ({"content": "x", "attachments": "0"}, 50035, "attachments"),
        ({"content": "x", "components": [BUTTON]}, 50035, "components"),
        ({"content": "x", "components": [TEXT]}, 50035, "components"),
        ({"content": "x", "components": [build_row()]}, 50035, "components"),
        ({"content": "x", "components": [build_row(BUTTON, BUTTON)]}, 50035, "components"),
        ({"content": "x", "components": [build_row({"type": 2, "style": 9})]}, 50035, "components"),
        ({"content": "x", "components": [build_row(BUTTON)] * 6}, 50035, "components"),
        ({"content": "x", "components": "no"}, 50035, "components"),
        ({"content": "x", "components": [None]}, 50035, "components"),
        ({"content": "x", "components": [build_row({"type": [2]})]}, 50035, "components"),
        ({"flags": V2, "components": []}, 50006, None),
        ({"flags": V2, "components": [TEXT] * 41}, 50035, "components"),
        ({"flags": V2, "components": [TEXT | {"content": "x" * 3000}] * 2}, 50035, "components"),
        ({"flags": V2, "components": [TEXT | {"id": 3}, TEXT | {"id": 3}]}, 50035, "components"),
        ({"flags": V2, "components": [{"type": 9, "components": [TEXT]}]}, 50035, "components"),
        ({"flags": V2, "components": [TEXT], "content": "x"}, 50035, "content"),
        ({"flags": V2, "components": [TEXT], "embeds": [{"title": "x"}]}, 50035, "embeds"),
        (
            {"flags": V2, "components": [{"type": 13, "file": {"url": "https://a.example/x"}}]},
            50035,
            "components",
        ),
        (
            {
                "flags": V2,
                "components": [{"type": 12, "items": [{"media": {"url": "attachment://no"}}]}],
            },
            50035,
            "components",
        ),
        ({"content": "x", "message_reference": {"message_id": "1"}}, 50035, "message_reference"),
    ],
)
async def test_a_message_outside_the_rules_is_refused_with_its_field(
    payload: dict[str, Any], code: int, at: str | None
) -> None:
    async with open_local_discord() as (local, rest):
        status, answer = await rest("POST", MESSAGES, json=payload)
        assert (status, answer["code"]) == (400, code)
        assert list(answer.get("errors", {})) == ([at] if at else [])
        assert local.guild.messages() == []


async def test_an_enforced_nonce_gives_the_first_message_back_for_some_minutes() -> None:
    clock = VirtualClock()
    async with open_local_discord(clock) as (local, rest):
        body = {"content": "x", "nonce": "job-7", "enforce_nonce": True}
        _, first = await rest("POST", MESSAGES, json=body)
        clock.advance(200)
        _, again = await rest("POST", MESSAGES, json=body | {"content": "y"})
        assert (again["id"], again["content"]) == (first["id"], "x")
        _, other = await rest("POST", MESSAGES, json=body | {"nonce": "job-8"})
        assert other["id"] != first["id"]
        _, loose = await rest("POST", MESSAGES, json=body | {"enforce_nonce": False})
        assert loose["id"] != first["id"]
        clock.advance(301)
        _, late = await rest("POST", MESSAGES, json=body)
        assert late["id"] not in {first["id"], loose["id"]}
        assert len(local.guild.messages()) == 4


async def test_history_pages_back_and_forward() -> None:
    async with open_local_discord() as (_, rest):
        ids = [(await rest("POST", MESSAGES, json={"content": str(n)}))[1]["id"] for n in range(5)]

        async def page(query: str) -> list[str]:
            return [each["content"] for each in (await rest("GET", f"{MESSAGES}?{query}"))[1]]

        assert await page("limit=2") == ["4", "3"]
        assert await page(f"before={ids[3]}&limit=2") == ["2", "1"]
        assert await page(f"after={ids[1]}&limit=2") == ["3", "2"]
        for wrong in ("0", "101", "x", ""):
            assert (await rest("GET", f"{MESSAGES}?limit={wrong}"))[0] == 400


async def test_only_the_author_edits_and_a_hidden_channel_stays_hidden_to_members() -> None:
    async with open_local_discord() as (local, rest):
        said = local.guild.member("ana").say("mine")
        status, answer = await rest("PATCH", f"{MESSAGES}/{said['id']}", json={"content": "x"})
        assert (status, answer["code"]) == (403, 50005)
        status, _ = await rest("DELETE", f"{MESSAGES}/{said['id']}")
        assert status == 204
        heard = []
        local.state.subscribe(lambda event: heard.append(event.audience))
        await rest("POST", f"/channels/{MODERATORS}/messages", json={"content": "x"})
        (audience,) = heard
        assert audience is not None
        assert local.guild.member("mia").id in audience
        assert local.guild.member("ana").id not in audience


async def test_links_are_signed_and_end_after_a_day() -> None:
    clock = VirtualClock()
    async with open_local_discord(clock) as (_, rest):
        form = build_form(json.dumps({"content": "x"}), ("a.png", encode_picture()))
        _, message = await rest("POST", MESSAGES, data=form)
        url = message["attachments"][0]["url"]

        async def fetch(address: str) -> tuple[int, str, bytes]:
            async with rest.http.get(address) as response:
                return response.status, response.content_type, await response.read()

        assert await fetch(url) == (200, "image/png", encode_picture())
        assert (await fetch(url.partition("?")[0]))[0] == 404
        assert (await fetch(url.replace("&hm=", "&hm=0")))[0] == 404
        clock.advance(25 * 3600)
        assert (await fetch(url))[0] == 404
        _, fresh = await rest("GET", f"{MESSAGES}/{message['id']}")
        assert (await fetch(fresh["attachments"][0]["url"]))[0] == 200


async def test_a_command_keeps_its_id_while_it_keeps_its_name() -> None:
    path = f"/applications/{APPLICATION}/commands"
    command = {"name": "expand", "description": "Extend"}
    async with open_local_discord() as (_, rest):
        _, (first,) = await rest("PUT", path, json=[command])
        _, (same,) = await rest("PUT", path, json=[command])
        assert same == first
        _, (changed,) = await rest("PUT", path, json=[command | {"description": "Wider"}])
        assert changed["id"] == first["id"]
        assert changed["version"] != first["version"]
        renamed = {"name": "wider"}
        _, patched = await rest("PATCH", f"{path}/{first['id']}", json=renamed)
        assert (patched["id"], patched["name"]) == (first["id"], "wider")
        assert (await rest("DELETE", f"{path}/{first['id']}"))[0] == 204
        assert (await rest("GET", path))[1] == []


@pytest.mark.parametrize(
    "command",
    [
        {"name": "Expand", "description": "x"},
        {"name": "two words", "description": "x"},
        {"name": "x" * 33, "description": "x"},
        {"name": "x"},
        {"name": "x", "description": "x" * 101},
        {"name": "x", "description": "x", "type": 9},
        {"name": "x", "description": "x", "options": [{"type": 12}]},
        {"name": "x", "description": "x", "options": {}},
        {
            "name": "x",
            "description": "x",
            "options": [{"type": 3, "name": "a", "description": "x"}] * 2,
        },
        "x",
    ],
)
async def test_a_command_outside_the_rules_is_refused(command: Any) -> None:
    async with open_local_discord() as (_, rest):
        path = f"/applications/{APPLICATION}/commands"
        status, answer = await rest("PUT", path, json=[command])
        assert (status, answer["code"]) == (400, 50035)
        assert list(answer["errors"]) == ["0"]


async def test_components_without_an_id_get_the_free_numbers() -> None:
    container = {"type": 17, "components": [TEXT, TEXT | {"id": 1}, TEXT]}
    async with open_local_discord() as (_, rest):
        body = {"flags": V2, "components": [container, TEXT | {"id": 3}]}
        _, answer = await rest("POST", MESSAGES, json=body)
        first, last = answer["components"]
        assert [first["id"], *(each["id"] for each in first["components"]), last["id"]] == [
            *(2, 4, 1, 5, 3)
        ]


async def test_a_reset_takes_threads_and_what_is_in_them() -> None:
    async with open_local_discord() as (local, rest):
        _, message = await rest("POST", MESSAGES, json={"content": "x"})
        path = f"{MESSAGES}/{message['id']}/threads"
        status, thread = await rest("POST", path, json={"name": "Talk"})
        assert (status, thread["parent_id"]) == (201, STUDIO)
        assert (await rest("POST", path, json={"name": "Talk"}))[1]["code"] == 160004
        await rest("POST", f"/channels/{thread['id']}/messages", json={"content": "in it"})
        local.state.reset()
        assert (await rest("GET", f"/channels/{thread['id']}"))[0] == 404
        assert (await rest("GET", MESSAGES))[1] == []


async def test_a_broken_multipart_body_is_refused() -> None:
    async with open_local_discord() as (_, rest):
        for kind in ("multipart/form-data", "multipart/form-data; boundary=b"):
            body = b"--b\r\nnothing that ends a head\r\n--b--"
            status, _ = await rest("POST", MESSAGES, data=body, headers={"Content-Type": kind})
            assert status == 400
        form = aiohttp.FormData({"payload_json": "[]", "x": "y"})
        form.add_field("z", b"", filename="z")
        assert (await rest("POST", MESSAGES, data=form))[0] == 400
