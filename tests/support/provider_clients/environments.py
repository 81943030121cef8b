"""An environment for each vendor SDK: they share an import name, so none fits into ours."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

CURRENT: Final = "runware-sdk==1.8.0"
LEGACY: Final = "runware==0.5.24"
_SECONDS: Final = 240.0


class UnreachableError(Exception):
    """The reason why an SDK could not be installed."""


def install_package(requirement: str) -> Path:
    """Return the Python of an environment with this package, created once.

    Raise `UnreachableError` with pip's last line if the package is not available.
    """
    major, minor = sys.version_info[:2]
    name = f"{requirement.replace('==', '-')}-py{major}.{minor}"
    home = Path(tempfile.gettempdir()) / "expanse-sdks" / name
    python = home / "bin" / "python"
    if python.exists():
        return python
    home.parent.mkdir(exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=home.parent))
    try:
        _install_into(requirement, temporary)
        temporary.rename(home)
    except OSError as error:
        if not python.exists():
            raise UnreachableError(str(error)) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return python


def _install_into(requirement: str, home: Path) -> None:
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--retries", "1"]
    try:
        for command in ([sys.executable, "-m", "venv", str(home)], [*pip, requirement]):
            subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)  # noqa: S603 - our own words
    except subprocess.TimeoutExpired as error:
        raise UnreachableError(f"pip did not install {requirement} in time") from error
    except subprocess.CalledProcessError as error:
        error_lines = error.stderr.decode(errors="replace").strip().splitlines()
        raise UnreachableError(error_lines[-1] if error_lines else "pip failed") from error
