"""CPU of the local Discord relative to Expanse, over whole `/expand` jobs.

The local Discord with its members, the real bot and the local Runware (with a renderer of single
colours) run in their own processes.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any, Final

from bench.discord.processes import (
    list_children,
    read_cpu_ms,
    read_line,
    resume_process,
    start_process,
)

_LIMITS: Final = (
    *("RESULTS_PER_USER_DAY", "MOST_RESULTS_PER_USER_DAY", "RUNNING_PER_USER", "QUEUE"),
    *("USD_PER_USER_MONTH", "USD_PER_GUILD_MONTH", "USD_PER_DAY", "USD_PER_TEN_MINUTES"),
)
_PLENTY: Final = "100000"


def measure_jobs(count: int, at_once: int) -> dict[str, Any]:
    """Return a job's CPU time in each process, in milliseconds.

    `ratio` is the local Discord, its members included, over the bot's main process; `image_ms` are
    the bot's image workers.
    """
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_run_processes(Path(folder), count, at_once))


async def _run_processes(folder: Path, count: int, at_once: int) -> dict[str, Any]:
    async with (
        start_process("bench.discord.provider_process") as provider,
        start_process("bench.discord.server_process", str(count), str(at_once), "jobs") as serving,
    ):
        environment = _build_environment(
            folder, await read_line(serving), await read_line(provider)
        )
        async with start_process("bot", "run", environment=environment) as bot:
            await read_line(serving)
            pids = {"cpu_ms": serving.pid, "bot_cpu_ms": bot.pid, "provider_ms": provider.pid}
            workers = list_children(bot.pid)
            before = {name: read_cpu_ms(pid) for name, pid in pids.items()}
            drawing = sum(map(read_cpu_ms, workers))
            resume_process(serving)
            served = await read_line(serving)
            spent = {name: (read_cpu_ms(pid) - before[name]) / count for name, pid in pids.items()}
            spent["image_ms"] = (sum(map(read_cpu_ms, workers)) - drawing) / count
    row = {
        "at_once": at_once,
        "jobs_per_second": served["per_second"],
        "requests_per_job": served["requests"],
    }
    ratio = spent["cpu_ms"] / spent["bot_cpu_ms"]
    return row | {name: round(each, 1) for name, each in spent.items()} | {"ratio": round(ratio, 2)}


def _build_environment(
    folder: Path, discord: dict[str, Any], runware: dict[str, Any]
) -> dict[str, str]:
    """Return the bot's environment: limits that are never reached, otherwise defaults."""
    return {
        "EXPANSE_DISCORD__TOKEN": discord["token"],
        "EXPANSE_DISCORD__API_BASE": discord["api_base"],
        "EXPANSE_DISCORD__GATEWAY_URL": discord["gateway_url"],
        "EXPANSE_DISCORD__CDN_BASE": discord["cdn_base"],
        "EXPANSE_RUNWARE__API_KEY": runware["api_key"],
        "EXPANSE_RUNWARE__BASE_URL": runware["base_url"],
        "EXPANSE_RUNWARE__POLL_SECONDS": "0.05",
        **{f"EXPANSE_LIMITS__{name}": _PLENTY for name in _LIMITS},
        "EXPANSE_STORAGE__DATA_DIR": str(folder),
    }
