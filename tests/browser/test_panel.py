"""Behind the scenes: money, jobs, faults and the clock on the page of the demo."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Page, expect

from bot.cli.demo import update_panel
from bot.cli.sandbox_client import SandboxClient
from tests.browser.conftest import Opener
from tests.support.app_fixture import AppFixture


async def open_panel(page: Page, tab: str) -> None:
    opener = page.get_by_role("button", name=re.compile("Behind the scenes"))
    if await opener.get_attribute("aria-expanded") == "false":
        await opener.click()
    await page.get_by_role("tab", name=tab).click()


async def test_money_and_jobs_follow_the_bots_books(app_fixture: AppFixture, visit: Opener) -> None:
    async with SandboxClient.open(app_fixture.discord.control) as client:
        showing = asyncio.create_task(update_panel(app_fixture.build_settings().storage, client))
        page = await visit()
        await open_panel(page, "Money")
        await expect(page.get_by_text("Nothing was held or spent yet.")).to_be_visible()
        await page.get_by_role("button", name="Try it").first.click()
        books = page.get_by_role("tabpanel")
        await expect(books.get_by_text("1 of 20 pictures")).to_be_visible()
        await expect(books.get_by_role("cell", name="settle").first).to_be_visible()
        await open_panel(page, "Jobs")
        await expect(books.get_by_role("cell", name="settled")).to_be_visible()
        await open_panel(page, "Service")
        await expect(books.get_by_text("1 · $0.05")).to_be_visible()
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)


async def test_a_fault_is_set_and_cleared_and_strikes(
    app_fixture: AppFixture, visit: Opener
) -> None:
    page = await visit()
    await open_panel(page, "Faults")
    await page.get_by_role("button", name="Set fault: The picture fails").click()
    await expect(page.get_by_text("Planned: fail.")).to_be_visible()
    await page.get_by_role("button", name="Let it work again").click()
    await expect(page.get_by_text("Planned: fail.")).to_be_hidden()
    await page.get_by_role("button", name="Set fault: The picture fails").click()
    await page.get_by_role("button", name="Try it").first.click()
    await expect(page.get_by_role("cell", name="fail", exact=True)).to_be_visible()
    assert app_fixture.billed_count == 0


async def test_a_result_that_comes_back_moved_is_shown_as_if_nothing_had_been(
    app_fixture: AppFixture, visit: Opener
) -> None:
    page = await visit()
    await open_panel(page, "Faults")
    await page.get_by_role("button", name="Set fault: Each picture comes back differently").click()
    await expect(page.get_by_text("Planned: shift, clamp, scale.")).to_be_visible()
    await page.get_by_role("button", name="Try it").first.click()
    await expect(page.get_by_role("cell", name="shift", exact=True)).to_be_visible()
    await expect(page.get_by_role("img", name=re.compile("Expanded picture"))).to_be_visible()
    await expect(page.get_by_text("Planned: clamp, scale.")).to_be_visible()
    assert app_fixture.billed_count == 1


async def test_a_lost_command_says_that_the_bot_did_not_respond(visit: Opener) -> None:
    page = await visit()
    await open_panel(page, "Faults")
    await page.get_by_role("button", name="Set fault: A command gets lost").click()
    await expect(page.get_by_text("Planned: lose.")).to_be_visible()
    await page.get_by_role("button", name="Try it").first.click()
    await expect(page.get_by_text("Waiting for Expanse…")).to_be_visible()
    await open_panel(page, "Clock")
    await page.get_by_role("button", name="+ 1 minute").click()
    await expect(page.get_by_text("Expanse did not respond.")).to_be_visible()


async def test_a_permission_is_taken_from_the_bot_and_given_back(visit: Opener) -> None:
    page = await visit()
    await open_panel(page, "Guilds")
    await expect(page.get_by_text("What Expanse may do in #studio")).to_be_visible()
    for mark, pressed in (("✗", "false"), ("✓", "true")):
        await page.get_by_role("button", name="Attach files").click()
        turned = page.get_by_role("button", name=f"{mark} Attach files")
        await expect(turned).to_have_attribute("aria-pressed", pressed)
        await expect(turned).to_be_focused()
    await page.get_by_role("navigation").get_by_role("button", name="gallery").click()
    await expect(page.get_by_text("What Expanse may do in #gallery")).to_be_visible()
