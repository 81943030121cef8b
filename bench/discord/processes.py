"""Measured processes: start them, read their output and their CPU time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

_SECONDS: Final = 180.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PROC: Final = Path("/proc")


@asynccontextmanager
async def start_process(
    *command: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Process]:
    """Run a Python module with arguments until the block ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *command),
        stdin=PIPE,
        stdout=DEVNULL if environment else PIPE,
        stderr=DEVNULL if environment else None,
        env={**os.environ, **(environment or {})},
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def read_line(process: Process) -> dict[str, Any]:
    """Return a process's next JSON line; raise RuntimeError if it has ended."""
    assert process.stdout is not None  # noqa: S101 - asked for above
    async with asyncio.timeout(_SECONDS):
        text = await process.stdout.readline()
    if not text:
        raise RuntimeError("a measured process ended before its time")
    found: dict[str, Any] = json.loads(text)
    return found


def resume_process(process: Process) -> None:
    """Resume a process that waits for a line."""
    assert process.stdin is not None  # noqa: S101 - asked for above
    process.stdin.write(b"\n")


def read_cpu_ms(pid: int) -> float:
    """Return a process's CPU time so far, in steps of a clock tick (proc(5), stat)."""
    fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS * 1000


def list_children(pid: int) -> list[int]:
    found = (_PROC / str(pid) / "task" / str(pid) / "children").read_text()
    return [int(each) for each in found.split()]
