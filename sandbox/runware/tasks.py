"""The table of task types: what one element of a request adds to the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from bot.domain.money import MicroUsd, to_usd
from sandbox.runware.answers import Answer, Element
from sandbox.runware.checks import Group, Value, find_problems, one_of, uuid4
from sandbox.runware.pricing import PER_RESULT
from sandbox.runware.problems import Problem, RefusedError
from sandbox.runware.runs import TYPE

if TYPE_CHECKING:
    from sandbox.runware.account import Account
    from sandbox.runware.inference import ImageInference
    from sandbox.runware.outbound import Courier
    from sandbox.runware.task_store import Task
    from sandbox.runware.uploads import Uploads

_GET_RESPONSE: Final = Group(
    {
        "taskType": Value(one_of("getResponse"), required=True),
        "taskUUID": Value(uuid4, required=True),
    }
)


class Tasks:
    def __init__(
        self, inference: ImageInference, *, uploads: Uploads, account: Account, courier: Courier
    ) -> None:
        self._inference = inference
        self._courier = courier
        self._store = inference.books.tasks
        self._conditions = inference.books.conditions
        self._handlers: dict[str, Callable[[Element, Answer], Awaitable[None]]] = {
            TYPE: self._check_image,
            "getResponse": self._get_response,
            "getTaskDetails": self._get_task_details,
            "imageUpload": uploads.image_upload,
            "mediaStorage": uploads.media_storage,
            "accountManagement": account.answer,
            "ping": self._ping,
        }

    def new_answer(self, *, dry: bool = False) -> Answer:
        """Begin an answer; a dry one prices tasks and accepts none."""
        return Answer(self._conditions.switches, dry)

    async def answer(self, elements: list[Any], answer: Answer) -> None:
        """Handle every element; tasks whose results belong in this answer are in `awaited`."""
        for element in elements:
            await self._handle(element, answer)
        if answer.errors and answer.switches.batch == "whole":
            return
        for task in answer.checked:
            self._accept(task, answer)

    async def finish(self, answer: Answer) -> None:
        """Wait for the awaited tasks and add their results."""
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
            self._burn(element, answer)

    def _handler(
        self, element: Element, task_type: str | None
    ) -> Callable[[Element, Answer], Awaitable[None]]:
        handler = self._handlers.get(task_type or "")
        if handler is None:
            code = "invalidTaskType" if "taskType" in element else "missingTaskType"
            known = ", ".join(self._handlers)
            raise RefusedError(Problem(code, f"'taskType' must be one of {known}.", "taskType"))
        return handler

    def _burn(self, element: Element, answer: Answer) -> None:
        task_uuid = element.get("taskUUID")
        refused = element.get("taskType") == TYPE and uuid4(task_uuid) is None
        if refused and not answer.dry and answer.switches.refused_uuid == "reserved":
            self._store.burn(UUID(task_uuid))

    async def _check_image(self, element: Element, answer: Answer) -> None:
        answer.checked.append(await self._inference.check(element))

    def _accept(self, task: Task, answer: Answer) -> None:
        about = {"taskType": TYPE, "taskUUID": str(task.order.uuid)}
        if answer.dry:
            cost = float(to_usd(MicroUsd(PER_RESULT * task.order.count)))
            shapes: dict[str, list[Element]] = {
                "cost": [about | {"cost": cost}],
                "ack": [about],
                "empty": [],
            }
            answer.data += shapes[answer.switches.dry_run]
            return
        try:
            self._inference.accept(task)
        except RefusedError as refused:
            for problem in refused.problems:
                answer.fail(problem.about(TYPE, about["taskUUID"]))
            return
        self._courier.follow(task)
        if task.order.delivery == "sync":
            answer.awaited.append(task)
        elif answer.switches.ack == "item":
            answer.data.append(about)

    async def _get_response(self, element: Element, answer: Answer) -> None:
        task = self._store.polled(_asked_about(element))
        if task is not None:
            self._show(task, answer, polled=True)
        elif answer.switches.unknown_task != "empty":
            named = element["taskUUID"] if answer.switches.unknown_task == "error" else None
            problem = Problem("taskFailedOrNotFound", "There is no such task.", "taskUUID")
            answer.fail(problem.about("getResponse", named))

    async def _get_task_details(self, element: Element, answer: Answer) -> None:
        uuid = _asked_about(element | {"taskType": "getResponse"})
        task = self._store.task(uuid)
        if task is None:
            raise RefusedError(Problem("taskNotFound", "There is no such task.", "taskUUID"))
        items, problems = self._inference.show(task, polled=True)
        response = {"data": items, "errors": [problem.to_json(polled=True) for problem in problems]}
        about = {"taskType": "getTaskDetails", "taskUUID": str(uuid)}
        answer.data.append(about | {"request": [task.given], "response": response})

    async def _ping(self, _element: Element, answer: Answer) -> None:
        answer.data.append({"taskType": "ping", "pong": True})

    def _show(self, task: Task, answer: Answer, *, polled: bool) -> None:
        items, problems = self._inference.show(task, polled=polled)
        answer.data += items
        for problem in problems:
            answer.fail(problem, polled=polled)


def echo(element: Element, name: str) -> str | None:
    """Return a string of the element for quoting it back, at most 100 characters."""
    value = element.get(name)
    return value[:100] if isinstance(value, str) else None


def _asked_about(element: Element) -> UUID:
    problems = [*find_problems(element, _GET_RESPONSE)]
    if problems:
        raise RefusedError(*problems)
    return UUID(element["taskUUID"])
