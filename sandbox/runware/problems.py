"""The vendor's error object, and the HTTP status of each code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

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

    @property
    def http_status(self) -> int:
        """Return the status if this is the only content of an envelope (vendor's errors page)."""
        return _STATUS.get(self.code, 400)

    def for_task(self, task_type: str | None, task_uuid: str | None) -> Problem:
        return replace(self, task_type=task_type, task_uuid=task_uuid)

    def to_json(self, *, polled: bool = False) -> dict[str, Any]:
        """Return the object; `polled` adds the status that `getResponse` gives to failures."""
        parameter = list(self.parameter) if isinstance(self.parameter, tuple) else self.parameter
        fields = {
            "code": self.code,
            "message": self.message,
            "parameter": parameter,
            "taskType": self.task_type,
            "taskUUID": self.task_uuid,
            "status": "error" if polled else None,
            "cost": self.cost,
            "documentation": DOCUMENTATION,
        }
        return {name: value for name, value in fields.items() if value is not None}


class RefusedError(Exception):
    """Refuse one task, for one or more problems."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems
