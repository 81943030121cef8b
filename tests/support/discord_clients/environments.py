"""Installation of the other Discord libraries, once, in the system's temporary folder."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from tests.support.provider_clients.environments import UnreachableError

DISCORD_JS: Final = "discord.js@14.22.1"
HIKARI: Final = "hikari==2.7.0"
_SECONDS: Final = 240.0


def install_modules(package: str) -> Path:
    """Return a folder whose `node_modules` contains this package, installed once.

    Raise `UnreachableError` if there is no Node.js or the package is not available.
    """
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise UnreachableError("there is no Node.js with npm here")
    home = Path(tempfile.gettempdir()) / "expanse-sdks" / package.replace("@", "-")
    if (home / "node_modules").exists():
        return home
    home.parent.mkdir(exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=home.parent))
    command = [npm, "install", "--no-audit", "--no-fund", "--no-save", "--prefix", str(temporary)]
    try:
        subprocess.run([*command, package], check=True, capture_output=True, timeout=_SECONDS)  # noqa: S603 - our own words
        temporary.rename(home)
    except subprocess.TimeoutExpired as error:
        raise UnreachableError(f"npm did not install {package} in time") from error
    except subprocess.CalledProcessError as error:
        error_lines = error.stderr.decode(errors="replace").strip().splitlines()
        raise UnreachableError(error_lines[-1] if error_lines else "npm failed") from error
    except OSError as error:
        if not (home / "node_modules").exists():
            raise UnreachableError(str(error)) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return home
