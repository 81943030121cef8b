"""Everybody can use the page: by keyboard alone, on a telephone, in both themes, with a reader."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.async_api import Page, expect

from sandbox.discord.server import LocalDiscord
from tests.browser.conftest import Opener
from tests.browser.test_components import send_command
from tests.support.app_fixture import AppFixture
from tests.support.browser.accessibility import find_violations

WIDTHS = (360, 768, 1440)


async def assert_fits(page: Page) -> None:
    """Nothing is wider than the window."""
    assert await page.evaluate(
        """() => [document.documentElement, document.querySelector(".log")]
            .every((part) => part.scrollWidth <= part.clientWidth)"""
    )


@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_axe_finds_nothing_on_the_main_views(
    component_pages: Opener, component_server: LocalDiscord, scheme: Literal["dark", "light"]
) -> None:
    page = await component_pages(color_scheme=scheme)
    component_server.guild.member("ben").say("# A heading\n> a quote, `code` and a ||spoiler||")
    await send_command(page, "card")
    await send_command(page, "embed")
    await expect(page.get_by_text("The footer")).to_be_visible()
    assert not await find_violations(page)
    await page.locator("#composer-input").fill("/ratio ")
    await expect(page.get_by_role("option", name="9:16 phone")).to_be_visible()
    assert not await find_violations(page)
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name=re.compile("Behind the scenes")).click()
    for tab in ("Money", "Jobs", "Service", "Faults", "Guilds", "Clock"):
        await page.get_by_role("tab", name=tab).click()
        assert not await find_violations(page), tab


async def test_axe_finds_nothing_on_menus_and_modals(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    page = await component_pages()
    component_server.guild.member("ben").say("hello")
    await page.locator("chat-message").first.click(button="right")
    assert not await find_violations(page)
    await page.get_by_role("menuitem", name="Add reaction").click()
    assert not await find_violations(page)
    await page.keyboard.press("Escape")
    await send_command(page, "order")
    await expect(page.get_by_role("dialog", name="Order a picture")).to_be_visible()
    assert not await find_violations(page)


@pytest.mark.parametrize("width", WIDTHS)
async def test_every_view_fits_its_window(component_pages: Opener, width: int) -> None:
    page = await component_pages(width=width)
    await assert_fits(page)
    await send_command(page, "card")
    await expect(page.get_by_role("heading", name="A section")).to_be_visible()
    await assert_fits(page)
    await page.get_by_role("button", name=re.compile("Behind the scenes")).click()
    await assert_fits(page)
    await page.get_by_role("button", name="Close the panel").click()
    await page.locator("#composer-input").fill("/ratio ")
    await expect(page.get_by_role("form", name="Command ratio")).to_be_visible()
    await assert_fits(page)


async def test_a_telephone_changes_channel_and_person_in_the_drawer(
    component_pages: Opener,
) -> None:
    page = await component_pages("Mia", width=360)
    await page.get_by_role("button", name="Show channels").click()
    await page.get_by_role("navigation").get_by_role("button", name="moderators").click()
    await expect(page.get_by_role("heading", name="Welcome to #moderators")).to_be_visible()
    await expect(page.get_by_role("navigation")).to_be_hidden()


async def test_the_keyboard_alone_reaches_a_result_and_its_menu(
    app_fixture: AppFixture, visit: Opener
) -> None:
    page = await visit()
    await expect(page.get_by_role("button", name="Try it").first).to_be_enabled()
    await page.get_by_role("button", name="Use the picture “Lake at dusk”").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("form", name="Command expand")).to_be_visible()
    await page.keyboard.press("Enter")
    result = page.get_by_role("img", name=re.compile("Expanded picture"))
    await expect(result).to_be_visible()
    await expect(page.locator("#composer-input")).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Shift+F10")
    await expect(page.get_by_role("menu", name="Message")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("chat-message").last).to_be_focused()
    await page.keyboard.press("Escape")
    await page.keyboard.type("thanks")
    await page.keyboard.press("Enter")
    await expect(page.locator("chat-message").last).to_contain_text("thanks")
    assert app_fixture.billed_count == 1


async def test_an_open_form_leaves_the_newest_message_in_sight(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    for number in range(30):
        component_server.guild.member("ben").say(f"line {number}")
    page = await component_pages()
    await page.locator("#composer-input").fill("/ratio ")
    await expect(page.get_by_role("form", name="Command ratio")).to_be_visible()
    await expect(page.get_by_text("line 29")).to_be_in_viewport()
    form = await page.get_by_role("form", name="Command ratio").bounding_box()
    line = await page.get_by_text("line 29").bounding_box()
    assert form is not None
    assert line is not None
    assert line["y"] + line["height"] <= form["y"]
