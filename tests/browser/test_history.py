"""Long channels: they scroll, keep their place, and stay light."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page, Route, expect

from sandbox.discord.server import LocalDiscord
from tests.browser.conftest import Opener

TOO_LONG_MS = 3000  # one task of the page's thread, on a machine that others may load tenfold


def fill_channel(local: LocalDiscord, count: int) -> None:
    ben = local.guild.member("ben")
    for number in range(count):
        ben.say(f"message {number} of **many**\n> with a quote and `code`")


async def scroll_by(page: Page, by: int) -> None:
    await page.mouse.move(600, 400)
    await page.mouse.wheel(0, by)


async def test_200_messages_scroll_to_the_first_and_back(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    fill_channel(component_server, 200)
    page = await component_pages()
    await expect(page.get_by_text("message 199")).to_be_in_viewport()
    for _ in range(30):
        await scroll_by(page, -3000)
        if await page.get_by_role("heading", name="Welcome to #studio").is_visible():
            break
    await expect(page.get_by_text("message 0 of")).to_be_visible()
    await expect(page.locator("chat-message")).to_have_count(200)
    component_server.guild.member("mia").say("something new")
    await expect(page.get_by_text("something new")).not_to_be_in_viewport()
    await page.get_by_role("button", name="Jump to the newest").click()
    await expect(page.get_by_text("something new")).to_be_in_viewport()


async def test_older_messages_come_without_moving_what_is_read(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    fill_channel(component_server, 150)
    page = await component_pages()
    await expect(page.get_by_text("message 149")).to_be_in_viewport()
    going = asyncio.Event()

    async def hold(route: Route) -> None:
        await going.wait()
        await route.continue_()

    await page.route("**/messages?before=*", hold)
    for _ in range(6):
        await scroll_by(page, -3000)
    seen = page.locator("chat-message", has_text="message 52 ")
    before = await seen.bounding_box()
    going.set()
    await expect(page.locator("chat-message")).to_have_count(150)
    await page.evaluate("() => new Promise((done) => requestAnimationFrame(done))")
    after = await seen.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 40


async def test_10000_messages_stay_smooth(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    fill_channel(component_server, 10_000)
    page = await component_pages()
    await page.evaluate(
        """() => {
            window.longest = 0;
            new PerformanceObserver((list) => {
                const spans = list.getEntries().map(({duration}) => duration);
                window.longest = Math.max(window.longest, ...spans);
            }).observe({type: "longtask"});
        }"""
    )
    await expect(page.get_by_text("message 9999")).to_be_in_viewport()
    for _ in range(25):
        await scroll_by(page, -4000)
        await page.evaluate("() => new Promise((done) => requestAnimationFrame(done))")
    assert await page.locator("chat-message").count() > 300
    component_server.guild.member("mia").say("the end")
    await page.get_by_role("button", name="Jump to the newest").click()
    await expect(page.get_by_text("the end")).to_be_in_viewport()
    longest = await page.evaluate("() => window.longest")
    assert longest < TOO_LONG_MS


async def test_a_reload_keeps_history_and_channel(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    component_server.guild.member("ben").say("before the reload", channel="gallery")
    page = await component_pages("Ben")
    await page.get_by_role("navigation").get_by_role("button", name="gallery").click()
    await page.reload()
    await expect(page.get_by_text("before the reload")).to_be_visible()
    await expect(page.get_by_role("button", name="You are Ben")).to_be_visible()


async def test_a_menu_stays_open_over_new_messages_and_closes_when_one_scrolls(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    fill_channel(component_server, 30)
    page = await component_pages()
    menu = page.get_by_role("menu")
    await page.locator("chat-message").last.click(button="right")
    await expect(menu).to_be_visible()
    component_server.guild.member("mia").say("something new")
    await expect(page.get_by_text("something new")).to_be_in_viewport()
    await page.keyboard.press("ArrowDown")
    await expect(menu).to_be_visible()
    await scroll_by(page, -300)
    await expect(menu).to_be_hidden()
