"""Fault plans of both services: parsing seeded plans, and rules that expire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

MAX_PLANNED_FAULTS: Final = 10_000
"""Maximum of planned faults, and of one fault's `times` and `skip`."""


def parse_seeded_plan(
    given: Any, kinds: Collection[str], *, rate: float
) -> tuple[int, float, tuple[str, ...]]:
    """Parse a seeded plan from JSON: seed, rate (`rate` by default) and kinds.

    Raise ValueError that says what is wrong.
    """
    if not isinstance(given, dict) or given.keys() - {"seed", "rate", "kinds"}:
        raise ValueError("a seeded plan has a seed, a rate and kinds")
    seed, chance = given.get("seed"), given.get("rate", rate)
    chosen = given.get("kinds", list(kinds))
    if type(seed) is not int or type(chance) not in {int, float} or not 0 <= chance <= 1:
        raise ValueError("the seed is an integer and the rate a number from 0 to 1")
    if not isinstance(chosen, list) or not chosen or not all(kind in kinds for kind in chosen):
        raise ValueError(f"the kinds are some of {', '.join(kinds)}")
    return seed, chance, tuple(chosen)


class ExpiringFault(Protocol):
    """When a fault expires: `times` 0 means never, and the first `skip` matches are let through."""

    @property
    def times(self) -> int: ...
    @property
    def skip(self) -> int: ...


_Fault = TypeVar("_Fault", bound=ExpiringFault)


@dataclass(slots=True)
class _FaultRule(Generic[_Fault]):
    fault: _Fault
    skip: int
    remaining: float


@dataclass(slots=True)
class FaultRules(Generic[_Fault]):
    """Planned faults in order; each is removed after its number of uses."""

    _rules: list[_FaultRule[_Fault]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self._rules)

    @property
    def faults(self) -> list[_Fault]:
        return [rule.fault for rule in self._rules]

    def add(self, *faults: _Fault) -> None:
        """Plan faults, to be taken in this order; raise ValueError above 10,000."""
        if len(self._rules) + len(faults) > MAX_PLANNED_FAULTS:
            raise ValueError(f"more than {MAX_PLANNED_FAULTS} faults are planned")
        self._rules += [
            _FaultRule(fault, fault.skip, fault.times or float("inf")) for fault in faults
        ]

    def clear(self) -> None:
        self._rules.clear()

    def take_matching(self, matches: Callable[[_Fault], bool]) -> _Fault | None:
        """Return and count the first matching fault that has no matches left to skip."""
        for rule in self._rules:
            if not matches(rule.fault):
                continue
            if rule.skip:
                rule.skip -= 1
                continue
            rule.remaining -= 1
            if rule.remaining <= 0:
                self._rules.remove(rule)
            return rule.fault
        return None
