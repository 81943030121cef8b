"""Checks of single parameter values, used by `parameters`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from sandbox.runware.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

Check = Callable[[Any], str | None]
"""Returns a description of valid values if the given one is invalid, else None."""

_UUID4: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ValueRule:
    check: Check
    required: bool = False


@dataclass(frozen=True, slots=True)
class GroupRule:
    """An object with known keys; `prefix` is part of its members' error codes."""

    members: Mapping[str, ValueRule | GroupRule]
    required: bool = False
    prefix: str = ""


def make_text_check(low: int, high: int | None = None) -> Check:
    bounds = f"a string of at least {low} characters"
    if high is not None:
        bounds = f"a string of {low} to {high} characters"

    def check(value: Any) -> str | None:
        fits = isinstance(value, str) and low <= len(value) <= (high or len(value))
        return None if fits else bounds

    return check


def make_integer_check(low: int, high: int | None = None, *, step: int = 1) -> Check:
    bounds = f"an integer from {low}" + (f" to {high}" if high is not None else "")
    if step > 1:
        bounds += f" in steps of {step}"

    def check(value: Any) -> str | None:
        fits = type(value) is int and low <= value and (high is None or value <= high)
        return None if fits and value % step == 0 else bounds

    return check


def make_number_check(low: str, high: str, *, step: str) -> Check:
    bounds = f"a number from {low} to {high} in steps of {step}"

    def check(value: Any) -> str | None:
        fits = type(value) in {int, Decimal} and Decimal(low) <= value <= Decimal(high)
        return None if fits and Decimal(value) % Decimal(step) == 0 else bounds

    return check


def check_boolean(value: Any) -> str | None:
    return None if isinstance(value, bool) else "true or false"


def check_uuid4(value: Any) -> str | None:
    fits = isinstance(value, str) and _UUID4.fullmatch(value)
    return None if fits else "a UUID v4"


def check_uri(value: Any) -> str | None:
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
    except ValueError:
        parts = urlsplit("")
    return None if parts.scheme in {"http", "https"} and parts.netloc else "an http or https URI"


def accept_anything(_value: Any) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class ChoiceCheck:
    """Accept one of some strings, which an error lists."""

    allowed: tuple[str, ...]

    def __call__(self, value: Any) -> str | None:
        fits = isinstance(value, str) and value in self.allowed
        return None if fits else "one of " + ", ".join(self.allowed)


def make_choice_check(*allowed: str) -> ChoiceCheck:
    return ChoiceCheck(allowed)


def find_problems(
    given: Mapping[str, Any], group: GroupRule, *, path: str = ""
) -> Iterator[Problem]:
    """Yield a problem for each unknown key, then for each missing or invalid one."""
    for name in given:
        if name not in group.members:
            where = f"{path}{name[:100]}"
            yield Problem("unknownParameter", f"'{where}' is not known for this task.", where)
    for name, member in group.members.items():
        yield from _check_member(given, name, member=member, where=(path, group.prefix))


def _check_member(
    given: Mapping[str, Any], name: str, *, member: ValueRule | GroupRule, where: tuple[str, str]
) -> Iterator[Problem]:
    path, prefix = where[0] + name, where[1]
    title = prefix + name[0].upper() + name[1:]
    if name not in given:
        if member.required:
            yield Problem(f"missing{title}", f"The parameter '{path}' is required.", path)
        return
    value = given[name]
    allowed: tuple[str, ...] = ()
    if isinstance(member, GroupRule):
        if isinstance(value, dict):
            yield from find_problems(value, member, path=f"{path}.")
            return
        expected: str | None = "an object"
    else:
        expected = member.check(value)
        allowed = member.check.allowed if isinstance(member.check, ChoiceCheck) else ()
    if expected is not None:
        message = f"'{path}' must be {expected}."
        yield Problem(f"invalid{title}", message, path, allowed_values=allowed)
