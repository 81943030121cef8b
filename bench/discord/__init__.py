"""The local Discord under load: throughput, and CPU relative to the bot it serves.

Each interaction is a slash command with a picture, which a bare discord.py bot defers and edits
with a 100 KB file. Then the same with Expanse and whole jobs. Bars: 400 a second on two cores, and
no more CPU than the bot.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import Any, Final

from bench import _markdown
from bench.discord.expanse_jobs import measure_jobs
from bench.discord.history import measure_history
from bench.discord.processes import read_line, start_process

AT_ONCE: Final = (1, 10, 100)
FILE_BYTES: Final = 100_000
WARM_UP: Final = 100  # interactions before the measured ones
JOBS_AT_ONCE: Final = (1, 10)


def main(arguments: list[str]) -> None:
    """Measure and print one JSON object, or with `--table` the table of docs/benchmarks.md."""
    parser = argparse.ArgumentParser(prog="bench discord")
    parser.add_argument("--interactions", type=int, default=1500, help="interactions per row")
    parser.add_argument("--jobs", type=int, default=150, help="jobs of Expanse per row")
    parser.add_argument("--messages", type=int, default=10_000, help="messages of the long channel")
    parser.add_argument("--table", action="store_true", help="print tables instead of JSON")
    options = parser.parse_args(arguments)

    rows = [asyncio.run(measure_interactions(options.interactions, at_once)) for at_once in AT_ONCE]
    jobs = [measure_jobs(options.jobs, at_once) for at_once in JOBS_AT_ONCE]
    history = asyncio.run(measure_history(options.messages))
    if options.table:
        print(_markdown.format_rows(rows), _markdown.format_rows(jobs), sep="\n\n")
    else:
        print(json.dumps({"rows": rows, "jobs": jobs, "history": history}))


def build_png() -> bytes:
    """Return bytes with the header and size of a 640x480 PNG; nothing here decodes it."""
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0"
    return head.ljust(FILE_BYTES, b"\0")


async def measure_interactions(count: int, at_once: int) -> dict[str, Any]:
    """Run the local Discord and the bot in their own processes, and join their measurements."""
    async with start_process("bench.discord.server_process", str(count), str(at_once)) as serving:
        place = json.dumps(await read_line(serving))
        async with start_process("bench.discord.plain_bot", place, str(count)) as bot:
            served, answered = await read_line(serving), await read_line(bot)
    served.pop("requests")
    ratio = served["cpu_ms"] / answered["cpu_ms"]
    return served | {"bot_cpu_ms": answered["cpu_ms"], "ratio": round(ratio, 2)}
