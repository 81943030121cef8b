"""The page's routes for messages: what people may do, and what they may not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.discord.page_client import Json, PageClient


async def send_request(
    page: PageClient, method: str, path: str, who: str, **how: Any
) -> tuple[int, Any]:
    url = f"{page.origin}/_page/{path}{'&' if '?' in path else '?'}user={page.user_id(who)}"
    response = await page.http.request(method, url, **how)
    return response.status, await response.json() if await response.read() else None


def post_message(page: PageClient, who: str = "ben", **how: Any) -> Json:
    return page.discord.guild.member(who).say("hello", **how)


async def test_a_reaction_names_who_reacted_and_whether_oneself_did(page: PageClient) -> None:
    message = post_message(page)
    path = f"messages/{message['id']}/reactions/%F0%9F%94%A5"
    assert await send_request(page, "PUT", path, "ana") == (204, None)
    for who, me in (("ana", True), ("ben", False)):
        async with page.open_viewer(who) as (_, snapshot):
            (reaction,) = snapshot["messages"][page.studio][0]["reactions"]
            assert (reaction["me"], reaction["users"]) == (me, [page.user_id("ana")])
    assert await send_request(page, "DELETE", path, "ana") == (204, None)
    status, body = await send_request(page, "PUT", f"messages/{message['id']}/reactions/ab", "ana")
    assert (status // 100, body["code"]) == (4, 10014)


async def test_only_the_author_or_a_moderator_deletes(page: PageClient) -> None:
    first, second = post_message(page), post_message(page)
    assert (await send_request(page, "DELETE", f"messages/{first['id']}", "ana"))[0] == 403
    assert (await send_request(page, "DELETE", f"messages/{first['id']}", "ben"))[0] == 204
    assert (await send_request(page, "DELETE", f"messages/{second['id']}", "mia"))[0] == 204
    assert page.discord.guild.messages() == []


async def test_a_message_of_a_hidden_channel_is_not_there(page: PageClient) -> None:
    message = post_message(page, "mia", channel="moderators")
    for method, tail in (("DELETE", ""), ("PUT", "/reactions/%F0%9F%94%A5"), ("POST", "/thread")):
        path = f"messages/{message['id']}{tail}"
        status, body = await send_request(page, method, path, "ana", json={"name": "x"})
        assert (status, body["code"]) == (404, 10008)


async def test_older_messages_come_in_pages_oldest_first(page: PageClient) -> None:
    messages = [post_message(page) for _ in range(130)]
    path = f"channels/{page.studio}/messages?before={messages[120]['id']}"
    status, found = await send_request(page, "GET", path, "ana")
    assert status == 200
    assert [each["id"] for each in found] == [each["id"] for each in messages[20:120]]


async def test_a_thread_is_started_once_and_sent_to_everybody(page: PageClient) -> None:
    message = post_message(page)
    path = f"messages/{message['id']}/thread"
    async with page.open_viewer("ana") as (ana, _):
        status, thread = await send_request(page, "POST", path, "ben", json={"name": " Lakes "})
        assert (status, thread["name"], thread["id"]) == (201, "Lakes", message["id"])
        assert (await ana.wait_for_frame("THREAD_CREATE"))["id"] == message["id"]
    status, body = await send_request(page, "POST", path, "ana", json={"name": "again"})
    assert (status, body["code"]) == (400, 160004)
    async with page.open_viewer("ana") as (_, snapshot):
        assert snapshot["messages"][page.studio][0]["thread"]["name"] == "Lakes"


@pytest.mark.parametrize("name", [None, "", "   ", "x" * 101, 7, []])
async def test_a_thread_needs_a_name(page: PageClient, name: Any) -> None:
    path = f"messages/{post_message(page)['id']}/thread"
    status, body = await send_request(page, "POST", path, "ana", json={"name": name})
    assert (status, body["code"]) == (400, 50035)


async def test_typing_is_sent_to_those_who_see_the_channel(page: PageClient) -> None:
    async with page.open_viewer("ana") as (ana, _):
        assert await send_request(page, "POST", f"channels/{page.studio}/typing", "ben") == (
            204,
            None,
        )
        assert (await ana.wait_for_frame("TYPING_START"))["user_id"] == page.user_id("ben")


async def test_the_panel_shows_what_the_bots_process_reported_and_no_provider(
    page: PageClient,
) -> None:
    books = {"totals": {"jobs": 1, "spent": 50_000, "held": 0}}
    async with page.open_viewer("ana") as (ana, _):
        guild = str(page.discord.guild.id)
        await page.http.post(f"{page.origin}/_control/books", json={guild: books})
        await ana.wait_for_frame("BOOKS")
    status, shown = await send_request(page, "GET", f"panel?guild={guild}", "ana")
    assert (status, shown["books"], shown["provider"]) == (200, books, None)


async def test_the_panel_plans_faults_and_turns_the_clock(page: PageClient) -> None:
    fault = {"service": "discord", "preset": "never"}
    assert await send_request(page, "POST", "panel/fault", "ana", json=fault) == (204, None)
    _, shown = await send_request(page, "GET", "panel", "ana")
    assert shown["discord"]["planned"] == [{"kind": "lose", "times": 1}]
    await send_request(page, "POST", "panel/clear", "ana", json={"service": "discord"})
    before = page.discord.clock.now()
    assert await send_request(page, "POST", "panel/clock", "ana", json={"seconds": 3600}) == (
        204,
        None,
    )
    assert page.discord.clock.now() - before >= 3600
    _, shown = await send_request(page, "GET", "panel", "ana")
    assert shown["discord"]["planned"] == []


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("fault", {}),
        ("fault", {"service": "discord", "preset": "nothing"}),
        ("fault", {"service": [], "preset": {}}),
        ("clear", {"service": "weather"}),
        ("clock", {}),
        ("clock", {"seconds": -1}),
        ("clock", {"seconds": True}),
        ("clock", {"seconds": 1e300}),
        ("clock", {"seconds": "1"}),
    ],
)
async def test_no_malformed_request_of_the_panel_gets_more_than_a_refusal(
    page: PageClient, action: str, body: Json
) -> None:
    status, answer = await send_request(page, "POST", f"panel/{action}", "ana", json=body)
    assert (status, answer["code"]) == (400, 50035)
