"""Make the pictures of the documentation anew: `make pictures` (needs Chromium on the machine)."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, async_playwright, expect

from bot.app import open_app
from bot.local import Hands, Sandbox, open_sandbox

FOLDER = Path(__file__).parent / "pictures"
SLOW = 30_000.0


async def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("The pictures need Chromium: install the package chromium.")
    with tempfile.TemporaryDirectory() as folder:
        async with open_sandbox() as sandbox, open_app(sandbox.settings(Path(folder))) as app:
            running = asyncio.create_task(app.run())
            await Hands(sandbox.discord.control).ready(30)
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(
                    executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
                )
                await demo(browser, sandbox)
                await browser.close()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def demo(browser: Browser, sandbox: Sandbox) -> None:
    """Show a first result, as a new user meets it."""
    page = await browser.new_page(
        viewport={"width": 1280, "height": 860}, color_scheme="dark", reduced_motion="reduce"
    )
    await page.goto(sandbox.discord.page)
    await page.get_by_role("button", name="Try it").first.click()
    result = page.get_by_role("img", name=re.compile("Expanded picture"))
    await expect(result).to_be_visible(timeout=SLOW)
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=FOLDER / "demo.png")


if __name__ == "__main__":  # the image workers import this file anew
    asyncio.run(main())
