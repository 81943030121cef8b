"""How results of a schedule come back, drawn from its seed alone; it may change in the middle."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from sandbox.runware.behaviour_switches import Switches
from sandbox.runware.faults import RunwareFault
from sandbox.runware.service_state import ServiceState

_SETTINGS: Final[dict[str, tuple[Any, ...]]] = {
    "grid": (1, 1, 16, 48),
    "clamp_megapixels": (None, None, 1.6, 0.006),
    "cut": (False, False, False, True),
    "shift": (0.0, 0.0, 2.5, 5.0),
    "scale": (1.0, 1.0, 1.02, 0.98),
    "price": ("fixed", "fixed", "varies"),
    "conflict": ("error", "context", "error_data"),
    "error_parameter": ("string", "list"),
}
"""What a part of the schedules has; the pictures are small, and so are the numbers."""
_FAULTS: Final = (("grid", 16), ("clamp", 0.006), ("shift", 4), ("scale", 1.03), ("cut_canvas", 48))
_LATEST_CHANGE: Final = 45.0
"""Virtual seconds by which manners have changed, if they do."""


@dataclass(frozen=True, slots=True)
class MannerSchedule:
    """Switches from the start and from `changes_at`, and the faults of single results."""

    first: dict[str, Any]
    second: dict[str, Any]
    changes_at: float
    faults: tuple[RunwareFault, ...]

    @classmethod
    def draw_schedule(cls, seed: int) -> MannerSchedule:
        """Draw from a source of its own, so that all else in a schedule is as it was."""
        randomness = Random(f"manners {seed}")  # noqa: S311 - the seed is the schedule
        first = _draw_settings(randomness)
        second = _draw_settings(randomness) if randomness.random() < 0.5 else first
        faults = tuple(
            RunwareFault.from_json({"kind": kind, "value": value, "skip": randomness.randrange(4)})
            for kind, value in randomness.sample(_FAULTS, randomness.choice((0, 0, 1, 3)))
        )
        return cls(first, second, randomness.random() * _LATEST_CHANGE, faults)

    def start(self, state: ServiceState) -> None:
        """Apply the first settings and plan the change to the second."""
        state.switches = state.switches.with_changes(self.first)
        state.faults.add(*self.faults)
        asyncio.get_running_loop().call_later(self.changes_at, self._change_switches, state)

    def _change_switches(self, state: ServiceState) -> None:
        state.switches = state.switches.with_changes(self.second)


def _draw_settings(randomness: Random) -> dict[str, Any]:
    known = Switches.list_choices()
    return {
        name: randomness.choice(values) if randomness.random() < 0.8 else known[name][0]
        for name, values in _SETTINGS.items()
    }
