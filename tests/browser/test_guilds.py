"""Two guilds on one page: added by hand, gone between on the rail, played by people of each."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from sandbox.discord.server import LocalDiscord
from tests.browser.conftest import Opener
from tests.browser.test_messages import send_message
from tests.browser.test_panel import open_panel
from tests.support.app_fixture import AppFixture


async def add_guild(page: Page) -> None:
    await open_panel(page, "Guilds")
    await page.get_by_role("button", name="Add a server").click()
    await expect(page.locator("channel-side .bar")).to_have_text("Neighbours")
    await page.get_by_role("button", name="Close the panel").click()


async def switch_to(page: Page, who: str) -> None:
    await page.locator("user-menu > button.me").click()
    await page.get_by_role("menuitemradio", name=who).click()
    await expect(page.locator("user-menu > button.me")).to_contain_text(who.split(maxsplit=1)[0])


async def test_a_guild_is_added_and_each_is_found_as_it_was_left(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    page = await component_pages()
    side = page.get_by_role("navigation")
    await side.get_by_role("button", name="gallery").click()
    await add_guild(page)
    await send_message(page, "hello neighbours")
    component_server.guild.member("ben").say("you are missed", channel="studio")
    home = side.get_by_role("button", name="Expanse Studio, unread")
    await expect(home).to_be_visible()
    await home.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Welcome to #gallery")).to_be_visible()
    await expect(page.get_by_text("hello neighbours")).to_have_count(0)
    await side.get_by_role("button", name="studio new").click()
    await expect(page.get_by_text("you are missed")).to_be_visible()
    await expect(home).to_have_count(0)
    await side.get_by_role("button", name="Direct messages").click()
    await side.get_by_role("button", name="Neighbours").click()
    await expect(page.get_by_text("hello neighbours")).to_be_visible()
    await switch_to(page, "Tom Member")
    await expect(side.get_by_role("button", name="Expanse Studio")).to_have_count(0)
    await expect(page.get_by_text("hello neighbours")).to_be_visible()
    await switch_to(page, "Mia Moderator · Expanse Studio")
    await expect(page.get_by_text("you are missed")).to_be_visible()
    await expect(side.get_by_role("button", name="Neighbours")).to_have_count(0)


async def test_a_member_and_a_moderator_of_another_guild_are_played_by_hand(
    app_fixture: AppFixture, visit: Opener
) -> None:
    page, other = await visit(), await visit("Ben")
    await add_guild(page)
    await switch_to(page, "Tom")
    await page.get_by_role("button", name="Try it").first.click()
    await expect(page.get_by_role("img", name=re.compile("Expanded picture"))).to_be_visible()
    assert app_fixture.billed_count == 1
    await switch_to(page, "Eva Moderator")
    await page.keyboard.type("/settings panel")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await page.get_by_role("combobox", name="Open a section").click()
    await page.get_by_role("option", name="Gallery").click()
    await page.get_by_role("combobox", name="none").click()  # the gallery's channel
    await expect(page.get_by_role("option")).to_have_text(["#studio", "#gallery", "#moderators"])
    await expect(other.get_by_role("img", name=re.compile("Expanded picture"))).to_have_count(0)
    await other.locator("#composer-input").fill("/settings")
    await expect(other.get_by_text("No command has that name.")).to_be_visible()


async def test_a_person_whom_only_an_earlier_sandbox_knew_becomes_the_first_one(
    component_pages: Opener,
) -> None:
    page = await component_pages("Mia")
    await page.evaluate("sessionStorage.setItem('expanse.user', '\"12\"')")
    await page.reload()
    await expect(page.locator("user-menu > button.me")).to_contain_text("Ana")


async def test_who_is_thrown_out_of_the_open_guild_is_taken_to_another(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    page = await component_pages()
    second = component_server.add_guild("Second", "ben", "ana")
    await page.get_by_role("navigation").get_by_role("button", name="Second").click()
    second.member("ben").say("until soon")
    await expect(page.get_by_text("until soon")).to_be_visible()
    second.remove("ana")
    await expect(page.get_by_role("heading", name="Welcome to #studio")).to_be_visible()
    await expect(page.get_by_role("button", name="Second")).to_have_count(0)
    await expect(page.get_by_text("until soon")).to_have_count(0)
