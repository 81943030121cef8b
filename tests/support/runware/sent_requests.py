"""What a job asked of the local Runware, as that service recorded it."""

from __future__ import annotations

import base64
import struct
from typing import Any

import httpx

from bot.domain.geometry import Size
from bot.domain.job import Job
from sandbox.runware.api.server import LocalRunware


async def fetch_request(runware: LocalRunware, job: Job) -> dict[str, Any]:
    """Return the request of a job's task, with the beginning of its seed image."""
    details = {"taskType": "getTaskDetails", "taskUUID": str(job.task_uuid)}
    headers = {"Authorization": f"Bearer {runware.api_key}"}
    async with httpx.AsyncClient() as http:
        answer = await http.post(runware.base_url, json=[details], headers=headers)
    (found,) = answer.json()["data"]
    request: dict[str, Any] = found["request"][0]
    return request


def read_seed_size(request: dict[str, Any]) -> Size:
    """Read the size of a PNG from the beginning of its data URI."""
    data = request["inputs"]["seedImage"].partition(",")[2][:64]
    return Size(*struct.unpack(">II", base64.b64decode(data)[16:24]))
