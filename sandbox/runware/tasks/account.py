"""`accountManagement`: the account's details and balance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bot.domain.money import MicroUsd, to_usd
from sandbox.runware.problems import RefusedError
from sandbox.runware.value_checks import (
    GroupRule,
    ValueRule,
    check_uuid4,
    find_problems,
    make_choice_check,
)

if TYPE_CHECKING:
    from sandbox.runware.service_state import ServiceState
    from sandbox.runware.tasks.answers import Answer

_ORGANISATION: Final = "00000000-0000-4000-8000-000000000001"
_GET_DETAILS: Final = GroupRule(
    {
        "taskType": ValueRule(make_choice_check("accountManagement"), required=True),
        "taskUUID": ValueRule(check_uuid4, required=True),
        "operation": ValueRule(make_choice_check("getDetails"), required=True),
    }
)


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    service_state: ServiceState

    async def answer_details(self, element: dict[str, Any], answer: Answer) -> None:
        problems = [*find_problems(element, _GET_DETAILS)]
        if problems:
            raise RefusedError(*problems)
        wallet = self.service_state.wallet
        spent = {"credits": _to_dollars(wallet.spent), "requests": wallet.requests}
        balance = _to_dollars(wallet.balance)
        number = self.service_state.switches.balance == "number"
        answer.data.append(
            {
                "taskType": "accountManagement",
                "taskUUID": element["taskUUID"],
                "organizationUUID": _ORGANISATION,
                "organizationName": "Sandbox",
                "AIRSource": "sandbox",
                "balance": balance if number else {"amount": balance, "currency": "USD"},
                "team": [],
                "apiKeys": [],
                "usage": dict.fromkeys(("total", "today", "last7Days", "last30Days"), spent),
            }
        )


def _to_dollars(amount: int) -> float:
    return float(to_usd(MicroUsd(amount)))
