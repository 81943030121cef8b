"""`imageInference`: validate and accept tasks, and describe their outcomes."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bot.domain.money import to_usd
from sandbox.runware.faults import RunwareStage
from sandbox.runware.media import moderation
from sandbox.runware.media.images import CONTENT_TYPES, EXTENSIONS, build_image_url
from sandbox.runware.problems import Problem, RefusedError
from sandbox.runware.tasks.parameters import read_image_task
from sandbox.runware.tasks.task_store import TASK_TYPE, Task

if TYPE_CHECKING:
    from bot.domain.geometry import Size
    from sandbox.runware.media.seed_images import SeedImageReader
    from sandbox.runware.tasks.parameters import ImageTask
    from sandbox.runware.tasks.task_runner import RunContext, TaskRunner
    from sandbox.runware.tasks.task_store import TaskResult

MAX_CANVAS_SIDE: Final = 6144 * 6144
"""Maximum canvas in pixels: a 2048 pixel square with the largest margin on every side."""
_MAX_QUOTED: Final = 200
"""Characters of a seed image stored in the archive."""

Outcomes = tuple[list[dict[str, Any]], list[Problem]]
"""Items of `data` and entries of `errors`."""


@dataclass(frozen=True, slots=True)
class InferenceTask:
    context: RunContext
    task_runner: TaskRunner
    seed_reader: SeedImageReader

    async def check_task(self, given: dict[str, Any]) -> Task:
        """Return a validated task; raise `RefusedError`. Nothing is reserved yet."""
        switches = self.context.service_state.switches
        order = read_image_task(given)
        self.context.tasks.check_free(order.uuid)
        seed = await self.seed_reader.read(
            order.seed_image,
            max_length=switches.inline_bytes,
            reduce=switches.large_seed == "reduced",
        )
        self._check_canvas(order, seed.size)
        levels = [
            level
            for level in (seed.level, moderation.find_prompt_level(order.prompt))
            if level is not None
        ]
        price = order.compute_price(seed.size)
        level = max(levels, default=None)
        task = Task(order, seed.data, price, level, _abridge_request(given))
        self._check_balance(task)
        return task

    def accept_task(self, task: Task) -> None:
        """Reserve the UUID and start; raise `RefusedError` if taken or without balance."""
        # Checked again: other tasks may have been accepted since `check_task`.
        self._check_balance(task)
        self.context.tasks.accept(task)
        self.task_runner.start(task)

    def list_outcomes(self, task: Task, *, polled: bool) -> Outcomes:
        """Return the items and problems so far; a poll also sees results that are still missing."""
        switches = self.context.service_state.switches
        base = {"taskType": TASK_TYPE, "taskUUID": str(task.order.uuid)}
        marked = {"status": "success"} if polled else {}
        items, problems = [], []
        for result in task.results:
            try:
                items.append(base | marked | self.describe_result(task.order, result))
            except RefusedError as refused:
                problems += [
                    each.for_task(TASK_TYPE, base["taskUUID"]) for each in refused.problems
                ]
        unseen = switches.partial == "silent" and task.order.count > 1
        if not unseen or (task.finished.is_set() and not task.results):
            problems += task.problems
        if switches.partial == "item" and task.order.count > 1:
            items += [base | {"status": "error"} for _ in problems]
            problems = []
        if not task.finished.is_set():
            items += self._list_awaited(task, base)
        return self._apply_fault(task, items, problems)

    def describe_result(self, order: ImageTask, result: TaskResult) -> dict[str, Any]:
        """Return one result's item; raise `mediaExpired` if its file is gone."""
        item: dict[str, Any] = {"imageUUID": str(result.image_uuid), "seed": result.noise_seed}
        item |= self._build_media(order, result)
        if order.include_cost:
            item["cost"] = float(to_usd(result.cost))
        if order.check_content:
            item["NSFWContent"] = result.nsfw
        return item

    def _check_balance(self, task: Task) -> None:
        if not self.context.service_state.wallet.can_cover(task.full_price):
            raise RefusedError(Problem("insufficientCredits", "The balance is too low."))

    def _list_awaited(self, task: Task, base: dict[str, str]) -> list[dict[str, Any]]:
        missing = task.order.count - task.outcome_count
        shape = self.context.service_state.switches.waiting
        count = {"each": missing, "one": min(missing, 1), "none": 0}[shape]
        return [base | {"status": "processing"} for _ in range(count)]

    def _apply_fault(
        self, task: Task, items: list[dict[str, Any]], problems: list[Problem]
    ) -> Outcomes:
        """Apply a planned fault to finished results."""
        if not task.results:
            return items, problems
        fault = self.context.service_state.faults.take(RunwareStage.SHOW, {task.order.uuid})
        match fault.kind if fault else "":
            case "cost":
                value = fault.value if fault else None
                items = [_add_cost(item, value) if "imageUUID" in item else item for item in items]
            case "duplicate":
                items = [item for item in items for _ in range(2)]
            case "unknown_item":
                items = [*items, items[0] | {"taskUUID": str(task.results[0].image_uuid)}]
            case "unknown_error":
                stranger = Problem("providerError", "Another task failed.")
                problems = [
                    *problems,
                    stranger.for_task(TASK_TYPE, str(task.results[0].image_uuid)),
                ]
        return items, problems

    def _build_media(self, order: ImageTask, result: TaskResult) -> dict[str, str]:
        extension, uuid = EXTENSIONS[order.output_format], result.image_uuid
        if order.output_type == "URL":
            return {"imageURL": build_image_url(uuid, extension, origin=self.seed_reader.origin)}
        picture = self.context.pictures.picture(uuid)
        if picture is None:
            raise RefusedError(Problem("mediaExpired", "The image is no longer kept."))
        text = base64.b64encode(picture.data).decode()
        if order.output_type == "base64Data":
            return {"imageBase64Data": text}
        return {"imageDataURI": f"data:{CONTENT_TYPES[extension]};base64,{text}"}

    def _check_canvas(self, order: ImageTask, size: Size) -> None:
        switches = self.context.service_state.switches
        refused = switches.over_canvas == "refuse"
        limit = switches.canvas_pixels if refused else MAX_CANVAS_SIDE
        pixels = size.grow_by(order.margins).pixel_count
        if pixels > min(limit, MAX_CANVAS_SIDE):
            message = f"The result would have {pixels} pixels; at most {limit:.0f} in all are made."
            raise RefusedError(Problem("invalidOutpaint", message, "outpaint"))


def _add_cost(item: dict[str, Any], value: Any) -> dict[str, Any]:
    rest = {name: kept for name, kept in item.items() if name != "cost"}
    return rest if value is None else rest | {"cost": value}


def _abridge_request(given: dict[str, Any]) -> dict[str, Any]:
    """Copy a request for the archive, with a shortened seed image and JSON numbers."""
    kept: dict[str, Any] = json.loads(json.dumps(given, default=float))
    if "seedImage" in kept:
        kept["seedImage"] = kept["seedImage"][:_MAX_QUOTED]
    if "seedImage" in kept.get("inputs", {}):
        kept["inputs"] = {"seedImage": kept["inputs"]["seedImage"][:_MAX_QUOTED]}
    return kept
