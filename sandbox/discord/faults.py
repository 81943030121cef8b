"""Planned failures of the local Discord, as data: what goes wrong, where, and how often."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from random import Random
from typing import Any, Final, Self

from sandbox.control.planning import MOST, Rules, read_seeded


class Stage(StrEnum):
    """Where a fault strikes, and with what its pattern is compared."""

    REST = "rest"
    """A request below /api/v10, as its route "PATCH /channels/{channel}/messages/{message}" or as
    it came "PATCH /webhooks/1323820000000000010/{token}/messages/@original"."""
    EVENT = "event"
    """A gateway event that a session asked for: "INTERACTION_CREATE"."""
    SEARCH = "search"
    """A search for messages that is allowed and well put: the id of its guild."""
    CDN = "cdn"
    """The fetching of an attachment: its file name."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Where a kind of fault strikes, what it does, and its value unless told, with its bounds."""

    stage: Stage
    does: str
    value: float | bool | None = None
    least: float = 0
    most: float = 3600

    def takes(self, value: Any) -> bool:
        """Tell whether a value fits: of the kind's own type, seconds also as a whole number."""
        allowed = {int, float} if type(self.value) is float else {type(self.value)}
        return type(value) in allowed and (value is None or self.least <= value <= self.most)


KINDS: Final[Mapping[str, Kind]] = {
    "rate_limited": Kind(Stage.REST, "429 of the route, nothing done; Retry-After `value` s", 1.0),
    "rate_limited_globally": Kind(Stage.REST, "429 of the whole bot, nothing done", 1.0),
    "rate_limited_shared": Kind(Stage.REST, "429 that others caused, nothing done", 1.0),
    "banned": Kind(Stage.REST, "429 without Via, as of an address that is shut out", 60.0),
    "unavailable": Kind(Stage.REST, "status `value`, nothing done", 503, 500, 599),
    "accept_unavailable": Kind(Stage.REST, "done, then status `value`", 503, 500, 599),
    "refused": Kind(Stage.REST, "Discord's own error `value`, nothing done", 50013, 10000, 999999),
    "reset": Kind(Stage.REST, "the connection is reset, nothing done"),
    "drop": Kind(Stage.REST, "done, then the connection is reset: the answer is lost"),
    "slow": Kind(Stage.REST, "done `value` seconds late", 1.0),
    "late": Kind(Stage.REST, "done at once, answered `value` seconds late", 1.0),
    "silence": Kind(Stage.REST, "done, never answered"),
    "duplicate": Kind(Stage.EVENT, "the event comes twice"),
    "delay": Kind(Stage.EVENT, "the event comes `value` seconds late", 1.0),
    "lose": Kind(Stage.EVENT, "the event never comes"),
    "reconnect": Kind(Stage.EVENT, "op 7 follows the event"),
    "invalidate": Kind(Stage.EVENT, "op 9 follows the event; `value`: may be resumed", value=False),
    "close": Kind(Stage.EVENT, "the sockets close with `value` after it", 4000, 4000, 4999),
    "not_indexed": Kind(Stage.SEARCH, "202: no index yet, to be asked again in `value` s", 2),
    "gone": Kind(Stage.CDN, "404, as if the file were deleted"),
    "expired": Kind(Stage.CDN, "404, as if the link were too old"),
    "cdn_unavailable": Kind(Stage.CDN, "status `value`", 503, 500, 599),
    "cdn_slow": Kind(Stage.CDN, "the file comes `value` seconds late", 1.0),
    "cdn_drip": Kind(Stage.CDN, "one byte every `value` seconds", 0.1),
    "cut": Kind(Stage.CDN, "the file ends after byte `value`", 10, 0, 1 << 31),
}
_QUICK: Final[Mapping[str, Callable[[Random], Any]]] = {
    "rate_limited": lambda rng: rng.choice((0.05, 0.2)),
    "rate_limited_globally": lambda rng: rng.choice((0.05, 0.2)),
    "rate_limited_shared": lambda rng: rng.choice((0.05, 0.2)),
    "unavailable": lambda rng: rng.choice((500, 502, 503, 504)),
    "accept_unavailable": lambda rng: rng.choice((500, 502, 503, 504)),
    "refused": lambda rng: rng.choice((10008, 50001, 50013, 200000)),
    "slow": lambda rng: rng.uniform(0, 0.5),
    "late": lambda rng: rng.uniform(0, 0.5),
    "delay": lambda rng: rng.uniform(0, 0.5),
    "invalidate": lambda rng: rng.choice((False, True)),
    "cdn_slow": lambda rng: rng.uniform(0, 0.5),
    "cut": lambda rng: rng.randrange(400),
}
"""What a seeded plan draws as the value of a kind; quick ones, so that a thousand runs are."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One planned failure; `times` 0 is for ever, `skip` lets so many chances pass before it.

    `match` is a shell pattern of what the stage compares it with.
    """

    kind: str
    match: str = "*"
    times: int = 1
    skip: int = 0
    value: Any = None

    def __post_init__(self) -> None:
        """Raise ValueError for what can never strike; take the kind's own value for None."""
        if self.kind not in KINDS:
            raise ValueError(f"a fault has a kind: one of {', '.join(KINDS)}")
        for name, count in (("times", self.times), ("skip", self.skip)):
            if type(count) is not int or not 0 <= count <= MOST:
                raise ValueError(f"{name} is an integer from 0 to {MOST}")
        kind = KINDS[self.kind]
        if self.value is None:
            object.__setattr__(self, "value", kind.value)
        elif not kind.takes(self.value):
            raise ValueError(f"the value of {self.kind} is like {kind.value!r}, {_bounds(kind)}")

    @classmethod
    def read(cls, given: Any) -> Self:
        """Read a fault from JSON; raise ValueError or TypeError with what is wrong."""
        if not isinstance(given, dict) or given.get("kind") not in KINDS:
            raise ValueError(f"a fault has a kind: one of {', '.join(KINDS)}")
        if unknown := given.keys() - {"kind", "match", "times", "skip", "value"}:
            raise ValueError(f"a fault has no {min(unknown)[:50]}")
        if not isinstance(given.get("match", "*"), str):
            raise TypeError("match is a pattern")
        return cls(**given)

    @property
    def stage(self) -> Stage:
        return KINDS[self.kind].stage


@dataclass(frozen=True, slots=True)
class SeededPlan:
    """Draw faults from `seed`, what is met and how often it was met before, and nothing else.

    `rate` in 0..1 is the chance of a fault each time.
    """

    seed: int
    rate: float
    kinds: tuple[str, ...] = tuple(KINDS)

    @classmethod
    def read(cls, given: Any) -> Self:
        """Read a plan from JSON; raise `ValueError` with what is wrong."""
        return cls(*read_seeded(given, KINDS, rate=0.1))

    def draw(self, stage: Stage, subject: str, count: int) -> Fault | None:
        rng = Random(f"{self.seed}:{stage}:{subject}:{count}")  # noqa: S311 - repeatable on purpose
        fitting = [kind for kind in self.kinds if KINDS[kind].stage is stage]
        if not fitting or rng.random() >= self.rate:
            return None
        kind = rng.choice(fitting)
        return Fault(kind, subject, value=_QUICK[kind](rng) if kind in _QUICK else None)


@dataclass(slots=True)
class Faults:
    """The faults that are planned now; `struck` is told of each one that strikes, and where."""

    struck: Callable[[Fault, str], None]
    plan: SeededPlan | None = None
    _rules: Rules[Fault] = field(default_factory=Rules)
    _met: dict[tuple[Stage, str], int] = field(default_factory=dict)

    def add(self, *faults: Fault) -> None:
        """Plan faults, to strike in this order; ValueError for more than 10,000."""
        self._rules.add(*faults)

    def clear(self) -> None:
        self.plan = None
        self._rules.clear()
        self._met.clear()

    @property
    def planned_any(self) -> bool:
        return bool(self._rules) or self.plan is not None

    @property
    def planned(self) -> list[Fault]:
        return self._rules.faults

    def take(self, stage: Stage, *names: str) -> Fault | None:
        """Return the first fault that strikes here and now, and count it; the last name is noted.

        `names` are what patterns are compared with; a plan draws by the first.
        """
        if not self.planned_any:
            return None
        fault = self._planned(stage, names) or self._drawn(stage, names[0])
        if fault is not None:
            self.struck(fault, names[-1])
        return fault

    def _planned(self, stage: Stage, names: tuple[str, ...]) -> Fault | None:
        return self._rules.strike(
            lambda fault: (
                fault.stage is stage and any(fnmatchcase(name, fault.match) for name in names)
            )
        )

    def _drawn(self, stage: Stage, subject: str) -> Fault | None:
        if self.plan is None:
            return None
        count = self._met.get((stage, subject), 0)
        self._met[stage, subject] = count + 1
        return self.plan.draw(stage, subject, count)


def _bounds(kind: Kind) -> str:
    return f"from {kind.least} to {kind.most}"
