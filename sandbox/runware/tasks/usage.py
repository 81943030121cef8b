"""`getUsageActivity`: what was spent by day, model and key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from bot.domain.model import MODELS
from bot.domain.money import MicroUsd, to_usd
from sandbox.runware.problems import Problem, RefusedError
from sandbox.runware.value_checks import (
    GroupRule,
    ValueRule,
    check_uuid4,
    find_problems,
    make_choice_check,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.runware.journal import Bill

KEY_NAME: Final = "sandbox"
"""Name of the one API key."""
MAX_DAYS: Final = 30
"""Longest range in days from the first to the last (public clients of this operation: 30)."""
GROUPS: Final = ("date", "model", "apiKey")
_NAMES: Final = {"date": "timeseries", "model": "model", "apiKey": "apiKey"}
"""Each grouping's name in the answer."""
_MAX_NAMES: Final = 100
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def _check_date(value: Any) -> str | None:
    expected = "a date, YYYY-MM-DD"
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return expected
    try:
        date.fromisoformat(value)
    except ValueError:
        return expected
    return None


def _check_names(value: Any) -> str | None:
    fits = isinstance(value, list) and all(isinstance(name, str) for name in value)
    return None if fits and len(value) <= _MAX_NAMES else f"a list of up to {_MAX_NAMES} names"


def _check_groups(value: Any) -> str | None:
    fits = isinstance(value, list) and value and all(name in GROUPS for name in value)
    return None if fits else f"a list of {', '.join(GROUPS)}"


def _check_timezone(value: Any) -> str | None:
    try:
        ZoneInfo(value)
    except (TypeError, ValueError, OSError, LookupError):
        return "a time zone, as Europe/Berlin"
    return None


_USAGE_REQUEST: Final = GroupRule(
    {
        "taskType": ValueRule(make_choice_check("accountManagement"), required=True),
        "taskUUID": ValueRule(check_uuid4, required=True),
        "operation": ValueRule(make_choice_check("getUsageActivity"), required=True),
        "startDate": ValueRule(_check_date, required=True),
        "endDate": ValueRule(_check_date, required=True),
        "models": ValueRule(_check_names),
        "apiKeys": ValueRule(_check_names),
        "groupBy": ValueRule(_check_groups),
        "timezone": ValueRule(_check_timezone),
    }
)


@dataclass(frozen=True, slots=True)
class UsageRequest:
    """A valid request; both days are included, and no `models` or `api_keys` means all."""

    first: date
    last: date
    groups: tuple[str, ...]
    zone: ZoneInfo
    models: tuple[str, ...]
    api_keys: tuple[str, ...]

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def find_day(self, bill: Bill) -> date:
        return datetime.fromtimestamp(bill.at, self.zone).date()

    def includes(self, bill: Bill) -> bool:
        wanted = not self.models or bill.model in self.models
        own_key = not self.api_keys or KEY_NAME in self.api_keys
        return wanted and own_key and self.first <= self.find_day(bill) <= self.last


def read_usage_request(element: dict[str, Any]) -> UsageRequest:
    """Return the request; raise `RefusedError` with all problems found."""
    if problems := [*find_problems(element, _USAGE_REQUEST)]:
        raise RefusedError(*problems)
    first, last = (date.fromisoformat(element[name]) for name in ("startDate", "endDate"))
    if not 0 <= (last - first).days <= MAX_DAYS:
        message = f"'endDate' must be 0 to {MAX_DAYS} days after 'startDate'."
        raise RefusedError(Problem("invalidDateRange", message, ("startDate", "endDate")))
    return UsageRequest(
        first,
        last,
        tuple(element.get("groupBy", ["date"])),
        ZoneInfo(element.get("timezone", "UTC")),
        tuple(element.get("models", ())),
        tuple(element.get("apiKeys", ())),
    )


def build_usage(
    request: UsageRequest, bills: Iterable[Bill], *, every_day: bool
) -> dict[str, dict[str, Any]]:
    """Return the rows of each grouping, with their totals; spend is in dollars."""
    included = [bill for bill in bills if request.includes(bill)]
    meta = _sum_meta(included, len(request.days))
    return {
        _NAMES[group]: {
            "data": _list_rows(request, included, group, every_day=every_day),
            "meta": meta,
        }
        for group in request.groups
    }


def _list_rows(
    request: UsageRequest, bills: Sequence[Bill], group: str, *, every_day: bool
) -> list[dict[str, Any]]:
    rows: dict[tuple[date, str], list[Bill]] = {}
    for bill in bills:
        name = {"date": "", "model": bill.model, "apiKey": KEY_NAME}[group]
        rows.setdefault((request.find_day(bill), name), []).append(bill)
    if every_day:
        for name in {name for _, name in rows} or {""}:
            rows |= {(day, name): [] for day in request.days if (day, name) not in rows}
    return [
        {"date": day.isoformat()} | _name_group(group, name) | _sum_row(rows[day, name])
        for day, name in sorted(rows)
    ]


def _name_group(group: str, name: str) -> dict[str, str]:
    if group == "date" or not name:
        return {}
    if group == "apiKey":
        return {"apiKey": name}
    known = MODELS.get(name)
    return {"model": name, "modelName": known.name if known else name}


def _sum_row(bills: Sequence[Bill]) -> dict[str, Any]:
    return {"count": len({bill.task_uuid for bill in bills}), "spend": _sum_spend(bills)}


def _sum_meta(bills: Sequence[Bill], days: int) -> dict[str, Any]:
    spend = _sum_spend(bills)
    return {
        "totalRequests": len({bill.task_uuid for bill in bills}),
        "totalResults": len(bills),
        "totalSpend": spend,
        "avgDailySpend": spend / days,
    }


def _sum_spend(bills: Sequence[Bill]) -> float:
    return float(to_usd(MicroUsd(sum(bill.cost for bill in bills))))
