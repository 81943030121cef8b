"""Run one client, ours or an SDK's, as a process of its own on a list of tasks."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final

from bench.provider.sdk.environments import CURRENT, LEGACY, python_for
from sandbox.runware.server import LocalRunware

_HERE: Final = Path(__file__).parent
_SECONDS: Final = 600.0


class Client(Enum):
    """A client: what it is called, the package it is in, its script, and its transport."""

    OURS = ("Expanse", "", "ours.py", "rest")
    CURRENT_REST = ("runware-sdk 1.8.0, REST", CURRENT, "sdk/current.py", "rest")
    CURRENT_SOCKET = ("runware-sdk 1.8.0, WebSocket", CURRENT, "sdk/current.py", "websocket")
    LEGACY = ("runware 0.5.24, WebSocket", LEGACY, "sdk/legacy.py", "websocket")

    @property
    def title(self) -> str:
        return self.value[0]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one task: its items as the client handed them on, or the error's code."""

    task: str
    items: tuple[dict[str, Any], ...]
    error: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """`wall` and `cpu` are seconds of the client's process, its start and imports left out."""

    outcomes: tuple[Outcome, ...]
    wall: float
    cpu: float


async def drive(
    client: Client,
    runware: LocalRunware,
    tasks: Sequence[dict[str, Any]],
    *,
    warm: Sequence[dict[str, Any]] = (),
    **options: float,
) -> Run:
    """Run the tasks and return what came of them; `warm` are run before, unmeasured.

    Options: `at_once`, `seconds` (deadline of one task), `settle` (the older SDK's first poll).
    Raises `UnreachableError` where the SDK cannot be had.
    """
    _, package, script, transport = client.value
    python = await asyncio.to_thread(python_for, package) if package else Path(sys.executable)
    url = runware.base_url if transport == "rest" else runware.ws_url
    spec: dict[str, Any] = {"url": url, "api_key": runware.api_key, "transport": transport}
    spec |= {"tasks": list(tasks), "warm": list(warm)}
    process = await asyncio.create_subprocess_exec(
        *(str(python), str(_HERE / script)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=_HERE.parents[1] if not package else None,
        env={"PYTHONPATH": str(_HERE.parents[1])} if not package else None,
    )
    async with asyncio.timeout(_SECONDS):
        said, _ = await process.communicate(json.dumps(spec | options).encode())
    return _read(json.loads(said))


def _read(said: dict[str, Any]) -> Run:
    outcomes = tuple(
        Outcome(each["task"], tuple(each["items"]), each["error"]) for each in said["tasks"]
    )
    return Run(outcomes, said["wall"], said["cpu"])
