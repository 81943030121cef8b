"""Valid bodies with one value replaced by nonsense: refused in Discord's shape, never a 500."""

from __future__ import annotations

import copy
import random
from typing import TYPE_CHECKING, Any

from tests.support.discord.server_fixture import (
    APPLICATION,
    STUDIO,
    V2,
    RestClient,
    open_local_discord,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

NONSENSE: tuple[Any, ...] = (
    None, True, -1, 0, 3, 2**70, 1.5, "", "x", "x" * 5000, "\ud800", "\x00", [], {}, [None], [[]],
    [{}], {"type": []}, {"id": {}}, "attachment://", "1", [1, "1"],
)  # fmt: skip

BUTTON = {"type": 2, "style": 1, "label": "Go", "custom_id": "go", "emoji": {"name": "x"}}
MENU = {"type": 3, "custom_id": "m", "options": [{"label": "a", "value": "b"}], "max_values": 1}
LAYOUT = {
    "flags": V2,
    "components": [
        {
            "type": 17,
            "id": 7,
            "accent_color": 5,
            "components": [
                {"type": 10, "content": "text"},
                {"type": 9, "components": [{"type": 10, "content": "t"}], "accessory": BUTTON},
                {"type": 12, "items": [{"media": {"url": "https://a.example/x"}, "spoiler": True}]},
                {"type": 14, "spacing": 2},
                {"type": 1, "components": [MENU]},
            ],
        }
    ],
}
EMBED = {
    "title": "t",
    "color": 5,
    "timestamp": "2026-01-01T00:00:00Z",
    "url": "https://a.example",
    "footer": {"text": "f", "icon_url": "https://a.example/i"},
    "author": {"name": "a"},
    "image": {"url": "https://a.example/x"},
    "fields": [{"name": "n", "value": "v", "inline": True}],
}
PLAIN = {
    "content": "hello",
    "embeds": [EMBED],
    "components": [{"type": 1, "components": [BUTTON]}],
    "allowed_mentions": {"parse": ["users"], "users": []},
    "attachments": [],
    "flags": 4,
    "nonce": "n",
    "enforce_nonce": False,
    "message_reference": {"message_id": "1", "fail_if_not_exists": False},
}
OPTION = {
    "type": 4,
    "name": "pixels",
    "description": "d",
    "required": True,
    "choices": [{"name": "n", "value": 1}],
    "min_value": 1,
    "max_value": 9,
    "autocomplete": False,
    "channel_types": [0],
    "name_localizations": {"de": "x"},
}
SUB = {"type": 1, "name": "s", "description": "d", "options": [OPTION]}
COMMAND = {
    "name": "expand",
    "type": 1,
    "description": "d",
    "options": [{"type": 2, "name": "g", "description": "d", "options": [SUB]}],
    "default_member_permissions": "32",
    "contexts": [0],
    "integration_types": [0],
}
MODAL = {"type": 9, "data": {"custom_id": "c", "title": "t", "components": [{}]}}


def list_paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    keys = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in keys:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from list_paths(value, (*path, key))


def replace_value(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    body = copy.deepcopy(body)
    node = body
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return body


def build_cases(body: Any, share: float) -> Iterator[Any]:
    draw = random.Random(7)  # noqa: S311 - the same cases every time
    for path in list_paths(body):
        for value in NONSENSE:
            if draw.random() < share:
                yield replace_value(body, path, value)


async def assert_handled(rest: RestClient, method: str, path: str, body: Any) -> None:
    status, answer = await rest(method, path, json=body)
    assert status < 500, (method, path, body)
    if status >= 400:
        assert set(answer) >= {"message", "code"}


async def test_no_spoilt_message_is_a_server_error() -> None:
    async with open_local_discord() as (local, rest):
        _, first = await rest("POST", f"/channels/{STUDIO}/messages", json={"content": "x"})
        for body in (PLAIN, LAYOUT):
            for case in build_cases(body, 0.25):
                await assert_handled(rest, "POST", f"/channels/{STUDIO}/messages", case)
                path = f"/channels/{STUDIO}/messages/{first['id']}"
                await assert_handled(rest, "PATCH", path, case)
        local.guild.messages()


async def test_no_spoilt_command_is_a_server_error_or_breaks_an_invocation() -> None:
    async with open_local_discord() as (_, rest):
        for case in build_cases([COMMAND], 0.4):
            await assert_handled(rest, "PUT", f"/applications/{APPLICATION}/commands", case)
            control = f"{rest.local.control}/act"
            act = {"as": "olu", "do": "slash", "command": "expand g s", "options": {"pixels": 1}}
            async with rest.http.post(control, json=act) as response:
                assert response.status < 500, case


async def test_no_spoilt_answer_is_a_server_error() -> None:
    async with open_local_discord() as (local, rest):
        await rest.register_command(options=[])
        for body in ({"type": 4, "data": PLAIN}, {"type": 4, "data": LAYOUT}, MODAL):
            for case in build_cases(body, 0.1):
                interaction = (await local.guild.member("ana").slash("expand")).interaction
                path = f"/interactions/{interaction.id}/{interaction.token}/callback"
                await assert_handled(rest, "POST", path, case)


async def test_no_spoilt_address_is_a_server_error() -> None:
    routes = ("/channels/X", "/channels/X/messages", f"/channels/{STUDIO}/messages/X",
              f"/channels/{STUDIO}/messages?before=X", f"/channels/{STUDIO}/messages?limit=X",
              "/users/X", "/guilds/X", f"/applications/{APPLICATION}/commands/X",
              f"/webhooks/{APPLICATION}/X/messages/@original", "/guilds/X/members/X")  # fmt: skip
    async with open_local_discord() as (_, rest):
        for route in routes:
            for value in ("%00", "%ff", "9" * 3000, "-1", "%F0%9F%8E%A8", "1e3", "..", "%2e%2e"):
                await assert_handled(rest, "GET", route.replace("X", value), None)
