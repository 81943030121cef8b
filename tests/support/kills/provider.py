"""Three provider modes that make "was it accepted?" hard to answer, with other faults."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Final
from uuid import UUID

from sandbox.runware.api.server import LocalRunware
from sandbox.runware.faults import RunwareFault, RunwareStage, SeededRunwareFaults
from tests.support.runware.flat_renderer import FlatRenderer

GRACE: Final = {"idempotent": 0.7, "late": 2.5, "lost_reply": 0.7}
"""Seconds, for each mode, to ask about a task in doubt before it is sent again. In mode "late", a
provider delayed by 0.8 s on a busy machine must not make the task look unknown; in the others a
delay is harmless, as polls wait behind the request."""
MODES: Final = tuple(GRACE)
"""Modes: a UUID is accepted once; a task becomes visible late and its UUID is free after its end;
the first answer to every task is lost."""
_LATE: Final = 0.2
_LOST: Final = ("accept_reset", "accept_503", "cut", "html", "silence")
_OTHER_FAULTS: Final = ("unavailable", "busy", "slow", "fail", "gone", "garbage", "media_503")
_SLOW_SHARE: Final = 0.1
"""Share of the tasks that are slow; a quarter as many never end."""
_SLOW_SECONDS: Final = 3.3
"""Seconds that slow tasks take: longer than a card goes without an edit."""


@dataclass(frozen=True, slots=True)
class TroublePlan(SeededRunwareFaults):
    """Draw faults for each task; with `lost`, each also loses its first answer."""

    lost: bool = False

    def draw_fault(self, task: UUID) -> list[RunwareFault]:
        chance = Random(f"{self.seed}:{task}")  # noqa: S311 - repeatable on purpose
        drawn = SeededRunwareFaults.draw_fault(self, task)
        if self.lost:
            kind = chance.choice(_LOST)
            drawn = [
                RunwareFault(kind, RunwareStage.SUBMIT, task=task, value=chance.randrange(100))
            ]
        rare = chance.random()
        if rare < _SLOW_SHARE:
            drawn = [RunwareFault("slow", RunwareStage.TASK, task=task, value=_SLOW_SECONDS)]
        elif rare > 1 - _SLOW_SHARE / 4:
            drawn = [RunwareFault("never", RunwareStage.TASK, task=task)]
        return drawn


@asynccontextmanager
async def open_provider(mode: str, seed: int, rate: float = 0.4) -> AsyncIterator[LocalRunware]:
    """Run a provider in one of the modes; `rate` is the chance of other faults."""
    async with LocalRunware.open(workers=FlatRenderer()) as runware:
        if mode == "late":
            runware.service_state.switches = runware.service_state.switches.with_changes(
                {"late": _LATE, "uuid_reserved": 0.0, "unknown_task": "error"}
            )
        plan = TroublePlan(seed, rate, _OTHER_FAULTS, lost=mode == "lost_reply")
        runware.service_state.faults.plan = plan
        yield runware
