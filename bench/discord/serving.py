"""The local Discord with its members in one process; it prints its address, then what it cost."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any, Final

from bench.discord import WARM_UP, picture
from sandbox.__main__ import spare_collections
from sandbox.discord.calls import Call
from sandbox.discord.events import HEALTH, Event
from sandbox.discord.models import Upload
from sandbox.discord.server import LocalDiscord

_START_SECONDS: Final = 30.0
_STORM_SECONDS: Final = 100.0


async def serve(count: int, at_once: int) -> None:
    async with LocalDiscord.open() as local:
        tell({"api_base": local.api_base, "gateway_url": local.gateway_url, "token": local.token})
        while not (local.state.bot_online and local.state.commands.all()):
            since = local.state.changes.version(HEALTH)
            await local.state.changes.wait((HEALTH,), since=since, timeout=_START_SECONDS)
        await storm(local, WARM_UP, at_once)
        local.reset()
        wall, cpu = time.perf_counter(), time.process_time()
        calls = await storm(local, count, at_once)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        acks = sorted(ack for ack, _ in calls)
        edits = sorted(edit for _, edit in calls)
        tell(
            {
                "at_once": at_once,
                "per_second": round(count / wall),
                "ack_p50_ms": round(acks[count // 2], 1),
                "ack_p99_ms": round(acks[int(count * 0.99)], 1),
                "edit_p50_ms": round(edits[count // 2], 1),
                "edit_p99_ms": round(edits[int(count * 0.99)], 1),
                "cpu_ms": round(cpu / count * 1000, 3),
            }
        )
        await asyncio.sleep(_START_SECONDS)


async def storm(local: LocalDiscord, count: int, at_once: int) -> list[tuple[float, float]]:
    """Invoke `count` commands, `at_once` at a time; return ms to the answer and to the edit."""
    ana, image = local.guild.member("ana"), Upload("a.png", picture())
    left, edits = iter(range(count)), Edits()
    stop = local.state.subscribe(edits.hear)

    async def member() -> list[tuple[float, float]]:
        times = []
        for _ in left:
            started = time.perf_counter()
            call = await ana.slash("expand", image=image)
            await edits.of(call)
            times.append((call.ack_ms or 0.0, (time.perf_counter() - started) * 1000))
        return times

    async with asyncio.timeout(_STORM_SECONDS):
        found = await asyncio.gather(*(member() for _ in range(at_once)))
    stop()
    return [each for times in found for each in times]


class Edits:
    """Wait for edits with the least of work, for it is the server that is measured here."""

    def __init__(self) -> None:
        self._waiting: dict[Call, asyncio.Future[None]] = {}

    async def of(self, call: Call) -> None:
        edited = asyncio.get_running_loop().create_future()
        self._waiting[call] = edited
        await edited

    def hear(self, event: Event) -> None:
        if event.name != "MESSAGE_UPDATE":
            return
        for call in [each for each in self._waiting if each.interaction.edits]:
            self._waiting.pop(call).set_result(None)


def tell(found: dict[str, Any]) -> None:
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    spare_collections()
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
