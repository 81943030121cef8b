"""The accessibility checker axe-core, installed from npm into the temporary folder."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Page

VERSION: Final = "4.14.1"
FOLDER: Final = Path(tempfile.gettempdir()) / f"expanse-axe-core-{VERSION}"
SCRIPT: Final = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
INSTALL_S: Final = 90.0
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


async def load_script() -> str:
    """Return the checker's script; skip the test, with the reason, if it is not available."""
    if not SCRIPT.exists():
        await _install()
    return SCRIPT.read_text(encoding="utf-8")


async def _install() -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("axe-core comes by npm, and there is no npm on this machine")
    FOLDER.mkdir(parents=True, exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        *(npm, "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(FOLDER)),
        f"axe-core@{VERSION}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, complaint = await asyncio.wait_for(process.communicate(), INSTALL_S)
    except TimeoutError:
        process.kill()
        await process.wait()
        pytest.skip("axe-core could not be had from npm in time")
    if process.returncode:
        pytest.skip(f"axe-core could not be had from npm: {complaint.decode()[-200:]}")


async def find_violations(page: Page) -> list[str]:
    """Return each violation as one line: the rule, its help text, and the first places."""
    await page.evaluate(await load_script())
    found: list[dict[str, Any]] = await page.evaluate(
        "async (tags) => (await axe.run(document, {runOnly: tags})).violations", RULES
    )
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:160] for node in each['nodes'][:3]]}"
        for each in found
    ]
