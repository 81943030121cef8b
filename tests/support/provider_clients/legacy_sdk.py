"""Run tasks through the vendor's older SDK (`runware` 0.5); a script for that SDK's own venv."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
import time
from typing import Any

from runware import (  # type: ignore[import-not-found] # it is in its own environment
    IImageInference,
    IOutpaint,
    Runware,
)
from runware.types import (  # type: ignore[import-not-found] # likewise
    IBlackForestLabsProviderSettings,
    ISafety,
)

_SECONDS = 45.0


def _build_request(task: dict[str, Any]) -> IImageInference:
    given = {name: value for name, value in task.items() if name != "taskType"}
    given["outpaint"] = IOutpaint(**given["outpaint"])
    if "providerSettings" in given:
        # this SDK has no field for `promptUpsampling`
        tolerance = given["providerSettings"]["bfl"].get("safetyTolerance")
        given["providerSettings"] = IBlackForestLabsProviderSettings(safetyTolerance=tolerance)
    if "safety" in given:
        given["safety"] = ISafety(**given["safety"])
    return IImageInference(**given)


def _to_dict(item: Any) -> dict[str, Any]:
    return {name: value for name, value in dataclasses.asdict(item).items() if value is not None}


async def run_tasks(spec: dict[str, Any]) -> dict[str, Any]:
    """Run the spec's tasks, `at_once` at a time, each with one call, and `getResponse` if async."""
    limit = asyncio.Semaphore(spec.get("at_once", 1000))
    client = Runware(api_key=spec["api_key"], url=spec["url"])
    await client.connect()

    async def fetched(task: dict[str, Any]) -> list[Any]:
        given = await client.imageInference(requestImage=_build_request(task))
        if task.get("deliveryMethod") == "async":
            # its poll loses 33 s if the first answer says "processing"
            await asyncio.sleep(spec.get("settle", 0.0))
            given = await client.getResponse(
                taskUUID=task["taskUUID"], numberResults=task.get("numberResults", 1)
            )
        return list(given)

    async def one(task: dict[str, Any]) -> dict[str, Any]:
        async with limit:
            try:
                async with asyncio.timeout(spec.get("seconds", _SECONDS)):
                    items = await fetched(task)
            except Exception as error:  # noqa: BLE001 - any error is the result
                code = getattr(error, "code", None) or type(error).__name__
                return {"task": task["taskUUID"], "items": [], "error": str(code)}
            return {
                "task": task["taskUUID"],
                "items": [_to_dict(item) for item in items],
                "error": None,
            }

    # warm up what is loaded at first use
    await asyncio.gather(*(one(task) for task in spec["warm"]))
    wall, cpu = time.perf_counter(), time.process_time()
    done = await asyncio.gather(*(one(task) for task in spec["tasks"]))
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    await client.disconnect()
    return {"tasks": done} | took


sys.stdout.write(json.dumps(asyncio.run(run_tasks(json.load(sys.stdin)))))
