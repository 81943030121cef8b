"""The local Discord with its members in one process; it prints its address, then its costs."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from PIL import Image

from bench.discord import WARM_UP, build_png
from sandbox.__main__ import reduce_gc_frequency
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.model.events import HEALTH, Event
from sandbox.discord.model.records import Upload
from sandbox.discord.server import LocalDiscord

_START_SECONDS: Final = 30.0
_STORM_SECONDS: Final = 170.0
_JOBS_BEFORE: Final = 10


async def serve_discord(count: int, at_once: int, *, jobs: bool) -> None:
    """Serve a bot whose commands members use: with `jobs` Expanse, otherwise the bare bot."""
    async with LocalDiscord.open() as local:
        print_json(
            {
                "api_base": local.api_base,
                "gateway_url": local.gateway_url,
                "cdn_base": local.cdn_base,
                "token": local.token,
            }
        )
        while not (local.state.is_bot_online and local.state.commands.all()):
            since = local.state.changes.get_version(HEALTH)
            await local.state.changes.wait_for_change(
                (HEALTH,), since=since, timeout=_START_SECONDS
            )
        members = Members(local, at_once, jobs=jobs)
        await members.send_commands(_JOBS_BEFORE if jobs else WARM_UP)
        local.reset()
        if jobs:
            print_json({"warm": True})
            await asyncio.to_thread(sys.stdin.readline)
        wall, cpu = time.perf_counter(), time.process_time()
        calls = await members.send_commands(count)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        acks = sorted(ack for ack, _ in calls)
        edits = sorted(edit for _, edit in calls)
        print_json(
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
    """Members who invoke `at_once` commands at a time and wait for each one's outcome."""

    def __init__(self, local: LocalDiscord, at_once: int, *, jobs: bool) -> None:
        self._local = local
        self._at_once = at_once
        self._jobs = jobs
        self._image = Upload("a.jpg", encode_photograph()) if jobs else Upload("a.png", build_png())
        self._options: dict[str, Any] = {"direction": "right", "pixels": 64} if jobs else {}

    async def send_commands(self, count: int) -> list[tuple[float, float]]:
        """Invoke `count` commands; return ms to the answer, and to the edit or the result."""
        left = iter(range(count))
        edits = EditWaiter(self._is_posted if self._jobs else _is_edited)
        stop = self._local.state.subscribe(edits.on_event)
        async with asyncio.timeout(_STORM_SECONDS):
            found = await asyncio.gather(
                *(self._send_as_member(left, edits) for _ in range(self._at_once))
            )
        stop()
        return [each for times in found for each in times]

    async def _send_as_member(
        self, left: Iterator[int], edits: EditWaiter
    ) -> list[tuple[float, float]]:
        ana, times = self._local.guild.member("ana"), []
        for _ in left:
            started = time.perf_counter()
            call = await ana.slash("expand", image=self._image, **self._options)
            await edits.wait_for_edit(call)
            times.append((call.ack_ms or 0.0, (time.perf_counter() - started) * 1000))
        return times

    def _is_posted(self, call: TrackedInvocation) -> bool:
        """Tell whether the picture is on the job's card."""
        card = self._local.state.messages.find(call.interaction.response_id)
        return card is not None and any(
            each.filename.startswith("expanded-") for each in card.content.attachments
        )


class EditWaiter:
    """Wait for edits with minimal work, as the server in this process is what is measured."""

    def __init__(self, done: Callable[[TrackedInvocation], bool]) -> None:
        self._is_done = done
        self._waiting: dict[TrackedInvocation, asyncio.Future[None]] = {}

    async def wait_for_edit(self, call: TrackedInvocation) -> None:
        edited = asyncio.get_running_loop().create_future()
        self._waiting[call] = edited
        await edited

    def on_event(self, event: Event) -> None:
        if event.name != "MESSAGE_UPDATE":
            return
        for call in [each for each in self._waiting if self._is_done(each)]:
            self._waiting.pop(call).set_result(None)


def _is_edited(call: TrackedInvocation) -> bool:
    return call.interaction.edits > 0


def encode_photograph() -> bytes:
    """Return a 640x480 JPEG of about 100 KB."""
    out = io.BytesIO()
    noise = Image.effect_noise((640, 480), 40).convert("RGB")
    noise.save(out, "JPEG", quality=60)
    return out.getvalue()


def print_json(values: dict[str, Any]) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    reduce_gc_frequency()
    asyncio.run(serve_discord(int(sys.argv[1]), int(sys.argv[2]), jobs=sys.argv[3:] == ["jobs"]))
