"""The program as its user runs it: a process of its own, its arguments and its environment."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
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


def converse(
    words: Sequence[str], answers: Sequence[tuple[str, str]], cwd: Path, variables: dict[str, str]
) -> tuple[int, str]:
    """Run `expanse` on a terminal of its own, and return its exit code and all that it showed.

    Each answer is typed once its question shows behind the last one; an answer of `Ctrl-C` is that
    key. Call it in a thread: it blocks.
    """
    terminal, end = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "bot", *words],
        env=build_clean_environment(PYTHONPATH=str(Path(__file__).parents[2]), **variables),
        cwd=cwd,
        stdin=end,
        stdout=end,
        stderr=end,
        start_new_session=True,
    )
    os.close(end)
    shown, seen, deadline = "", 0, time.monotonic() + 90
    waiting = list(answers)
    try:
        while True:
            if waiting and (at := shown.find(waiting[0][0], seen)) >= 0:
                question, answer = waiting.pop(0)
                seen = at + len(question)
                if answer == "Ctrl-C":
                    process.send_signal(signal.SIGINT)
                else:
                    os.write(terminal, f"{answer}\n".encode())
            assert time.monotonic() < deadline, shown
            if not select.select([terminal], [], [], 0.1)[0]:
                continue
            try:
                read = os.read(terminal, 65536)
            except OSError:  # all its ends are closed
                break
            shown += read.decode().replace("\r\n", "\n")
        assert not waiting, (waiting, shown)
        return process.wait(30), shown
    finally:
        os.close(terminal)
        if process.poll() is None:
            process.kill()
            process.wait()
