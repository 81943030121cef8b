"""Run kill runs against a provider in each mode, and judge them."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from tests.support.kills.bot_runner import run_bot_kills
from tests.support.kills.config import KillRun
from tests.support.kills.findings import RunFindings, compare_journals
from tests.support.kills.members import Members
from tests.support.kills.provider import GRACE, MODES, open_provider

ROOT: Final = Path(__file__).parents[3]
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a kill tests the process, not the disk
_SECONDS: Final = 7_200.0


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """The outcome of a kill run, and the crash points at which its processes died."""

    mode: str
    lives: int
    kills: int
    seconds: float
    findings: RunFindings
    crash_points: frozenset[str]


async def run_kills(mode: str, *, seed: int, kills: int = 0) -> RunOutcome:
    """Run a kill run to its end: at every crash point, or `kills` times at random moments."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        async with Members.open() as members, open_provider(mode, seed) as runware:
            addresses = (members.url, runware.base_url, runware.api_key)
            run = KillRun(Path(folder), *addresses, seed, kills, GRACE[mode])
            report = await _run_parent_process(run)
            findings = await compare_journals(run, members, runware.journal)
        crash_points = (
            run.crash_points_file.read_text().split() if run.crash_points_file.exists() else []
        )
    return RunOutcome(
        mode, report["lives"], report["kills"], report["seconds"], findings, frozenset(crash_points)
    )


async def _run_parent_process(kill_run: KillRun) -> dict[str, Any]:
    """Run the parent process; raise RuntimeError with its error output if it fails."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.kills.parent_process", kill_run.to_json()),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(f"seed {kill_run.seed}: {err.decode()[-4000:]}")
    report: dict[str, Any] = json.loads(out.decode().splitlines()[-1])
    return report


def run_command(arguments: list[str]) -> None:
    """Kill at random, in runs of each mode, two at a time; print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m bench kills")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bot", action="store_true", help="kill the real bot, with Discord")
    given = parser.parse_args(arguments)
    # a process killed during a request leaves the server with half of it
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    started = time.monotonic()
    if given.bot:
        bot = asyncio.run(run_bot_kills(kills=given.kills, seed=given.seed))
        printed, bad = asdict(bot) | {"struck": len(bot.struck)}, bool(bot.faults)
    else:
        lanes = asyncio.run(_run_all_modes(given.kills, given.seed))
        modes = [{"mode": mode, "kills": kills} | asdict(verdict) for mode, kills, verdict in lanes]
        printed = {"kills": sum(kills for _, kills, _ in lanes), "modes": modes}
        bad = any(verdict.faults for _, _, verdict in lanes)
    print(json.dumps(printed | {"seconds": round(time.monotonic() - started, 1)}))
    raise SystemExit(bad)


async def _run_all_modes(kills: int, seed: int) -> list[tuple[str, int, RunFindings]]:
    free = asyncio.Semaphore(2)

    async def lane(number: int, mode: str) -> tuple[str, int, RunFindings]:
        async with free:
            share = kills // len(MODES) + (number < kills % len(MODES))
            outcome = await run_kills(mode, seed=seed + number, kills=share)
            return mode, outcome.kills, outcome.findings

    return await asyncio.gather(*(lane(number, mode) for number, mode in enumerate(MODES)))
