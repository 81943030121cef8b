"""A real browser, found on the machine; without one these tests say so and are skipped."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.house import House

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",  # containers run as root; the page is our own
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        own = playwright.chromium.executable_path
        path = next(filter(None, map(shutil.which, NAMES)), own if Path(own).exists() else None)
        if path is None:
            pytest.skip("no Chromium on this machine: install the package chromium")
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def page(browser: Browser, house: House) -> AsyncIterator[Page]:
    """Open the house's page, and fail on any error that its scripts report."""
    errors: list[str] = []
    opened = await browser.new_page(viewport={"width": 1280, "height": 860})
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    await opened.goto(house.discord.page)
    yield opened
    await opened.close()
    assert not errors
