"""`accountManagement`: what the account is, and the money that is left on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bot.domain.money import MicroUsd, to_usd
from sandbox.runware.checks import Group, Value, find_problems, one_of, uuid4
from sandbox.runware.problems import RefusedError

if TYPE_CHECKING:
    from sandbox.runware.answers import Answer
    from sandbox.runware.conditions import Conditions

_ORGANISATION: Final = "00000000-0000-4000-8000-000000000001"
_GET_DETAILS: Final = Group(
    {
        "taskType": Value(one_of("accountManagement"), required=True),
        "taskUUID": Value(uuid4, required=True),
        "operation": Value(one_of("getDetails"), required=True),
    }
)


@dataclass(frozen=True, slots=True)
class Account:
    conditions: Conditions

    async def answer(self, element: dict[str, Any], answer: Answer) -> None:
        problems = [*find_problems(element, _GET_DETAILS)]
        if problems:
            raise RefusedError(*problems)
        wallet = self.conditions.wallet
        spent = {"credits": _dollars(wallet.spent), "requests": wallet.requests}
        balance = _dollars(wallet.balance)
        number = self.conditions.switches.balance == "number"
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


def _dollars(amount: int) -> float:
    return float(to_usd(MicroUsd(amount)))
