"""Find or install a Chromium: `python -m tests.support.browser.chromium`.

`make test` runs it first. It tries, in this order: a browser on the machine, playwright's own
download, the system's packages. If all fail, the browser tests are skipped, with a message.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_DOWNLOAD_S: Final = 240.0
_PACKAGE_S: Final = 300.0
_INSTALLERS: Final = (
    ((sys.executable, "-m", "playwright", "install", "chromium"), _DOWNLOAD_S),
    (("apt-get", "update", "-qq"), _PACKAGE_S),
    (("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"), _PACKAGE_S),
    (("dnf", "install", "-y", "-q", "chromium"), _PACKAGE_S),
    (("apk", "add", "--quiet", "chromium"), _PACKAGE_S),
)


def find_chromium(own: str) -> str | None:
    """Return the path of a working Chromium; `own` is playwright's path for its own."""
    named = filter(None, map(shutil.which, NAMES))
    return next((path for path in (*named, own) if _can_start(path)), None)


def get_chromium() -> str | None:
    """Return the path of a Chromium, installing one if possible."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    for command, seconds in _INSTALLERS:
        if (path := find_chromium(own)) is not None:
            return path
        if command[0] == sys.executable or (shutil.which(command[0]) and os.geteuid() == 0):
            _run_command(command, seconds)
    return find_chromium(own)


def _can_start(path: str) -> bool:
    """Tell whether a browser exists with all the libraries it needs."""
    return Path(path).exists() and _run_command((path, "--version"), 30.0)


def _run_command(command: tuple[str, ...], seconds: float) -> bool:
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=seconds)  # noqa: S603 - our own words
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


if __name__ == "__main__":
    if get_chromium() is None:
        sys.stderr.write("No Chromium, and none could be installed: no browser tests.\n")
