"""Time until the local provider refuses invalid input; nothing may be billed for it.

Bar: the documented error object within 50 ms.
"""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import httpx
from PIL import Image

from bot.domain.model import DEFAULT_MODEL
from sandbox.runware.api.server import LocalRunware
from tests.support.runware.flat_renderer import FlatRenderer

_BOUNDS: Final = {
    "steps": (15, 50, 1),
    "CFGScale": (1.5, 100, 0.01),
    "numberResults": (1, 20, 1),
    "outputQuality": (20, 99, 1),
}
"""Minimum, maximum and step of each number (vendor's parameter list)."""
_NAMED: Final = ("code", "message", "parameter", "taskType", "taskUUID")


def build_wire_task(**changed: Any) -> dict[str, Any]:
    """Return a valid task for a 64x64 picture; a change to None removes the key."""
    task: dict[str, Any] = {
        "taskType": "imageInference",
        "taskUUID": str(uuid4()),
        "model": DEFAULT_MODEL.identifier,
        "positivePrompt": "more of the same",
        "inputs": {"seedImage": _build_data_uri(Image.new("RGB", (64, 64), "teal"))},
        "outpaint": {"right": 64},
        "includeCost": True,
    }
    return {name: value for name, value in (task | changed).items() if value is not None}


async def measure_refusals() -> dict[str, float]:
    """Send each invalid task once; return counts and times in milliseconds."""
    took, wrong = [], 0
    async with LocalRunware.open(workers=FlatRenderer()) as runware:
        headers = {"Authorization": f"Bearer {runware.api_key}"}
        async with httpx.AsyncClient(headers=headers, trust_env=False) as http:
            await http.post(runware.base_url, json=[{"taskType": "ping"}])
            for task in _build_bad_tasks():
                started = time.perf_counter()
                answer = await http.post(runware.base_url, json=[task])
                took.append((time.perf_counter() - started) * 1000)
                errors = answer.json().get("errors", [])
                wrong += not errors or any(name not in errors[0] for name in _NAMED)
        billed = len(runware.journal.bills)
    took.sort()
    return {
        "tasks": len(took),
        "without_the_documented_error": wrong,
        "billed": billed,
        "median_ms": round(took[len(took) // 2], 2),
        "slowest_ms": round(took[-1], 2),
    }


def _build_bad_tasks() -> Iterator[dict[str, Any]]:
    return (
        build_wire_task(**changed) for changed in (*_build_bad_numbers(), *_build_bad_objects())
    )


def _build_bad_numbers() -> Iterator[dict[str, Any]]:
    for name, (low, high, step) in _BOUNDS.items():
        wrong: list[Any] = [low - step, high + step, str(low), True, [low], {}]
        yield from ({name: value} for value in wrong)
    pixels: list[Any] = [-64, 63, 65, 2049, 2112, 2**63, "64", True, 64.5]
    for side in ("top", "right", "bottom", "left"):
        yield from ({"outpaint": {side: value}} for value in pixels)


def _build_bad_objects() -> Iterator[dict[str, Any]]:
    yield from ({name: None} for name in ("model", "positivePrompt", "inputs", "outpaint"))
    prompts: list[Any] = ["a", "a" * 3001, 5, []]
    yield from ({"positivePrompt": prompt} for prompt in prompts)
    yield from ({"inputs": {"seedImage": seed}} for seed in _build_bad_seeds())
    for tolerance in (-1, 7, "2"):
        yield {"providerSettings": {"bfl": {"safetyTolerance": tolerance}}}
    yield from ({"outpaint": {}}, {"colour": "red"}, {"ttl": 59})
    yield {"webhookURL": "https://example.org/hook"}


def _build_bad_seeds() -> Iterator[str]:
    whole = _build_data_uri(Image.effect_noise((640, 480), 60))
    yield from (whole[: len(whole) // 2 // 4 * 4], "bm90IGFuIGltYWdl", "%%%", str(uuid4()))
    yield from ("https://example.org/a.png", "http://127.0.0.1:1/image/os/local/ws/2/ii/x.png")
    yield _build_data_uri(Image.new("1", (12_000, 12_000)))
    yield _build_data_uri(Image.new("RGB", (1, 1)))


def _build_data_uri(image: Image.Image) -> str:
    out = io.BytesIO()
    image.save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
