"""The page's routes for messages: what people may do, and what they may not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.page.bed import Json, Page


async def ask(page: Page, method: str, path: str, who: str, **how: Any) -> tuple[int, Any]:
    url = f"{page.origin}/_page/{path}{'&' if '?' in path else '?'}user={page.user_id(who)}"
    response = await page.http.request(method, url, **how)
    return response.status, await response.json() if await response.read() else None


def said(page: Page, who: str = "ben", **how: Any) -> Json:
    return page.discord.guild.member(who).say("hello", **how)


async def test_a_reaction_names_who_reacted_and_whether_oneself_did(page: Page) -> None:
    message = said(page)
    path = f"messages/{message['id']}/reactions/%F0%9F%94%A5"
    assert await ask(page, "PUT", path, "ana") == (204, None)
    for who, me in (("ana", True), ("ben", False)):
        async with page.viewer(who) as (_, snapshot):
            (reaction,) = snapshot["messages"][page.studio][0]["reactions"]
            assert (reaction["me"], reaction["users"]) == (me, [page.user_id("ana")])
    assert await ask(page, "DELETE", path, "ana") == (204, None)
    status, body = await ask(page, "PUT", f"messages/{message['id']}/reactions/ab", "ana")
    assert (status // 100, body["code"]) == (4, 10014)


async def test_only_the_author_or_a_moderator_deletes(page: Page) -> None:
    first, second = said(page), said(page)
    assert (await ask(page, "DELETE", f"messages/{first['id']}", "ana"))[0] == 403
    assert (await ask(page, "DELETE", f"messages/{first['id']}", "ben"))[0] == 204
    assert (await ask(page, "DELETE", f"messages/{second['id']}", "mia"))[0] == 204
    assert page.discord.guild.messages() == []


async def test_a_message_of_a_hidden_channel_is_not_there(page: Page) -> None:
    message = said(page, "mia", channel="moderators")
    for method, tail in (("DELETE", ""), ("PUT", "/reactions/%F0%9F%94%A5"), ("POST", "/thread")):
        path = f"messages/{message['id']}{tail}"
        status, body = await ask(page, method, path, "ana", json={"name": "x"})
        assert (status, body["code"]) == (404, 10008)


async def test_older_messages_come_in_pages_oldest_first(page: Page) -> None:
    messages = [said(page) for _ in range(130)]
    path = f"channels/{page.studio}/messages?before={messages[120]['id']}"
    status, found = await ask(page, "GET", path, "ana")
    assert status == 200
    assert [each["id"] for each in found] == [each["id"] for each in messages[20:120]]


async def test_a_thread_is_started_once_and_told_to_everybody(page: Page) -> None:
    message = said(page)
    path = f"messages/{message['id']}/thread"
    async with page.viewer("ana") as (ana, _):
        status, thread = await ask(page, "POST", path, "ben", json={"name": " Lakes "})
        assert (status, thread["name"], thread["id"]) == (201, "Lakes", message["id"])
        assert (await ana.frame("THREAD_CREATE"))["id"] == message["id"]
    status, body = await ask(page, "POST", path, "ana", json={"name": "again"})
    assert (status, body["code"]) == (400, 160004)
    async with page.viewer("ana") as (_, snapshot):
        assert snapshot["messages"][page.studio][0]["thread"]["name"] == "Lakes"


@pytest.mark.parametrize("name", [None, "", "   ", "x" * 101, 7, []])
async def test_a_thread_needs_a_name(page: Page, name: Any) -> None:
    path = f"messages/{said(page)['id']}/thread"
    status, body = await ask(page, "POST", path, "ana", json={"name": name})
    assert (status, body["code"]) == (400, 50035)


async def test_typing_is_told_to_those_who_see_the_channel(page: Page) -> None:
    async with page.viewer("ana") as (ana, _):
        assert await ask(page, "POST", f"channels/{page.studio}/typing", "ben") == (204, None)
        assert (await ana.frame("TYPING_START"))["user_id"] == page.user_id("ben")


async def test_the_panel_shows_what_the_bots_process_told_and_no_provider(page: Page) -> None:
    books = {"totals": {"jobs": 1, "spent": 50_000, "held": 0}}
    async with page.viewer("ana") as (ana, _):
        guild = str(page.discord.guild.id)
        await page.http.post(f"{page.origin}/_control/books", json={guild: books})
        await ana.frame("BOOKS")
    status, shown = await ask(page, "GET", f"panel?guild={guild}", "ana")
    assert (status, shown["books"], shown["provider"]) == (200, books, None)


async def test_the_panel_plans_faults_and_turns_the_clock(page: Page) -> None:
    fault = {"service": "discord", "preset": "never"}
    assert await ask(page, "POST", "panel/fault", "ana", json=fault) == (204, None)
    _, shown = await ask(page, "GET", "panel", "ana")
    assert shown["discord"]["planned"] == [{"kind": "lose", "times": 1}]
    await ask(page, "POST", "panel/clear", "ana", json={"service": "discord"})
    before = page.discord.clock.now()
    assert await ask(page, "POST", "panel/clock", "ana", json={"seconds": 3600}) == (204, None)
    assert page.discord.clock.now() - before >= 3600
    _, shown = await ask(page, "GET", "panel", "ana")
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
async def test_no_malformed_turn_of_the_panel_gets_more_than_a_refusal(
    page: Page, action: str, body: Json
) -> None:
    status, answer = await ask(page, "POST", f"panel/{action}", "ana", json=body)
    assert (status, answer["code"]) == (400, 50035)
