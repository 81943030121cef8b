"""`accountManagement`: the account's details, balance and usage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bot.domain.money import MicroUsd, to_usd
from sandbox.runware.problems import RefusedError
from sandbox.runware.tasks.usage import KEY_NAME, build_usage, read_usage_request
from sandbox.runware.value_checks import (
    GroupRule,
    ValueRule,
    check_uuid4,
    find_problems,
    make_choice_check,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.runware.journal import RunwareJournal
    from sandbox.runware.service_state import ServiceState
    from sandbox.runware.tasks.answers import Answer

_ORGANISATION: Final = "00000000-0000-4000-8000-000000000001"
_USAGE: Final = "getUsageActivity"
_GET_DETAILS: Final = GroupRule(
    {
        "taskType": ValueRule(make_choice_check("accountManagement"), required=True),
        "taskUUID": ValueRule(check_uuid4, required=True),
        "operation": ValueRule(make_choice_check("getDetails", _USAGE), required=True),
    }
)


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """The account; `now` returns seconds since 1970."""

    service_state: ServiceState
    journal: RunwareJournal
    now: Callable[[], float]

    async def answer(self, element: dict[str, Any], answer: Answer) -> None:
        if element.get("operation") == _USAGE:
            answer.data.append(self._describe_usage(element))
            return
        problems = [*find_problems(element, _GET_DETAILS)]
        if problems:
            raise RefusedError(*problems)
        answer.data.append(self._describe_account(element["taskUUID"]))

    def _describe_account(self, task_uuid: str) -> dict[str, Any]:
        wallet = self.service_state.wallet
        spent = {"credits": _to_dollars(wallet.spent), "requests": wallet.requests}
        balance = _to_dollars(wallet.balance)
        number = self.service_state.switches.balance == "number"
        fields = {"amount": balance, "freeBalance": 0.0, "currency": "USD"}
        return {
            "taskType": "accountManagement",
            "taskUUID": task_uuid,
            "operation": "getDetails",
            "organizationUUID": _ORGANISATION,
            "organizationName": "Sandbox",
            "AIRSource": "sandbox",
            "balance": balance if number else fields,
            "team": [],
            "apiKeys": [{"name": KEY_NAME}],
            "usage": dict.fromkeys(("total", "today", "last7Days", "last30Days"), spent),
        }

    def _describe_usage(self, element: dict[str, Any]) -> dict[str, Any]:
        request = read_usage_request(element)
        switches = self.service_state.switches
        until = self.now() - switches.usage_late
        bills = [bill for bill in self.journal.bills if bill.at <= until]
        return {
            "taskType": "accountManagement",
            "taskUUID": element["taskUUID"],
            "operation": _USAGE,
            "startDate": element["startDate"],
            "endDate": element["endDate"],
            "usage": build_usage(request, bills, every_day=switches.usage_days == "all"),
        }


def _to_dollars(amount: int) -> float:
    return float(to_usd(MicroUsd(amount)))
