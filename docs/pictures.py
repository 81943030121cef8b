"""Regenerate the pictures of the documentation: `make pictures` (needs Chromium on the machine)."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, Page, async_playwright, expect

from bot.cli.demo import update_panel
from bot.cli.sandbox_client import SandboxAddresses, SandboxClient, build_file_option, open_sandbox
from bot.composition.app import open_app

FOLDER = Path(__file__).parent / "pictures"
SAMPLE = Path(__file__).parents[1] / "sandbox" / "web" / "samples" / "mountain-lake.jpg"
GALLERY, MODERATORS = 41, 42
"""How far the ids of these channels are from the guild's in the sandbox."""
SLOW = 60_000.0


async def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("The pictures need Chromium: install the package chromium.")
    with tempfile.TemporaryDirectory() as folder:
        async with open_sandbox() as sandbox:
            settings = sandbox.build_settings(Path(folder))
            async with (
                SandboxClient.open(sandbox.discord.control) as client,
                open_app(settings) as app,
            ):
                running = [asyncio.create_task(app.run())]
                await client.wait_until_ready(30)
                running.append(asyncio.create_task(update_panel(settings.storage, client)))
                await _draw_all(chromium, sandbox)
                for task in running:
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)


async def _draw_all(chromium: str, sandbox: SandboxAddresses) -> None:
    """Draw every picture; each goes on from the channel that the one before has left."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        for picture in PICTURES:
            await picture(browser, sandbox)
        await browser.close()


async def _open(
    browser: Browser,
    sandbox: SandboxAddresses,
    *,
    size: tuple[int, int] = (1280, 860),
    scheme: Literal["dark", "light"] = "dark",
) -> Page:
    page = await browser.new_page(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce"
    )
    page.set_default_timeout(SLOW)
    await page.goto(sandbox.discord.page)
    await expect(page.get_by_role("button", name="Try it").first).to_be_enabled(timeout=SLOW)
    return page


async def _invoke_command(
    sandbox: SandboxAddresses, member: str, command_name: str, options: Mapping[str, Any]
) -> None:
    async with SandboxClient.open(sandbox.discord.control) as client:
        await client.invoke_command(member, command_name, options)


async def _get_channel(sandbox: SandboxAddresses, offset: int) -> dict[str, str]:
    async with SandboxClient.open(sandbox.discord.control) as client:
        return {"channel": str((await client.list_guilds())[0] + offset)}


async def _save(page: Page, name: str) -> None:
    await page.mouse.move(0, 0)
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=FOLDER / f"{name}.png")
    await page.close()


async def demo(browser: Browser, sandbox: SandboxAddresses) -> None:
    """Show a first result, as a new user meets it."""
    page = await _open(browser, sandbox)
    await page.get_by_role("button", name="Try it").first.click()
    result = page.get_by_role("img", name=re.compile("Expanded picture"))
    await expect(result).to_be_visible(timeout=SLOW)
    await _save(page, "demo")


async def command(browser: Browser, sandbox: SandboxAddresses) -> None:
    """Show the form of a command, filled in, below the newest message."""
    page = await _open(browser, sandbox, scheme="light")
    await page.get_by_role("button", name="Use the picture “Dunes at night”").click()
    await expect(page.get_by_role("form", name="Command expand")).to_be_visible()
    await page.get_by_role("radio", name="left", exact=True).press("Space")
    await _save(page, "command")


async def panel(browser: Browser, sandbox: SandboxAddresses) -> None:
    """Show the money behind a result."""
    page = await _open(browser, sandbox)
    await page.get_by_role("button", name=re.compile("Behind the scenes")).click()
    await expect(page.get_by_role("cell", name="settle").first).to_be_visible(timeout=SLOW)
    await _save(page, "panel")


async def faults(browser: Browser, sandbox: SandboxAddresses) -> None:
    """Show the faults that a person can set."""
    page = await _open(browser, sandbox, scheme="light")
    await page.get_by_role("button", name=re.compile("Behind the scenes")).click()
    await page.get_by_role("tab", name="Faults").click()
    await expect(page.get_by_text("Accepted, but the line breaks")).to_be_visible(timeout=SLOW)
    await _save(page, "faults")


async def phone(browser: Browser, sandbox: SandboxAddresses) -> None:
    """Show the channel on a telephone."""
    page = await _open(browser, sandbox, size=(390, 760))
    await expect(page.get_by_role("img", name=re.compile("Expanded picture"))).to_be_visible()
    await _save(page, "phone")


async def preview(browser: Browser, sandbox: SandboxAddresses) -> None:
    """Show an order before it is paid, one side moved."""
    page = await _open(browser, sandbox, size=(1280, 1000))
    options = {
        "image": build_file_option(SAMPLE),
        "direction": "right",
        "pixels": 300,
        "preview": True,
    }
    await _invoke_command(sandbox, "ana", "expand", options)
    await page.get_by_role("button", name="↑ +64").click()
    await expect(page.get_by_text("1068x576")).to_be_visible()
    await _save(page, "preview")


async def compare(browser: Browser, sandbox: SandboxAddresses) -> None:
    """Show a result's comparison and details, as its member alone sees them."""
    page = await _open(browser, sandbox, size=(1280, 1000))
    await page.get_by_role("button", name="Details").last.click()
    await expect(page.get_by_text("Noise seed")).to_be_visible()
    await page.get_by_role("button", name="Compare").first.click()
    await expect(page.get_by_role("button", name="Show it to everybody")).to_be_visible()
    await _save(page, "compare")


async def own(browser: Browser, sandbox: SandboxAddresses) -> None:
    """Show what a member can look up about themselves."""
    page = await _open(browser, sandbox, size=(1280, 1000))
    for command_name in ("quota", "history", "privacy"):
        await _invoke_command(sandbox, "ana", command_name, {})
    await expect(page.get_by_role("button", name="Export my data")).to_be_visible()
    await _save(page, "own")


async def _become(page: Page, who: str) -> None:
    await page.locator("user-menu > button.me").click()
    await page.get_by_role("menuitemradio", name=who).click()


async def settings_panel(browser: Browser, sandbox: SandboxAddresses) -> None:
    """Show the safety page of the settings panel, as a moderator sees it."""
    page = await _open(browser, sandbox, size=(1280, 1240))
    await _become(page, "Mia")
    await _invoke_command(sandbox, "mia", "settings panel", {})
    await page.get_by_role("combobox", name="Open a section").click()
    await page.get_by_role("option", name="Safety").click()
    await expect(page.get_by_role("button", name="Back to the overview")).to_be_visible()
    await _save(page, "settings")


async def report_card(browser: Browser, sandbox: SandboxAddresses) -> None:
    """Show a report as it reaches the moderators' channel."""
    channel = await _get_channel(sandbox, MODERATORS)
    await _invoke_command(sandbox, "mia", "settings place moderators-channel", channel)
    page = await _open(browser, sandbox, size=(1280, 1000))
    await _become(page, "Ben")
    await page.get_by_role("button", name="More").last.click()
    await page.get_by_role("button", name="Report").click()
    await page.get_by_role("textbox", name="What is wrong").fill("This shows our school.")
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_text("The moderators see it now")).to_be_visible(timeout=SLOW)
    await _become(page, "Mia")
    await page.get_by_role("navigation").get_by_role("button", name="moderators").click()
    await expect(page.get_by_role("button", name="Remove everywhere")).to_be_visible(timeout=SLOW)
    await _save(page, "report")


async def gallery(browser: Browser, sandbox: SandboxAddresses) -> None:
    """Show a picture that its author brought into the gallery."""
    channel = await _get_channel(sandbox, GALLERY)
    await _invoke_command(sandbox, "mia", "settings gallery channel", channel)
    await _invoke_command(sandbox, "mia", "settings gallery mode", {"how": "manual"})
    page = await _open(browser, sandbox)
    await page.get_by_role("button", name="More").last.click()
    await page.get_by_role("button", name="To the gallery").last.click()
    await expect(page.get_by_text("It is in")).to_be_visible(timeout=SLOW)
    await page.get_by_role("navigation").get_by_role("button", name="gallery").click()
    await expect(page.get_by_role("button", name="Take out of the gallery")).to_be_visible()
    await _save(page, "gallery")


async def usage(browser: Browser, sandbox: SandboxAddresses) -> None:
    """Show a server's numbers, as a moderator sees them."""
    page = await _open(browser, sandbox, size=(1280, 1000))
    await _become(page, "Mia")
    await _invoke_command(sandbox, "mia", "usage", {"days": 14})
    await expect(page.get_by_text("usage.csv")).to_be_visible(timeout=SLOW)
    await _save(page, "usage")


async def guilds(browser: Browser, sandbox: SandboxAddresses) -> None:
    """Show a second guild, with the way to become one of its people."""
    page = await _open(browser, sandbox)
    await page.get_by_role("button", name=re.compile("Behind the scenes")).click()
    await page.get_by_role("tab", name="Guilds").click()
    await page.get_by_role("button", name="Add a server").click()
    await expect(page.locator("channel-side .bar")).to_have_text("Neighbours")
    await page.locator("user-menu > button.me").click()
    await _save(page, "guilds")


PICTURES: tuple[Callable[[Browser, SandboxAddresses], Awaitable[None]], ...] = (
    demo,
    command,
    panel,
    faults,
    phone,
    compare,
    own,
    preview,
    settings_panel,
    report_card,
    gallery,
    usage,
    guilds,
)

if __name__ == "__main__":  # the image workers import this file again
    asyncio.run(main())
