"""What a visit loads: little at first, the rest when needed, and nothing is lost meanwhile."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, Route, expect

from sandbox.discord.server import LocalDiscord
from tests.browser.conftest import Opener
from tests.browser.test_messages import send_message
from tests.support.app_fixture import AppFixture

BUDGET = 100_000  # bytes of html, css, js and svg, unpacked
_WEIGHT = """() => {
    const files = performance.getEntries().filter(
        ({name, decodedBodySize}) => decodedBodySize && !/\\.jpg$|\\/cdn\\//.test(name));
    const sizes = new Map(files.map(({name, decodedBodySize}) => [name, decodedBodySize]));
    return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}"""


async def measure_bytes(page: Page) -> int:
    """Return the bytes that a browser unpacked, without pictures, once all is still."""
    await page.wait_for_load_state("networkidle")
    return int(await page.evaluate(_WEIGHT))


async def test_a_channel_is_usable_after_less_than_100_kb(
    app_fixture: AppFixture, visit: Opener
) -> None:
    first = await visit()
    await expect(first.get_by_role("button", name="Try it").first).to_be_enabled()
    assert 50_000 < await measure_bytes(first) < BUDGET
    await app_fixture.ana.slash("quota")
    await first.get_by_role("button", name="Try it").first.click()
    result = re.compile("Expanded picture")
    await expect(first.get_by_role("img", name=result)).to_be_visible()
    assert await measure_bytes(first) > BUDGET, "the rest is loaded once somebody does something"
    second = await visit()
    await expect(second.get_by_role("img", name=result)).to_be_visible()
    await expect(second.locator("#composer-input")).to_be_enabled()
    assert 50_000 < await measure_bytes(second) < BUDGET


@asynccontextmanager
async def delay_part(page: Page, part: str) -> AsyncIterator[None]:
    """Hold back one of the page's parts while what stands inside is done."""
    going = asyncio.Event()

    async def hold(route: Route) -> None:
        await going.wait()
        await route.continue_()

    await page.route(f"**/js/{part}.js", hold)
    yield
    going.set()


async def test_a_command_typed_before_the_palette_is_there_is_sent(component_pages: Opener) -> None:
    page = await component_pages()
    async with delay_part(page, "palette"):
        await page.keyboard.type("/embed")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        await expect(page.locator("#composer-input")).to_have_value("/embed")
    await expect(page.get_by_text("The footer")).to_be_visible()


async def test_an_option_typed_before_the_form_is_there_stands_in_it(
    component_pages: Opener,
) -> None:
    page = await component_pages()
    async with delay_part(page, "form"):
        await page.keyboard.type("/ratio 21:")
        await page.keyboard.press("Backspace")
        await page.keyboard.type("X")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
        await page.keyboard.type("3")
        await expect(page.locator("#composer-input")).to_have_value("/ratio")
    await expect(page.get_by_role("combobox", name="shape")).to_have_value("21X")
    await expect(page.get_by_role("spinbutton", name="times")).to_have_value("3")


async def test_a_reaction_chosen_before_the_picker_is_there_is_given(
    component_pages: Opener,
) -> None:
    page = await component_pages()
    await send_message(page, "what a view")
    await page.keyboard.press("ArrowUp")
    async with delay_part(page, "emoji"):
        await page.reload()
        await expect(page.locator("chat-message")).to_have_count(1)
        await page.locator("chat-message").focus()
        await page.keyboard.press("+")
        await page.keyboard.type("trop")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_role("button", name="trophy: 1, Ana")).to_be_visible()


async def test_a_picture_clicked_before_the_lightbox_is_there_is_enlarged(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    page = await component_pages()
    await component_server.guild.member("ana").slash("card")
    async with delay_part(page, "lightbox"):
        await page.get_by_role("button", name="Enlarge picture: First of the gallery").click()
        await page.keyboard.press("ArrowRight")
        await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_role("dialog", name="Picture")).to_contain_text("2 of 2")
