"""A request's answer: the envelope's data and errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.runware.behaviour_switches import Switches
    from sandbox.runware.problems import Problem
    from sandbox.runware.tasks.task_store import Task

Element = dict[str, Any]


@dataclass(slots=True)
class Answer:
    """An envelope's data and errors, and the tasks whose results it still waits for."""

    switches: Switches
    dry_run: bool = False
    over_socket: bool = False
    data: list[Element] = field(default_factory=list)
    errors: list[Element] = field(default_factory=list)
    checked: list[Task] = field(default_factory=list)
    awaited: list[Task] = field(default_factory=list)
    worst_status: int = 200
    only_polls: bool = True

    def add_problem(self, problem: Problem, *, polled: bool = False) -> None:
        self.errors.append(problem.to_json(self.switches, polled=polled))
        self.worst_status = max(self.worst_status, problem.http_status)
        self.only_polls = self.only_polls and polled

    @property
    def http_status(self) -> int:
        """Return the status that the switches choose, as the vendor's pages leave it open."""
        if self.data:
            return 200 if self.switches.mixed_status == "ok" else self.worst_status
        if self.errors and self.only_polls and self.switches.failed_poll_status == "ok":
            return 200
        return self.worst_status

    def to_json(self) -> Element:
        return {"data": self.data} | ({"errors": self.errors} if self.errors else {})
