"""Alternating quiet and attacked rounds, with members' waits and the bot's memory in each."""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.abuse.attackers import Attackers, is_result
from bench.abuse.hostile_input import build_photograph
from bench.discord.processes import list_children, start_process
from sandbox.discord.model.events import HEALTH
from sandbox.discord.server import LocalDiscord
from sandbox.runware.api.server import LocalRunware
from tests.support.runware.flat_renderer import FlatRenderer

_START_SECONDS: Final = 30.0
_WAIT_SECONDS: Final = 60.0
"""After this a member counts as not served."""
_WARM_UP: Final = 3
_PROC: Final = Path("/proc")
_MONEY: Final = (
    *("USD_PER_USER_MONTH", "USD_PER_GUILD_MONTH", "USD_PER_DAY", "USD_PER_TEN_MINUTES"),
    *("RESULTS_PER_USER_DAY", "MOST_RESULTS_PER_USER_DAY"),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How many members order in each round, and how many rounds of each kind there are."""

    members: int
    rounds: int
    has_refused_orders: bool
    """Whether attackers also send orders that are refused for their picture."""


@dataclass(slots=True)
class Waits:
    """Waits of one kind of round in seconds, and the bot's peak memory in it in bytes."""

    seconds: list[float]
    asked: int = 0
    peak: int = 0

    def summarize(self) -> dict[str, Any]:
        waits = sorted(self.seconds)
        return {
            "served": f"{len(waits)} of {self.asked}",
            "wait_p50_s": _find_quantile(waits, 0.5),
            "wait_p99_s": _find_quantile(waits, 0.99),
            "bot_peak_mib": round(self.peak / 2**20),
        }


async def measure_abuse(plan: Plan) -> dict[str, Any]:
    """Return waits in quiet and attacked rounds, their ratio, and what attackers got."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            LocalDiscord.open() as discord,
            LocalRunware.open(workers=FlatRenderer()) as runware,
            start_process(
                "bot", "run", environment=_build_environment(Path(folder), discord, runware)
            ) as bot,
        ):
            await _wait_for_bot(discord)
            attackers = await Attackers.prepare(discord, has_refused_orders=plan.has_refused_orders)
            await _order_in_turn(discord, _WARM_UP, Waits([]))
            quiet, attacked = Waits([]), Waits([])
            for _ in range(plan.rounds):
                await _run_round(discord, bot.pid, plan.members, quiet)
                attackers.start()
                await _run_round(discord, bot.pid, plan.members, attacked)
                await attackers.stop()
    found = {"quiet": quiet.summarize(), "attacked": attacked.summarize()}
    ratio = found["attacked"]["wait_p99_s"] / found["quiet"]["wait_p99_s"]
    return {**found, "ratio": round(ratio, 2), "attacks": attackers.build_rows()}


async def _run_round(discord: LocalDiscord, pid: int, members: int, waits: Waits) -> None:
    for each in (pid, *list_children(pid)):
        # proc(5): 5 sets the peak back to what is used now
        (_PROC / str(each) / "clear_refs").write_text("5")
    await _order_in_turn(discord, members, waits)
    waits.peak = max(waits.peak, _read_peak(pid))


async def _order_in_turn(discord: LocalDiscord, members: int, waits: Waits) -> None:
    """Let members order one after another; each waits until the one before is served."""
    image = build_photograph(640, 480)
    for number in range(members):
        member = discord.guild.welcome(f"member{number}")
        waits.asked += 1
        started = time.perf_counter()
        call = await member.slash("expand", image=image, direction="right", pixels=64)
        try:
            await call.message(is_result, timeout=_WAIT_SECONDS)
        except TimeoutError:
            continue
        waits.seconds.append(time.perf_counter() - started)


def _read_peak(pid: int) -> int:
    """Return a process's peak resident memory in bytes (proc(5), VmHWM)."""
    lines = (_PROC / str(pid) / "status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(peak) * 1024


def _find_quantile(waits: list[float], share: float) -> float:
    return round(waits[min(len(waits) - 1, int(len(waits) * share))], 2)


async def _wait_for_bot(discord: LocalDiscord) -> None:
    """Wait until the bot is connected and its commands are known."""
    state = discord.state
    async with asyncio.timeout(_START_SECONDS):
        while not (state.is_bot_online and state.commands.all()):
            since = state.changes.get_version(HEALTH)
            await state.changes.wait_for_change((HEALTH,), since=since, timeout=_START_SECONDS)


def _build_environment(
    folder: Path, discord: LocalDiscord, runware: LocalRunware
) -> dict[str, str]:
    """Return the bot's environment, with money limits that are never reached."""
    return {
        "EXPANSE_DISCORD__TOKEN": discord.token,
        "EXPANSE_DISCORD__API_BASE": discord.api_base,
        "EXPANSE_DISCORD__GATEWAY_URL": discord.gateway_url,
        "EXPANSE_DISCORD__CDN_BASE": discord.cdn_base,
        "EXPANSE_RUNWARE__API_KEY": runware.api_key,
        "EXPANSE_RUNWARE__BASE_URL": runware.base_url,
        "EXPANSE_RUNWARE__POLL_SECONDS": "0.05",
        **{f"EXPANSE_LIMITS__{name}": "100000" for name in _MONEY},
        "EXPANSE_STORAGE__DATA_DIR": str(folder),
    }
