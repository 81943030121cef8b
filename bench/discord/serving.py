"""The local Discord with its members in one process; it prints its address, then what it cost."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from PIL import Image

from bench.discord import WARM_UP, picture
from sandbox.__main__ import spare_collections
from sandbox.discord.calls import Call
from sandbox.discord.events import HEALTH, Event
from sandbox.discord.models import Upload
from sandbox.discord.server import LocalDiscord

_START_SECONDS: Final = 30.0
_STORM_SECONDS: Final = 170.0
_JOBS_BEFORE: Final = 10


async def serve(count: int, at_once: int, *, jobs: bool) -> None:
    """Serve a bot whose commands members use: `jobs` if it is Expanse, else the bare one."""
    async with LocalDiscord.open() as local:
        tell(
            {
                "api_base": local.api_base,
                "gateway_url": local.gateway_url,
                "cdn_base": local.cdn_base,
                "token": local.token,
            }
        )
        while not (local.state.bot_online and local.state.commands.all()):
            since = local.state.changes.version(HEALTH)
            await local.state.changes.wait((HEALTH,), since=since, timeout=_START_SECONDS)
        members = Members(local, at_once, jobs=jobs)
        await members.storm(_JOBS_BEFORE if jobs else WARM_UP)
        local.reset()
        if jobs:
            tell({"warm": True})
            await asyncio.to_thread(sys.stdin.readline)
        wall, cpu = time.perf_counter(), time.process_time()
        calls = await members.storm(count)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        acks = sorted(ack for ack, _ in calls)
        edits = sorted(edit for _, edit in calls)
        tell(
            {
                "at_once": at_once,
                "per_second": round(count / wall, 1 if jobs else None),
                "ack_p50_ms": round(acks[count // 2], 1),
                "ack_p99_ms": round(acks[int(count * 0.99)], 1),
                "edit_p50_ms": round(edits[count // 2], 1),
                "edit_p99_ms": round(edits[int(count * 0.99)], 1),
                "cpu_ms": round(cpu / count * 1000, 3),
                "requests": round(len(local.journal.entries) / count, 1),
            }
        )
        await asyncio.sleep(_START_SECONDS)


class Members:
    """Members who invoke commands, so many at a time, and wait for what comes of them."""

    def __init__(self, local: LocalDiscord, at_once: int, *, jobs: bool) -> None:
        self._local = local
        self._at_once = at_once
        self._jobs = jobs
        self._image = Upload("a.jpg", photograph()) if jobs else Upload("a.png", picture())
        self._options: dict[str, Any] = {"direction": "right", "pixels": 64} if jobs else {}

    async def storm(self, count: int) -> list[tuple[float, float]]:
        """Invoke `count` commands; return ms to the answer and to the edit, or to the result."""
        left = iter(range(count))
        edits = Edits(self._posted if self._jobs else _edited)
        stop = self._local.state.subscribe(edits.hear)
        async with asyncio.timeout(_STORM_SECONDS):
            found = await asyncio.gather(*(self._member(left, edits) for _ in range(self._at_once)))
        stop()
        return [each for times in found for each in times]

    async def _member(self, left: Iterator[int], edits: Edits) -> list[tuple[float, float]]:
        ana, times = self._local.guild.member("ana"), []
        for _ in left:
            started = time.perf_counter()
            call = await ana.slash("expand", image=self._image, **self._options)
            await edits.of(call)
            times.append((call.ack_ms or 0.0, (time.perf_counter() - started) * 1000))
        return times

    def _posted(self, call: Call) -> bool:
        """Tell whether the picture is on the job's card."""
        card = self._local.state.messages.find(call.interaction.response_id)
        return card is not None and any(
            each.filename.startswith("expanded-") for each in card.content.attachments
        )


class Edits:
    """Wait for edits with the least of work, for it is the server that is measured here."""

    def __init__(self, done: Callable[[Call], bool]) -> None:
        self._done = done
        self._waiting: dict[Call, asyncio.Future[None]] = {}

    async def of(self, call: Call) -> None:
        edited = asyncio.get_running_loop().create_future()
        self._waiting[call] = edited
        await edited

    def hear(self, event: Event) -> None:
        if event.name != "MESSAGE_UPDATE":
            return
        for call in [each for each in self._waiting if self._done(each)]:
            self._waiting.pop(call).set_result(None)


def _edited(call: Call) -> bool:
    return call.interaction.edits > 0


def photograph() -> bytes:
    """Return a JPEG of 640 x 480 and about 100 KB."""
    out = io.BytesIO()
    noise = Image.effect_noise((640, 480), 40).convert("RGB")
    noise.save(out, "JPEG", quality=60)
    return out.getvalue()


def tell(found: dict[str, Any]) -> None:
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    spare_collections()
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), jobs=sys.argv[3:] == ["jobs"]))
