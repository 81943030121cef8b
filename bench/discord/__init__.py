"""The local Discord under load: what it carries, and what it costs beside the bot it serves.

Each interaction is a slash command with a picture; a bare discord.py bot defers and then edits with
a file of 100 KB. Bars: 400 a second on two cores, and no more CPU than the bot.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from typing import Any, Final

from bench import _tables
from bench.discord.history import measure_history

AT_ONCE: Final = (1, 10, 100)
FILE_BYTES: Final = 100_000
WARM_UP: Final = 100  # interactions before the measured ones
_SECONDS: Final = 120.0


def main(arguments: list[str]) -> None:
    """Measure and print one JSON object, or with `--table` the table of docs/benchmarks.md."""
    parser = argparse.ArgumentParser(prog="bench discord")
    parser.add_argument("--interactions", type=int, default=1500, help="interactions per row")
    parser.add_argument("--messages", type=int, default=10_000, help="messages of the long channel")
    parser.add_argument("--table", action="store_true", help="print a table instead of JSON")
    options = parser.parse_args(arguments)

    rows = [asyncio.run(measure(options.interactions, at_once)) for at_once in AT_ONCE]
    history = asyncio.run(measure_history(options.messages))
    print(
        _tables.of_rows(rows) if options.table else json.dumps({"rows": rows, "history": history})
    )


def picture() -> bytes:
    """Return what begins as a PNG of 640 x 480 and is as long as one; nobody here decodes it."""
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0"
    return head.ljust(FILE_BYTES, b"\0")


async def measure(count: int, at_once: int) -> dict[str, Any]:
    """Run the local Discord and the bot, each in a process of its own, and join what they say."""
    serving = await _start("bench.discord.serving", str(count), str(at_once))
    place = await _line(serving)
    bot = await _start("bench.discord.bot", json.dumps(place), str(count))
    try:
        served = await _line(serving)
        answered = await _line(bot)
    finally:
        for process in (bot, serving):
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
    ratio = served["cpu_ms"] / answered["cpu_ms"]
    return served | {"bot_cpu_ms": answered["cpu_ms"], "ratio": round(ratio, 2)}


async def _start(module: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments), stdout=asyncio.subprocess.PIPE
    )


async def _line(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None  # noqa: S101 - asked for above
    async with asyncio.timeout(_SECONDS):
        line = await process.stdout.readline()
    if not line:
        raise RuntimeError("a measured process ended before its time")
    found: dict[str, Any] = json.loads(line)
    return found
