"""How results of a schedule come back, drawn from its seed alone; it may change in the middle."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from sandbox.runware.behaviour_switches import Switches
from sandbox.runware.faults import RunwareFault
from sandbox.runware.service_state import ServiceState

_MANNERS: Final[dict[str, tuple[Any, ...]]] = {
    "grid": (20, 12),
    "clamp_megapixels": (0.006, 0.004),
    "cut": (True,),
    "shift": (2.5, 5.0),
    "scale": (1.02, 0.98),
}
"""Settings of the switches for manners; the pictures are small, and so are the numbers: a wider
grid would cut off all of the new area, which is a result that nobody can use."""
_SHAPES: Final[dict[str, tuple[Any, ...]]] = {
    "price": ("fixed", "varies"),
    "conflict": ("error", "context", "error_data"),
    "error_parameter": ("string", "list"),
}
"""Settings of switches for what answers look like."""
_FAULTS: Final = (("grid", 20), ("clamp", 0.006), ("shift", 4), ("scale", 1.03), ("cut_canvas", 20))
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
        """Draw one to three manners from a source of its own: all else in a schedule stays."""
        randomness = Random(f"manners {seed}")  # noqa: S311 - the seed is the schedule
        first = _draw_settings(randomness, 1 + randomness.randrange(3))
        second = _draw_settings(randomness, randomness.randrange(4))
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


def _draw_settings(randomness: Random, count: int) -> dict[str, Any]:
    """Draw `count` manners, the others being off, and the shapes of answers."""
    chosen = randomness.sample(sorted(_MANNERS), count)
    settings = {name: Switches.list_choices()[name][0] for name in _MANNERS}
    settings |= {name: randomness.choice(_MANNERS[name]) for name in chosen}
    return settings | {name: randomness.choice(values) for name, values in _SHAPES.items()}
