"""The vendor's error object, and the HTTP status of each code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.runware.behaviour_switches import Switches

DOCUMENTATION: Final = "https://runware.ai/docs/models/bfl-flux-1-expand-pro"

_STATUS: Final = {
    "invalidApiKey": 401,
    "missingApiKey": 401,
    "insufficientCredits": 402,
    "taskFailedOrNotFound": 404,
    "rateLimitExceeded": 429,
    "internalServerError": 500,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of `errors`; `parameter` is dotted if nested, a tuple if it is about several."""

    code: str
    message: str
    parameter: str | tuple[str, ...] | None = None
    task_type: str | None = None
    task_uuid: str | None = None
    cost: float | None = None
    """Dollars, if a failure was billed and reports it."""
    allowed_values: tuple[str, ...] = ()
    """What is accepted instead, where that is a list."""
    conflicting: Mapping[str, str] | None = None
    """The task that has the UUID of this one already."""

    @property
    def http_status(self) -> int:
        """Return the status if this is the only content of an envelope (vendor's errors page)."""
        return _STATUS.get(self.code, 400)

    def for_task(self, task_type: str | None, task_uuid: str | None) -> Problem:
        return replace(self, task_type=task_type, task_uuid=task_uuid)

    def to_json(self, switches: Switches, *, polled: bool = False) -> dict[str, Any]:
        """Return the object; `polled` adds the status that `getResponse` gives to failures."""
        fields: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "parameter": self._list_parameters(switches),
            "allowedValues": list(self.allowed_values) or None,
            "taskType": self.task_type,
            "taskUUID": self.task_uuid,
            "status": "error" if polled else None,
            "cost": self.cost,
            "documentation": DOCUMENTATION,
        }
        if self.conflicting is not None and switches.conflict != "error":
            context = {"context": dict(self.conflicting)}
            fields |= context if switches.conflict == "context" else {"error_data": context}
            fields |= {"taskType": None, "taskUUID": None}
        return {name: value for name, value in fields.items() if value is not None}

    def _list_parameters(self, switches: Switches) -> str | list[str] | None:
        if isinstance(self.parameter, tuple):
            return list(self.parameter)
        if self.parameter is None or switches.error_parameter == "string":
            return self.parameter
        return [self.parameter]


class RefusedError(Exception):
    """Refuse one task, for one or more problems."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems
