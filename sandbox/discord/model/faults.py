"""Faults of the local Discord as data: what fails, where, and how often."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from random import Random
from typing import Any, Final, Self

from sandbox.control.fault_plan import MAX_PLANNED_FAULTS, FaultRules, parse_seeded_plan


class DiscordStage(StrEnum):
    """Where a fault is injected, and what its pattern is matched against."""

    REST = "rest"
    """A request below /api/v10, matched by its route "PATCH /channels/{channel}/messages/{message}"
    or by its path "PATCH /webhooks/1323820000000000010/{token}/messages/@original"."""
    EVENT = "event"
    """A gateway event that a session subscribed to, matched by its name, as
    "INTERACTION_CREATE"."""
    SEARCH = "search"
    """A valid and permitted message search, matched by the id of its guild."""
    CDN = "cdn"
    """A download of an attachment, matched by its file name."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """What a kind of fault does and where, with its default value and bounds."""

    stage: DiscordStage
    does: str
    value: float | bool | None = None
    minimum: float = 0
    maximum: float = 3600

    def is_valid_value(self, value: Any) -> bool:
        """Tell whether a value has this kind's type and bounds; whole numbers are valid seconds."""
        allowed = {int, float} if type(self.value) is float else {type(self.value)}
        return type(value) in allowed and (value is None or self.minimum <= value <= self.maximum)


KINDS: Final[Mapping[str, FaultKind]] = {
    "rate_limited": FaultKind(
        DiscordStage.REST, "429 of the route, nothing done; Retry-After `value` s", 1.0
    ),
    "rate_limited_globally": FaultKind(
        DiscordStage.REST, "429 of the whole bot, nothing done", 1.0
    ),
    "rate_limited_shared": FaultKind(
        DiscordStage.REST, "429 that others caused, nothing done", 1.0
    ),
    "banned": FaultKind(
        DiscordStage.REST, "429 without Via, as of an address that is shut out", 60.0
    ),
    "unavailable": FaultKind(DiscordStage.REST, "status `value`, nothing done", 503, 500, 599),
    "accept_unavailable": FaultKind(DiscordStage.REST, "done, then status `value`", 503, 500, 599),
    "refused": FaultKind(
        DiscordStage.REST, "Discord's own error `value`, nothing done", 50013, 10000, 999999
    ),
    "reset": FaultKind(DiscordStage.REST, "the connection is reset, nothing done"),
    "drop": FaultKind(DiscordStage.REST, "done, then the connection is reset: the answer is lost"),
    "slow": FaultKind(DiscordStage.REST, "done `value` seconds late", 1.0),
    "late": FaultKind(DiscordStage.REST, "done at once, answered `value` seconds late", 1.0),
    "silence": FaultKind(DiscordStage.REST, "done, never answered"),
    "duplicate": FaultKind(DiscordStage.EVENT, "the event comes twice"),
    "delay": FaultKind(DiscordStage.EVENT, "the event comes `value` seconds late", 1.0),
    "lose": FaultKind(DiscordStage.EVENT, "the event never comes"),
    "reconnect": FaultKind(DiscordStage.EVENT, "op 7 follows the event"),
    "invalidate": FaultKind(
        DiscordStage.EVENT, "op 9 follows the event; `value`: may be resumed", value=False
    ),
    "close": FaultKind(
        DiscordStage.EVENT, "the sockets close with `value` after it", 4000, 4000, 4999
    ),
    "not_indexed": FaultKind(
        DiscordStage.SEARCH, "202: no index yet, to be asked again in `value` s", 2
    ),
    "gone": FaultKind(DiscordStage.CDN, "404, as if the file were deleted"),
    "expired": FaultKind(DiscordStage.CDN, "404, as if the link were too old"),
    "cdn_unavailable": FaultKind(DiscordStage.CDN, "status `value`", 503, 500, 599),
    "cdn_slow": FaultKind(DiscordStage.CDN, "the file comes `value` seconds late", 1.0),
    "cdn_drip": FaultKind(DiscordStage.CDN, "one byte every `value` seconds", 0.1),
    "cut": FaultKind(DiscordStage.CDN, "the file ends after byte `value`", 10, 0, 1 << 31),
}
_SEEDED_VALUES: Final[Mapping[str, Callable[[Random], Any]]] = {
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
"""Values that a seeded plan draws for a kind; short delays, so that a thousand runs stay fast."""


@dataclass(frozen=True, slots=True)
class DiscordFault:
    """One planned failure; `times` 0 means always, and the first `skip` matches are let through.

    `match` is a shell pattern, matched against what the stage names.
    """

    kind: str
    match: str = "*"
    times: int = 1
    skip: int = 0
    value: Any = None

    def __post_init__(self) -> None:
        """Raise ValueError for an impossible fault; replace None by the kind's default value."""
        if self.kind not in KINDS:
            raise ValueError(f"a fault has a kind: one of {', '.join(KINDS)}")
        for name, count in (("times", self.times), ("skip", self.skip)):
            if type(count) is not int or not 0 <= count <= MAX_PLANNED_FAULTS:
                raise ValueError(f"{name} is an integer from 0 to {MAX_PLANNED_FAULTS}")
        kind = KINDS[self.kind]
        if self.value is None:
            object.__setattr__(self, "value", kind.value)
        elif not kind.is_valid_value(self.value):
            raise ValueError(
                f"the value of {self.kind} is like {kind.value!r}, {_format_bounds(kind)}"
            )

    @classmethod
    def from_json(cls, given: Any) -> Self:
        """Read a fault from JSON; raise ValueError or TypeError that says what is wrong."""
        if not isinstance(given, dict) or given.get("kind") not in KINDS:
            raise ValueError(f"a fault has a kind: one of {', '.join(KINDS)}")
        if unknown := given.keys() - {"kind", "match", "times", "skip", "value"}:
            raise ValueError(f"a fault has no {min(unknown)[:50]}")
        if not isinstance(given.get("match", "*"), str):
            raise TypeError("match is a pattern")
        return cls(**given)

    @property
    def stage(self) -> DiscordStage:
        return KINDS[self.kind].stage


@dataclass(frozen=True, slots=True)
class SeededDiscordFaults:
    """Draw faults from `seed`, the subject and how often it occurred, so that a run is repeatable.

    `rate` in 0..1 is the chance of a fault each time.
    """

    seed: int
    rate: float
    kinds: tuple[str, ...] = tuple(KINDS)

    @classmethod
    def from_json(cls, given: Any) -> Self:
        """Read a plan from JSON; raise ValueError that says what is wrong."""
        return cls(*parse_seeded_plan(given, KINDS, rate=0.1))

    def draw_fault(self, stage: DiscordStage, subject: str, count: int) -> DiscordFault | None:
        rng = Random(f"{self.seed}:{stage}:{subject}:{count}")  # noqa: S311 - repeatable on purpose
        fitting = [kind for kind in self.kinds if KINDS[kind].stage is stage]
        if not fitting or rng.random() >= self.rate:
            return None
        kind = rng.choice(fitting)
        return DiscordFault(
            kind, subject, value=_SEEDED_VALUES[kind](rng) if kind in _SEEDED_VALUES else None
        )


@dataclass(slots=True)
class DiscordFaults:
    """The faults planned now; `on_fault` is called with each fault that is taken, and where."""

    on_fault: Callable[[DiscordFault, str], None]
    plan: SeededDiscordFaults | None = None
    _rules: FaultRules[DiscordFault] = field(default_factory=FaultRules)
    _draw_counts: dict[tuple[DiscordStage, str], int] = field(default_factory=dict)

    def add(self, *faults: DiscordFault) -> None:
        """Plan faults, to be taken in this order; raise ValueError above 10,000."""
        self._rules.add(*faults)

    def clear(self) -> None:
        self.plan = None
        self._rules.clear()
        self._draw_counts.clear()

    @property
    def has_faults(self) -> bool:
        return bool(self._rules) or self.plan is not None

    @property
    def planned_faults(self) -> list[DiscordFault]:
        return self._rules.faults

    def take(self, stage: DiscordStage, *names: str) -> DiscordFault | None:
        """Return and count the first fault that matches, if any; `on_fault` gets the last name.

        Patterns are matched against all `names`; a seeded plan draws by the first.
        """
        if not self.has_faults:
            return None
        fault = self._take_planned(stage, names) or self._draw_seeded(stage, names[0])
        if fault is not None:
            self.on_fault(fault, names[-1])
        return fault

    def _take_planned(self, stage: DiscordStage, names: tuple[str, ...]) -> DiscordFault | None:
        return self._rules.take_matching(
            lambda fault: (
                fault.stage is stage and any(fnmatchcase(name, fault.match) for name in names)
            )
        )

    def _draw_seeded(self, stage: DiscordStage, subject: str) -> DiscordFault | None:
        if self.plan is None:
            return None
        count = self._draw_counts.get((stage, subject), 0)
        self._draw_counts[stage, subject] = count + 1
        return self.plan.draw_fault(stage, subject, count)


def _format_bounds(kind: FaultKind) -> str:
    return f"from {kind.minimum} to {kind.maximum}"
