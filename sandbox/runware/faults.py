"""Faults of the local Runware as data: what fails, where, how often, for which task."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING, Any, Final, Self
from uuid import UUID

from sandbox.control.fault_plan import MAX_PLANNED_FAULTS, FaultRules, parse_seeded_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping


class RunwareStage(StrEnum):
    """Where a fault is injected."""

    SUBMIT = "submit"
    """The answer to a request that holds an `imageInference`."""
    POLL = "poll"
    """The answer to a request that holds a `getResponse` and nothing to accept."""
    TASK = "task"
    """Rendering of an accepted task."""
    RENDER = "render"
    """Rendering of one result."""
    SHOW = "show"
    """Writing finished results into an answer."""
    MEDIA = "media"
    """Downloading a result by its URL."""


_REQUEST: Final = (RunwareStage.SUBMIT, RunwareStage.POLL)
KINDS: Final[Mapping[str, tuple[tuple[RunwareStage, ...], str]]] = {
    "busy": (_REQUEST, "429, nothing is done; `value` is Retry-After in seconds"),
    "unavailable": (_REQUEST, "503, nothing is done"),
    "timeout": (_REQUEST, "504, nothing is done"),
    "accept_503": (_REQUEST, "done, then answered with 503"),
    "accept_504": (_REQUEST, "done, then answered with 504"),
    "accept_reset": (_REQUEST, "done, then the connection is reset"),
    "cut": (_REQUEST, "done, then the answer ends after byte `value` of its body"),
    "drip": (_REQUEST, "done, then answered one byte every `value` seconds"),
    "silence": (_REQUEST, "done, then never answered"),
    "html": (_REQUEST, "done, then answered with a page that is no JSON"),
    "never": ((RunwareStage.TASK,), "the task never finishes"),
    "slow": ((RunwareStage.TASK,), "the task starts `value` seconds late"),
    "fail": ((RunwareStage.TASK,), "the task ends with `timeoutProvider`, unbilled"),
    "moderate": ((RunwareStage.TASK,), "the first result is moderated"),
    "grid": ((RunwareStage.RENDER,), "the result's sides are multiples of `value` pixels"),
    "clamp": ((RunwareStage.RENDER,), "the result is scaled down to `value` megapixels"),
    "shift": ((RunwareStage.RENDER,), "content is moved right and up by `value` pixels"),
    "scale": ((RunwareStage.RENDER,), "content is stretched across by `value`, squeezed down"),
    "cut_canvas": ((RunwareStage.RENDER,), "the sides are cut to multiples of `value` pixels"),
    "other_picture": ((RunwareStage.RENDER,), "the result shows something else"),
    "mirrored": ((RunwareStage.RENDER,), "the result is mirrored"),
    "black": ((RunwareStage.RENDER,), "the result is black"),
    "noise": ((RunwareStage.RENDER,), "the result is noise"),
    "tiny": ((RunwareStage.RENDER,), "the result has one pixel"),
    "price": ((RunwareStage.TASK,), "each result costs `value` dollars and is billed so"),
    "cost": ((RunwareStage.SHOW,), "`value` is reported as the cost; null leaves it out"),
    "duplicate": ((RunwareStage.SHOW,), "every item comes twice"),
    "unknown_item": ((RunwareStage.SHOW,), "a finished item of an unknown task is added"),
    "unknown_error": ((RunwareStage.SHOW,), "an error of an unknown task is added"),
    "gone": ((RunwareStage.MEDIA,), "404, as if the link had expired"),
    "media_503": ((RunwareStage.MEDIA,), "503"),
    "garbage": ((RunwareStage.MEDIA,), "bytes that are no picture"),
    "empty": ((RunwareStage.MEDIA,), "no bytes"),
    "oversized": ((RunwareStage.MEDIA,), "the picture, then zeros up to `value` bytes"),
    "wrong_size": ((RunwareStage.MEDIA,), "the picture, `value` pixels wider"),
    "media_cut": ((RunwareStage.MEDIA,), "the file ends after byte `value`"),
    "media_drip": ((RunwareStage.MEDIA,), "the file comes one byte every `value` seconds"),
}
"""Each kind, with the stages where it can occur and its description."""
WRONG_PICTURES: Final = frozenset({"other_picture", "mirrored", "black", "noise", "tiny"})
"""Kinds that bill a result which nobody can use; a seeded plan draws them only where named."""
DRAWN_KINDS: Final = tuple(kind for kind in KINDS if kind not in WRONG_PICTURES)
_SEEDED_VALUES: Final[Mapping[str, Callable[[Random], Any]]] = {
    "busy": lambda rng: rng.choice((0, 0.2)),
    "cut": lambda rng: rng.randrange(400),
    "drip": lambda _rng: 0.05,
    "slow": lambda rng: rng.uniform(0, 0.5),
    "grid": lambda _rng: 16,
    "clamp": lambda rng: rng.choice((1.6, 0.006)),
    "shift": lambda rng: rng.choice((3, 5.5)),
    "scale": lambda rng: rng.choice((0.98, 1.02)),
    "cut_canvas": lambda _rng: 16,
    "price": lambda rng: round(rng.uniform(0.025, 0.1), 4),
    "cost": lambda rng: rng.choice((None, 0, "0.05", 0.5)),
    "oversized": lambda _rng: 300_000,
    "wrong_size": lambda rng: rng.choice((-7, 9)),
    "media_cut": lambda rng: rng.randrange(100),
    "media_drip": lambda _rng: 0.05,
}
"""Values that a seeded plan draws for a kind; short delays, so that a thousand runs stay fast."""
_DEFAULTS: Final[Mapping[str, Any]] = {
    "busy": 1,
    "cut": 10,
    "drip": 0.1,
    "slow": 1.0,
    "grid": 16,
    "clamp": 1.6,
    "shift": 7,
    "scale": 1.02,
    "cut_canvas": 16,
    "price": 0.06,
    "oversized": 100_000_000,
    "wrong_size": 1,
    "media_cut": 10,
    "media_drip": 0.1,
}


@dataclass(frozen=True, slots=True)
class RunwareFault:
    """One planned failure; `times` 0 means always, and the first `skip` matches are let through.

    `task` None matches every task. `stage` is needed only for kinds with two stages.
    """

    kind: str
    stage: RunwareStage
    times: int = 1
    skip: int = 0
    task: UUID | None = None
    value: Any = None

    @classmethod
    def from_json(cls, given: Any) -> Self:
        """Read a fault from JSON; raise ValueError that says what is wrong."""
        if not isinstance(given, dict) or given.get("kind") not in KINDS:
            raise ValueError(f"a fault has a kind: one of {', '.join(KINDS)}")
        if unknown := given.keys() - {"kind", "stage", "times", "skip", "task", "value"}:
            raise ValueError(f"a fault has no {min(unknown)[:50]}")
        kind, stages = given["kind"], KINDS[given["kind"]][0]
        if given.get("stage", stages[0]) not in stages:
            raise ValueError(f"the stage of {kind} is one of {', '.join(stages)}")
        times, skip = _read_count(given, "times", 1), _read_count(given, "skip", 0)
        task = None if given.get("task") is None else UUID(str(given["task"]))
        value = given.get("value", _DEFAULTS.get(kind))
        if kind in _DEFAULTS and type(value) not in {int, float}:
            raise ValueError(f"the value of {kind} is a number")
        if kind == "price" and value is not None and value < 0:
            raise ValueError("a price is not negative")
        return cls(kind, RunwareStage(given.get("stage", stages[0])), times, skip, task, value)


@dataclass(frozen=True, slots=True)
class SeededRunwareFaults:
    """Draw faults for each task from `seed` and its UUID only, independent of the order.

    `rate` in 0..1 is the chance of a first fault and, after it, of a second.
    """

    seed: int
    rate: float
    kinds: tuple[str, ...] = DRAWN_KINDS

    @classmethod
    def from_json(cls, given: Any) -> Self:
        """Read a plan from JSON; raise ValueError that says what is wrong."""
        wanted = {"kinds": [*DRAWN_KINDS]} | given if isinstance(given, dict) else given
        return cls(*parse_seeded_plan(wanted, KINDS, rate=0.5))

    def draw_fault(self, task: UUID) -> list[RunwareFault]:
        rng = Random(f"{self.seed}:{task}")  # noqa: S311 - repeatable on purpose
        drawn: list[RunwareFault] = []
        while len(drawn) < 2 and rng.random() < self.rate:
            kind = rng.choice(self.kinds)
            value = _SEEDED_VALUES[kind](rng) if kind in _SEEDED_VALUES else None
            stage = rng.choice(KINDS[kind][0])
            drawn.append(RunwareFault(kind, stage, rng.choice((1, 1, 2)), 0, task, value))
        return drawn


@dataclass(slots=True)
class RunwareFaults:
    """The faults planned now; `on_fault` is called with each fault that is taken."""

    on_fault: Callable[[RunwareFault, Collection[UUID]], None]
    plan: SeededRunwareFaults | None = None
    _rules: FaultRules[RunwareFault] = field(default_factory=FaultRules)
    _drawn_tasks: set[UUID] = field(default_factory=set)

    def add(self, *faults: RunwareFault) -> None:
        self._rules.add(*faults)

    def clear(self) -> None:
        self.plan = None
        self._rules.clear()
        self._drawn_tasks.clear()

    @property
    def planned_faults(self) -> list[RunwareFault]:
        return self._rules.faults

    def draw_for_tasks(self, tasks: Collection[UUID]) -> None:
        """Draw the seeded plan's faults for tasks that it has not seen yet."""
        for task in tasks:
            if self.plan is not None and task not in self._drawn_tasks:
                self._drawn_tasks.add(task)
                self.add(*self.plan.draw_fault(task))

    def take(self, stage: RunwareStage, tasks: Collection[UUID]) -> RunwareFault | None:
        """Return and count the first fault that matches, if any."""
        fault = self._rules.take_matching(
            lambda each: each.stage is stage and (each.task is None or each.task in tasks)
        )
        if fault is not None:
            self.on_fault(fault, tasks)
        return fault


def _read_count(given: Mapping[str, Any], name: str, default: int) -> int:
    value = given.get(name, default)
    if type(value) is not int or not 0 <= value <= MAX_PLANNED_FAULTS:
        raise ValueError(f"{name} is an integer from 0 to {MAX_PLANNED_FAULTS}")
    return value
