"""Run one client, ours or an SDK, in its own process on a list of tasks."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final

from sandbox.runware.api.server import LocalRunware
from tests.support.provider_clients.environments import CURRENT, LEGACY, install_package

_HERE: Final = Path(__file__).parent
_SECONDS: Final = 600.0


class ProviderClient(Enum):
    """A client: its title, package, script and transport."""

    OURS = ("Expanse", "", "own_client.py", "rest")
    CURRENT_REST = ("runware-sdk 1.8.0, REST", CURRENT, "current_sdk.py", "rest")
    CURRENT_SOCKET = ("runware-sdk 1.8.0, WebSocket", CURRENT, "current_sdk.py", "websocket")
    LEGACY = ("runware 0.5.24, WebSocket", LEGACY, "legacy_sdk.py", "websocket")

    @property
    def title(self) -> str:
        return self.value[0]


@dataclass(frozen=True, slots=True)
class TaskOutcome:
    """A task's outcome: the items that the client returned, or the error code."""

    task: str
    items: tuple[dict[str, Any], ...]
    error: str | None


@dataclass(frozen=True, slots=True)
class ClientRun:
    """All outcomes; `wall` and `cpu` are seconds of the client's process, without its start."""

    outcomes: tuple[TaskOutcome, ...]
    wall: float
    cpu: float


async def run_client(
    client: ProviderClient,
    runware: LocalRunware,
    tasks: Sequence[dict[str, Any]],
    *,
    warm: Sequence[dict[str, Any]] = (),
    **options: float,
) -> ClientRun:
    """Run the tasks and return their outcomes; `warm` tasks run first, unmeasured.

    Options: `at_once`, `seconds` (deadline of one task), `settle` (the older SDK's first poll).
    Raise `UnreachableError` if the SDK is not available.
    """
    _, package, script, transport = client.value
    python = await asyncio.to_thread(install_package, package) if package else Path(sys.executable)
    url = runware.base_url if transport == "rest" else runware.ws_url
    spec: dict[str, Any] = {"url": url, "api_key": runware.api_key, "transport": transport}
    spec |= {"tasks": list(tasks), "warm": list(warm)}
    process = await asyncio.create_subprocess_exec(
        *(str(python), str(_HERE / script)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=_HERE.parents[2] if not package else None,
        env={"PYTHONPATH": str(_HERE.parents[2])} if not package else None,
    )
    async with asyncio.timeout(_SECONDS):
        printed, _ = await process.communicate(json.dumps(spec | options).encode())
    return _parse_run(json.loads(printed))


def _parse_run(printed: dict[str, Any]) -> ClientRun:
    outcomes = tuple(
        TaskOutcome(each["task"], tuple(each["items"]), each["error"]) for each in printed["tasks"]
    )
    return ClientRun(outcomes, printed["wall"], printed["cpu"])
