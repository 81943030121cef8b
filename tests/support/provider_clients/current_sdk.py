"""Run tasks through the vendor's current SDK (`runware-sdk`); a script for that SDK's own venv."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

from runware import Runware  # type: ignore[import-not-found] # it is in its own environment

_SECONDS = 30.0


async def run_tasks(spec: dict[str, Any]) -> dict[str, Any]:
    """Run the spec's tasks, `at_once` at a time, each by one call with the SDK's own retries."""
    where = "http_base_url" if spec["transport"] == "rest" else "ws_base_url"
    options = {"transport": spec["transport"], where: spec["url"]}
    limit = asyncio.Semaphore(spec.get("at_once", 1000))
    async with Runware(api_key=spec["api_key"], **options) as client:

        async def one(task: dict[str, Any]) -> dict[str, Any]:
            async with limit:
                try:
                    async with asyncio.timeout(spec.get("seconds", _SECONDS)):
                        items = await client.run(task)
                except Exception as error:  # noqa: BLE001 - any error is the result
                    code = getattr(error, "code", None) or type(error).__name__
                    return {"task": task["taskUUID"], "items": [], "error": str(code)}
                return {"task": task["taskUUID"], "items": items, "error": None}

        # warm up what is loaded at first use
        await asyncio.gather(*(one(task) for task in spec["warm"]))
        wall, cpu = time.perf_counter(), time.process_time()
        done = await asyncio.gather(*(one(task) for task in spec["tasks"]))
        return {
            "tasks": done,
            "wall": time.perf_counter() - wall,
            "cpu": time.process_time() - cpu,
        }


sys.stdout.write(json.dumps(asyncio.run(run_tasks(json.load(sys.stdin)))))
