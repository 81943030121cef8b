"""The table of task types: what one element of a request adds to the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sandbox.runware.checks import Group, Value, find_problems, one_of, uuid4
from sandbox.runware.problems import Problem, RefusedError

if TYPE_CHECKING:
    from sandbox.runware.inference import ImageInference
    from sandbox.runware.store import Store, Task

_GET_RESPONSE: Final = Group(
    {
        "taskType": Value(one_of("getResponse"), required=True),
        "taskUUID": Value(uuid4, required=True),
    }
)


@dataclass(slots=True)
class Answer:
    """The two halves of an envelope, and the tasks whose results it still waits for."""

    data: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    awaited: list[Task] = field(default_factory=list)
    worst: int = 200

    def fail(self, problem: Problem, *, polled: bool = False) -> None:
        self.errors.append(problem.to_json(polled=polled))
        self.worst = max(self.worst, problem.http_status)

    @property
    def http_status(self) -> int:
        """Return 200 as soon as one task went well: what the vendor does is not documented."""
        return 200 if self.data else self.worst

    def to_json(self) -> dict[str, Any]:
        return {"data": self.data} | ({"errors": self.errors} if self.errors else {})


class Tasks:
    def __init__(self, store: Store, inference: ImageInference) -> None:
        self._store = store
        self._inference = inference
        self._handlers: dict[str, Callable[[dict[str, Any], Answer], Awaitable[None]]] = {
            "imageInference": self._image_inference,
            "getResponse": self._get_response,
            "ping": self._ping,
        }

    async def answer(self, elements: list[Any], answer: Answer) -> None:
        """Handle every element, then wait for the tasks whose results belong in this answer."""
        for element in elements:
            await self._handle(element, answer)
        for task in answer.awaited:
            await task.finished.wait()
            self._show(task, answer, polled=False)

    async def _handle(self, element: Any, answer: Answer) -> None:
        if not isinstance(element, dict):
            answer.fail(Problem("invalidTask", "A task must be an object."))
            return
        task_type, task_uuid = echo(element, "taskType"), echo(element, "taskUUID")
        try:
            await self._handler(element, task_type)(element, answer)
        except RefusedError as refused:
            for problem in refused.problems:
                answer.fail(problem.about(task_type, task_uuid))

    def _handler(
        self, element: dict[str, Any], task_type: str | None
    ) -> Callable[[dict[str, Any], Answer], Awaitable[None]]:
        handler = self._handlers.get(task_type or "")
        if handler is None:
            code = "invalidTaskType" if "taskType" in element else "missingTaskType"
            known = ", ".join(self._handlers)
            raise RefusedError(Problem(code, f"'taskType' must be one of {known}.", "taskType"))
        return handler

    async def _image_inference(self, element: dict[str, Any], answer: Answer) -> None:
        task = await self._inference.accept(element)
        if task.order.delivery == "sync":
            answer.awaited.append(task)
        else:
            answer.data.append({"taskType": "imageInference", "taskUUID": str(task.order.uuid)})

    async def _get_response(self, element: dict[str, Any], answer: Answer) -> None:
        problems = [*find_problems(element, _GET_RESPONSE)]
        if problems:
            raise RefusedError(*problems)
        task = self._store.task(UUID(element["taskUUID"]))
        # An unknown UUID adds nothing: what one public client observed, and not documented.
        if task is not None:
            self._show(task, answer, polled=True)

    async def _ping(self, _element: dict[str, Any], answer: Answer) -> None:
        answer.data.append({"taskType": "ping", "pong": True})

    def _show(self, task: Task, answer: Answer, *, polled: bool) -> None:
        items, problems = self._inference.show(task, polled=polled)
        answer.data += items
        for problem in problems:
            answer.fail(problem, polled=polled)


def echo(element: dict[str, Any], name: str) -> str | None:
    """Return a string of the element for quoting it back, at most 100 characters."""
    value = element.get(name)
    return value[:100] if isinstance(value, str) else None
