"""A real browser, if the machine has one; otherwise these tests are skipped.

Browser and loop serve the whole session; the local Discord with `ComponentBot` serves a module.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from bot.images.worker_pool import ImageWorkerPool
from sandbox.discord.server import LocalDiscord
from sandbox.runware.engine.workers import Workers
from tests.support.app_fixture import AppFixture, wait_until
from tests.support.browser.chromium import find_chromium
from tests.support.browser.component_bot import ComponentBot
from tests.support.discord.server_fixture import run_bot

FLAGS = (
    "--no-sandbox",  # containers run as root; the page is our own
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SLOW = 8_000.0
Opener = Callable[..., Awaitable[Page]]
expect.set_options(timeout=SLOW)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser tests in the session's loop, which the browser belongs to."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and item.get_closest_marker("asyncio"):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        path = find_chromium(playwright.chromium.executable_path)
        if path is None:
            pytest.skip("no Chromium here, and `make test` could install none")
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def open_pages(browser: Browser, url: str) -> AsyncIterator[Opener]:
    """Open pages, each as a new visitor; fail on any error that their scripts report."""
    errors: list[str] = []
    contexts: list[BrowserContext] = []

    async def open_page(who: str = "Ana", *, width: int = 1280, **how: Any) -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": 860}, reduced_motion="reduce", **how
        )
        contexts.append(context)
        context.set_default_timeout(SLOW)
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console", lambda line: errors.append(line.text) if _is_problem(line.type) else None
        )
        await page.goto(url)
        await switch_user(page, who)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert not errors


def _is_problem(kind: str) -> bool:
    return kind in {"error", "warning"}


async def switch_user(page: Page, who: str) -> None:
    """Switch the acting person, through the page's menu."""
    me = page.locator("user-menu > button.me")
    await expect(me).to_contain_text("Ana")
    if who == "Ana":
        return
    narrow = page.get_by_role("button", name="Show channels")
    if await narrow.is_visible():
        await narrow.click()
    await me.click()
    await page.get_by_role("menuitemradio", name=who).click()
    await expect(me).to_contain_text(who)
    if await narrow.is_visible():
        await page.keyboard.press("Escape")


@pytest_asyncio.fixture(loop_scope="session")
async def app_fixture(
    tmp_path: Path, image_workers: ImageWorkerPool, engine_workers: Workers
) -> AsyncIterator[AppFixture]:
    """Open a sandbox with the real bot in it, in the browser's loop."""
    async with AppFixture.open(tmp_path / "data", image_workers, engine_workers) as opened_house:
        await opened_house.start()
        yield opened_house


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, app_fixture: AppFixture) -> AsyncIterator[Opener]:
    """Open pages of the sandbox with the real bot."""
    async with open_pages(browser, app_fixture.discord.page) as open_page:
        yield open_page


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def component_server() -> AsyncIterator[LocalDiscord]:
    """Open a local Discord with `ComponentBot`, for a whole module."""
    async with LocalDiscord.open() as local, run_bot(local, ComponentBot()):
        await wait_until(lambda: len(local.state.commands.all()) == 7)
        yield local


@pytest_asyncio.fixture(loop_scope="session")
async def component_pages(
    browser: Browser, component_server: LocalDiscord
) -> AsyncIterator[Opener]:
    """Open pages of `ComponentBot`'s Discord, which is empty at the start of each test."""
    component_server.state.reset()
    async with open_pages(browser, component_server.page) as open_page:
        yield open_page
