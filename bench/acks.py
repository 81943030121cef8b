"""Time until 100 simultaneous `/expand` commands are acknowledged, and until all are posted.

The sandbox runs in its own process and takes the times. Bar: p99 under 1 s; target 250 ms.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import tempfile
import time
from pathlib import Path

from PIL import Image

from bot.cli.sandbox_client import SandboxAddresses, SandboxClient, open_sandbox
from bot.composition.app import open_app
from tests.support.generous_limits import GENEROUS

AT_ONCE = 100


def main(_: list[str]) -> None:
    print(json.dumps(asyncio.run(_measure())))


async def _measure() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        async with open_sandbox() as sandbox:
            settings = sandbox.build_settings(Path(folder))
            async with open_app(settings.model_copy(update={"limits": GENEROUS})) as app:
                running = asyncio.create_task(app.run())
                try:
                    # Members act on a loop of their own: what they do is no work of the bot's.
                    return await asyncio.to_thread(asyncio.run, _send_commands(sandbox))
                finally:
                    running.cancel()
                    await asyncio.gather(running, return_exceptions=True)


async def _send_commands(sandbox: SandboxAddresses) -> dict[str, float]:
    async with SandboxClient.open(sandbox.discord.control) as client:
        return await _measure_answers(client)


async def _measure_answers(client: SandboxClient) -> dict[str, float]:
    await client.wait_until_ready(30)
    out = io.BytesIO()
    Image.effect_noise((256, 256), 60).convert("RGB").save(out, "JPEG")
    image = {"filename": "a.jpg", "data": base64.b64encode(out.getvalue()).decode()}
    options = {"image": image, "direction": "right", "pixels": 64}
    start = time.perf_counter()
    calls = await asyncio.gather(
        *(client.invoke_command("ana", "expand", options) for _ in range(AT_ONCE))
    )
    acks = sorted([await _wait_for_ack(client, call) for call in calls])
    while True:
        records = [await client.fetch_interaction(call, since=0, wait=0) for call in calls]
        if all("expanded-" in json.dumps(record["message"]) for record in records):
            break
    return {
        "at_once": AT_ONCE,
        "ack_p50_ms": round(acks[AT_ONCE // 2], 1),
        "ack_p99_ms": round(acks[int(AT_ONCE * 0.99) - 1], 1),
        "all_posted_s": round(time.perf_counter() - start, 2),
    }


async def _wait_for_ack(client: SandboxClient, call: str) -> float:
    since = 0
    while True:
        record = await client.fetch_interaction(call, since=since, wait=5)
        if record["ack_ms"] is not None:
            return float(record["ack_ms"])
        since = record["version"]
