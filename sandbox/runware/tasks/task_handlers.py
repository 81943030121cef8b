"""Handlers of task types: what each element of a request adds to the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from bot.domain.money import to_usd
from sandbox.runware.problems import Problem, RefusedError
from sandbox.runware.tasks.answers import Answer, Element
from sandbox.runware.tasks.task_store import TASK_TYPE
from sandbox.runware.value_checks import (
    GroupRule,
    ValueRule,
    check_uuid4,
    find_problems,
    make_choice_check,
)

if TYPE_CHECKING:
    from sandbox.runware.tasks.account import ServiceAccount
    from sandbox.runware.tasks.inference import InferenceTask
    from sandbox.runware.tasks.task_store import Task
    from sandbox.runware.tasks.uploads import Uploads
    from sandbox.runware.tasks.webhooks import WebhookSender

_GET_RESPONSE: Final = GroupRule(
    {
        "taskType": ValueRule(make_choice_check("getResponse"), required=True),
        "taskUUID": ValueRule(check_uuid4, required=True),
    }
)


class TaskHandlers:
    def __init__(
        self,
        inference: InferenceTask,
        *,
        uploads: Uploads,
        account: ServiceAccount,
        result_sender: WebhookSender,
    ) -> None:
        self._inference = inference
        self._result_sender = result_sender
        self._store = inference.context.tasks
        self._service_state = inference.context.service_state
        self._handlers: dict[str, Callable[[Element, Answer], Awaitable[None]]] = {
            TASK_TYPE: self._check_image,
            "getResponse": self._get_response,
            "getTaskDetails": self._get_task_details,
            "imageUpload": uploads.upload_image,
            "mediaStorage": uploads.store_media,
            "accountManagement": account.answer,
            "ping": self._answer_ping,
        }

    def create_answer(self, *, dry_run: bool = False, over_socket: bool = False) -> Answer:
        """Begin an answer; a dry run prices tasks without accepting them."""
        return Answer(self._service_state.switches, dry_run, over_socket)

    async def handle_elements(self, elements: list[Any], answer: Answer) -> None:
        """Handle all elements; `awaited` gets the tasks whose results belong in this answer."""
        # All are validated before any is accepted: the batch switch may refuse them together.
        for element in elements:
            await self._handle_element(element, answer)
        if answer.errors and answer.switches.batch == "whole":
            return
        for task in answer.checked:
            self._accept_task(task, answer)

    async def add_awaited_results(self, answer: Answer) -> None:
        """Wait for the awaited tasks and add their results."""
        for task in answer.awaited:
            await task.finished.wait()
            self._show_task(task, answer, polled=False)

    async def _handle_element(self, element: Any, answer: Answer) -> None:
        if not isinstance(element, dict):
            answer.add_problem(Problem("invalidTask", "A task must be an object."))
            return
        task_type, task_uuid = quote_string(element, "taskType"), quote_string(element, "taskUUID")
        try:
            await self._find_handler(element, task_type, answer)(element, answer)
        except RefusedError as refused:
            for problem in refused.problems:
                answer.add_problem(problem.for_task(task_type, task_uuid))
            self._reserve_refused(element, answer)

    def _find_handler(
        self, element: Element, task_type: str | None, answer: Answer
    ) -> Callable[[Element, Answer], Awaitable[None]]:
        known = dict(self._handlers)
        if not answer.over_socket and answer.switches.http_ping == "unknown":
            del known["ping"]
        handler = known.get(task_type or "")
        if handler is None:
            code = "invalidTaskType" if "taskType" in element else "missingTaskType"
            message = f"'taskType' must be one of {', '.join(known)}."
            raise RefusedError(Problem(code, message, "taskType", allowed_values=tuple(known)))
        return handler

    def _reserve_refused(self, element: Element, answer: Answer) -> None:
        task_uuid = element.get("taskUUID")
        refused = element.get("taskType") == TASK_TYPE and check_uuid4(task_uuid) is None
        if refused and not answer.dry_run and answer.switches.refused_uuid == "reserved":
            self._store.burn(UUID(task_uuid))

    async def _check_image(self, element: Element, answer: Answer) -> None:
        answer.checked.append(await self._inference.check_task(element))

    def _accept_task(self, task: Task, answer: Answer) -> None:
        about = {"taskType": TASK_TYPE, "taskUUID": str(task.order.uuid)}
        if answer.dry_run:
            self._price_task(task, answer, about)
            return
        try:
            self._inference.accept_task(task)
        except RefusedError as refused:
            for problem in refused.problems:
                answer.add_problem(problem.for_task(TASK_TYPE, about["taskUUID"]))
            return
        self._result_sender.follow_task(task)
        if task.order.delivery == "sync":
            answer.awaited.append(task)
        elif answer.switches.ack == "item":
            answer.data.append(about)

    def _price_task(self, task: Task, answer: Answer, about: Element) -> None:
        """Answer a dry run."""
        cost = float(to_usd(task.full_price))
        match answer.switches.dry_run:
            case "cost":
                answer.data.append(about | {"cost": cost})
            case "ack":
                answer.data.append(about)
            case "refused":
                problem = Problem("unsupportedDryRun", "This task cannot be run dry.")
                answer.add_problem(problem.for_task(TASK_TYPE, about["taskUUID"]))

    async def _get_response(self, element: Element, answer: Answer) -> None:
        task = self._store.polled(_read_task_uuid(element))
        if task is not None:
            self._show_task(task, answer, polled=True)
        elif answer.switches.unknown_task != "empty":
            task_uuid = element["taskUUID"] if answer.switches.unknown_task == "error" else None
            problem = Problem("taskFailedOrNotFound", "There is no such task.", "taskUUID")
            answer.add_problem(problem.for_task("getResponse", task_uuid))

    async def _get_task_details(self, element: Element, answer: Answer) -> None:
        uuid = _read_task_uuid(element | {"taskType": "getResponse"})
        task = self._store.task(uuid)
        if task is None:
            raise RefusedError(Problem("taskNotFound", "There is no such task.", "taskUUID"))
        items, problems = self._inference.list_outcomes(task, polled=True)
        errors = [problem.to_json(answer.switches, polled=True) for problem in problems]
        response = {"data": items, "errors": errors}
        about = {"taskType": "getTaskDetails", "taskUUID": str(uuid)}
        answer.data.append(about | {"request": [task.given], "response": response})

    async def _answer_ping(self, _element: Element, answer: Answer) -> None:
        answer.data.append({"taskType": "ping", "pong": True})

    def _show_task(self, task: Task, answer: Answer, *, polled: bool) -> None:
        items, problems = self._inference.list_outcomes(task, polled=polled)
        answer.data += items
        for problem in problems:
            answer.add_problem(problem, polled=polled)


def quote_string(element: Element, name: str) -> str | None:
    """Return a string of the element for quoting, at most 100 characters."""
    value = element.get(name)
    return value[:100] if isinstance(value, str) else None


def _read_task_uuid(element: Element) -> UUID:
    problems = [*find_problems(element, _GET_RESPONSE)]
    if problems:
        raise RefusedError(*problems)
    return UUID(element["taskUUID"])
