"""Three ways of a provider to make "was it accepted?" hard, and what goes wrong beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Final
from uuid import UUID

from sandbox.runware.api.server import LocalRunware
from sandbox.runware.faults import Fault, SeededPlan, Stage
from tests.support.runware.flat_renderer import FlatRenderer

GRACE: Final = {"idempotent": 0.7, "late": 2.5, "lost_reply": 0.7}
"""For each mode, how long whoever is in doubt asks before it sends again, in seconds. Where a task
shows late, a busy machine that holds the provider up for 0.8 s must not pass for a task unknown;
where it shows when it is accepted, no hold-up does: the questions wait behind the request."""
MODES: Final = tuple(GRACE)
"""A UUID is accepted once; a task shows late and its UUID is free again when it has ended; the
first answer to every task is lost."""
_LATE: Final = 0.2
_LOST: Final = ("accept_reset", "accept_503", "cut", "html", "silence")
_OTHER_FAULTS: Final = ("unavailable", "busy", "slow", "fail", "gone", "garbage", "media_503")
_SLOW_SHARE: Final = 0.1
"""Share of the tasks that are slow; a quarter as many never end."""
_SLOW_SECONDS: Final = 3.3
"""Seconds that a few tasks take: longer than the card goes unedited."""


@dataclass(frozen=True, slots=True)
class TroublePlan(SeededPlan):
    """Draw for each task; `lost` gives each a lost first answer."""

    lost: bool = False

    def draw_fault(self, task: UUID) -> list[Fault]:
        chance = Random(f"{self.seed}:{task}")  # noqa: S311 - repeatable on purpose
        drawn = SeededPlan.draw_fault(self, task)
        if self.lost:
            kind = chance.choice(_LOST)
            drawn = [Fault(kind, Stage.SUBMIT, task=task, value=chance.randrange(100))]
        rare = chance.random()
        if rare < _SLOW_SHARE:
            drawn = [Fault("slow", Stage.TASK, task=task, value=_SLOW_SECONDS)]
        elif rare > 1 - _SLOW_SHARE / 4:
            drawn = [Fault("never", Stage.TASK, task=task)]
        return drawn


@asynccontextmanager
async def open_provider(mode: str, seed: int, rate: float = 0.4) -> AsyncIterator[LocalRunware]:
    """Serve a provider of one of the modes; `rate` is the chance of a fault beside it."""
    async with LocalRunware.open(workers=FlatRenderer()) as runware:
        if mode == "late":
            runware.service_state.switches = runware.service_state.switches.with_changes(
                {"late": _LATE, "uuid_reserved": 0.0, "unknown_task": "error"}
            )
        plan = TroublePlan(seed, rate, _OTHER_FAULTS, lost=mode == "lost_reply")
        runware.service_state.faults.plan = plan
        yield runware
