import json
from typing import Any

import aiohttp
import pytest

from tests.support.discord.page_client import Json, PageClient, build_expand_data


async def test_a_command_with_a_picture_reaches_the_bot_at_the_gateway(page: PageClient) -> None:
    url = page.discord.gateway_url
    async with page.http.ws_connect(url) as bot, page.open_viewer("ana") as (ana, _):
        assert json.loads(await bot.receive_str())["op"] == 10
        identify = {"token": page.discord.token, "intents": 1, "properties": {}}
        await bot.send_json({"op": 2, "d": identify})
        await ana.wait_for_frame("BOT_STATUS", lambda d: d["online"])
        status, _ = await ana.invoke_command(build_expand_data("lake.png"), {"lake.png": b"12345"})
        assert status == 204
        event: Json = {}
        while event.get("t") != "INTERACTION_CREATE":
            event = json.loads(await bot.receive_str(timeout=5))
        data = event["d"]["data"]
        (attachment,) = data["resolved"]["attachments"].values()
        assert (attachment["filename"], attachment["size"]) == ("lake.png", 5)
        assert data["options"][1] == {"name": "pixels", "type": 4, "value": 256}
        assert event["d"]["member"]["user"]["id"] == ana.id
        response = await page.http.get(attachment["url"])
        assert await response.read() == b"12345"


async def test_the_invoker_learns_by_nonce_how_a_command_goes(page: PageClient) -> None:
    async with page.open_viewer("ana") as (ana, _):
        await ana.invoke_command(build_expand_data(), {"a.png": b"x"})
        assert (await ana.wait_for_frame("INTERACTION_STATE"))["nonce"] == "7001"


async def test_a_wrong_option_is_named_where_it_stands(page: PageClient) -> None:
    async with page.open_viewer("ana") as (ana, _):
        status, body = await ana.invoke_command(build_expand_data(pixels=4096), {"a.png": b"x"})
    assert (status, body["code"]) == (400, 50035)
    assert "2048" in body["errors"]["data"]["options"]["1"]["value"]["_errors"][0]["message"]


async def test_a_file_over_the_limit_is_refused_as_too_large(page: PageClient) -> None:
    page.discord.state.world.attachment_limit = 1000
    async with page.open_viewer("ana") as (ana, _):
        status, body = await ana.invoke_command(build_expand_data(), {"a.png": b"x" * 1001})
    assert (status, body["code"]) == (413, 40005)


async def test_a_member_cannot_use_the_operators_command(page: PageClient) -> None:
    async with page.open_viewer("ana") as (ana, _):
        status, body = await ana.invoke_command({"name": "operator", "type": 1, "options": []})
    assert (status, body["code"]) == (403, 50013)


async def test_a_member_cannot_write_where_they_cannot_read(page: PageClient) -> None:
    moderators = str(page.discord.guild.channel_id("moderators"))
    body = {"channel_id": moderators, "content": "hi"}
    response = await page.post_action("messages", page.user_id("ana"), json=body)
    assert (response.status, (await response.json())["code"]) == (403, 50001)


async def test_pressing_a_button_that_is_not_there_is_refused(page: PageClient) -> None:
    data = {"component_type": 2, "custom_id": "x"}
    payload = {"type": 3, "channel_id": page.studio, "message_id": "1", "data": data}
    status, body = await page.send_interaction(page.user_id("ana"), payload)
    assert (status, body["code"]) == (404, 10008)


def _build_broken_payloads(studio: str) -> list[Any]:
    good = {"type": 2, "channel_id": studio, "nonce": "1", "data": build_expand_data()}
    texts: list[Any] = [None, [], "text", 7, {}, {"type": 2}, {"type": True}, {"type": []}]
    swaps: dict[str, list[Any]] = {
        "type": ["2", 99, 2.5, {}],
        "channel_id": [None, "x", "1", [], -1, 1.5, True],
        "nonce": ["9" * 26, [], {}],
        "data": [None, [], "x", {}, {"name": 3}, {"name": []}, {"name": "nothing"}],
    }
    texts += [good | {key: value} for key, values in swaps.items() for value in values]
    option_lists: list[Any] = [
        "x",
        {},
        [1],
        [None],
        [{"name": []}],
        [{"name": "image", "value": []}],
    ]
    numbers: list[Any] = ["1", None, {}, 1e300, True]
    option_lists += [[{"name": "pixels", "value": number}] for number in numbers]
    texts += [good | {"data": build_expand_data() | {"options": given}} for given in option_lists]
    attachments: list[Any] = ["x", {}, [1], [{}], [{"id": "0"}] * 11, [{"id": "5"}], [{"id": []}]]
    texts += [
        good | {"data": build_expand_data() | {"attachments": given}} for given in attachments
    ]
    return texts


async def test_no_malformed_interaction_gets_more_than_a_refusal(page: PageClient) -> None:
    for payload in _build_broken_payloads(page.studio):
        status, body = await page.send_interaction(page.user_id("ana"), payload)
        assert 400 <= status < 500, payload
        assert set(body) >= {"code", "message"}, payload


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Type": "application/json"}, b"{"),
        ({"Content-Type": "application/json"}, b"[" * 100_000),
        ({"Content-Type": "application/json"}, b'{"type": NaN}'),
        ({"Content-Type": "application/json"}, b"\xff\xfe"),
        ({"Content-Type": "application/json"}, b""),
        ({"Content-Type": "text/plain"}, b"hello"),
        ({"Content-Type": "multipart/form-data"}, b"no boundary"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x\r\nno head"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x\r\n\r\nbody\r\n--x--"),
    ],
)
async def test_no_malformed_body_gets_more_than_a_refusal(
    page: PageClient, headers: dict[str, str], body: bytes
) -> None:
    for action in ("interactions", "messages"):
        response = await page.post_action(action, page.user_id("ana"), data=body, headers=headers)
        assert 400 <= response.status < 500
        assert set(await response.json()) >= {"code", "message"}


@pytest.mark.parametrize("content", [None, "", "   ", 7.5, [], {}, "x" * 2001, True])
async def test_no_malformed_message_is_posted(page: PageClient, content: Any) -> None:
    response = await page.post_action(
        "messages", page.user_id("ana"), json={"channel_id": page.studio, "content": content}
    )
    if response.status == 204:
        assert page.discord.guild.messages()[-1]["content"] == str(content)
    else:
        assert response.status == 400


async def test_another_origin_can_neither_watch_nor_act(page: PageClient) -> None:
    ana = page.user_id("ana")
    for origin in ("http://evil.example", "null", "https://127.0.0.1", "http://localhost:1"):
        headers = {"Origin": origin}
        body = {"channel_id": page.studio, "content": "hi"}
        response = await page.post_action("messages", ana, json=body, headers=headers)
        assert response.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await page.http.ws_connect(f"{page.origin}/_page/ws?user={ana}", headers=headers)
    assert page.discord.guild.messages() == []


async def test_a_foreign_name_for_this_machine_is_not_served(page: PageClient) -> None:
    for path in ("/", "/web/style.css", "/_page/ws"):
        headers = {"Host": "rebound.example:80"}
        response = await page.http.get(page.origin + path, headers=headers)
        assert response.status == 403


async def test_the_pages_own_origin_may_act(page: PageClient) -> None:
    body = {"channel_id": page.studio, "content": "hi"}
    headers = {"Origin": page.origin}
    response = await page.post_action("messages", page.user_id("ana"), json=body, headers=headers)
    assert response.status == 204
