"""`imageInference`: accept a task, and show what has become of it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from bot.domain.money import to_usd
from sandbox.runware.images import CONTENT_TYPES, EXTENSIONS, url_of
from sandbox.runware.parameters import read_image_task
from sandbox.runware.problems import Problem, RefusedError
from sandbox.runware.seeds import read_seed
from sandbox.runware.store import Task

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from bot.domain.geometry import Size
    from sandbox.runware.parameters import ImageTask
    from sandbox.runware.runs import Runs
    from sandbox.runware.store import Picture, Result, Store

TYPE: Final = "imageInference"
MAX_CANVAS: Final = 6144 * 6144
"""Largest canvas in pixels: a 2048 pixel square with the largest margin on every side."""


class ImageInference:
    """`origin` is this service's "http://host:port"; `now` gives seconds since 1970."""

    def __init__(self, store: Store, runs: Runs, *, origin: str, now: Callable[[], float]) -> None:
        self._store = store
        self._runs = runs
        self._origin = origin
        self._now = now

    async def accept(self, given: dict[str, Any]) -> Task:
        """Check everything, then reserve the UUID and start; or raise `RefusedError`, unbilled."""
        order = read_image_task(given)
        seed, size = await read_seed(order.seed_image, origin=self._origin, find=self._find)
        _check_canvas(order, size)
        task = Task(order, seed)
        self._store.accept(task)
        self._runs.start(task)
        return task

    def show(self, task: Task, *, polled: bool) -> tuple[list[dict[str, Any]], list[Problem]]:
        """Return the items of `data` and the problems so far; a poll also sees what is awaited."""
        base = {"taskType": TYPE, "taskUUID": str(task.order.uuid)}
        items, problems = [], list(task.problems)
        for result in task.results:
            try:
                shown = self._show_result(task.order, result)
            except RefusedError as refused:
                problems += [
                    problem.about(TYPE, str(task.order.uuid)) for problem in refused.problems
                ]
            else:
                items.append(base | ({"status": "success"} if polled else {}) | shown)
        if not task.finished.is_set():
            missing = task.order.count - len(task.results) - len(task.problems)
            items += [base | {"status": "processing"} for _ in range(missing)]
        return items, problems

    def _find(self, uuid: UUID) -> Picture | None:
        return self._store.picture(uuid, now=self._now())

    def _show_result(self, order: ImageTask, result: Result) -> dict[str, Any]:
        shown: dict[str, Any] = {"imageUUID": str(result.image_uuid), "seed": result.noise_seed}
        shown |= self._media(order, result.image_uuid)
        if order.include_cost:
            shown["cost"] = float(to_usd(result.cost))
        if order.check_content:
            shown["NSFWContent"] = False
        return shown

    def _media(self, order: ImageTask, uuid: UUID) -> dict[str, str]:
        extension = EXTENSIONS[order.output_format]
        if order.output_type == "URL":
            return {"imageURL": url_of(uuid, extension, origin=self._origin)}
        picture = self._store.picture(uuid, now=self._now())
        if picture is None:
            raise RefusedError(Problem("mediaExpired", "The image is no longer kept."))
        text = base64.b64encode(picture.data).decode()
        if order.output_type == "base64Data":
            return {"imageBase64Data": text}
        return {"imageDataURI": f"data:{CONTENT_TYPES[extension]};base64,{text}"}


def _check_canvas(order: ImageTask, size: Size) -> None:
    canvas = size.grown(order.margins)
    if canvas.pixels > MAX_CANVAS:
        message = f"The result would have {canvas} pixels; at most {MAX_CANVAS} in all are made."
        raise RefusedError(Problem("invalidOutpaint", message, "outpaint"))
