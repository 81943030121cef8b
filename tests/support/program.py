"""The program as its user runs it: a process of its own, its arguments and its environment."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ProgramEnd:
    """How a run ended: the exit code, and the lines on standard output and standard error."""

    code: int
    out: list[str]
    err: list[str]


def build_clean_environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without settings of Expanse, and with `variables`."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("EXPANSE_")}
    return others | variables


async def run_program(*words: str, cwd: Path, **variables: str) -> ProgramEnd:
    """Run `expanse` with these words in a folder to its end, without input."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        env=build_clean_environment(PYTHONPATH=str(Path(__file__).parents[2]), **variables),
        cwd=cwd,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return ProgramEnd(process.returncode, out.decode().splitlines(), err.decode().splitlines())
