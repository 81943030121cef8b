"""`imageUpload` and `mediaStorage`: pictures that are kept here to be named as seed images."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from PIL import Image

from sandbox.runware.checks import Group, Value, find_problems, one_of, text, uuid4
from sandbox.runware.images import url_of
from sandbox.runware.picture_store import Picture
from sandbox.runware.problems import Problem, RefusedError
from sandbox.runware.reshape import UPLOAD_SIDE, within_side

if TYPE_CHECKING:
    from sandbox.runware.answers import Answer
    from sandbox.runware.picture_store import PictureStore
    from sandbox.runware.seeds import Gate

_KEPT: Final = 30 * 86_400.0
"""Seconds that an upload is kept (vendor's page on image upload: 30 days after its last use)."""
_EXTENSIONS: Final = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
_IMAGE_UPLOAD: Final = Group(
    {
        "taskType": Value(one_of("imageUpload"), required=True),
        "taskUUID": Value(uuid4, required=True),
        "image": Value(text(1), required=True),
    }
)
_MEDIA_STORAGE: Final = Group(
    {
        "taskType": Value(one_of("mediaStorage"), required=True),
        "taskUUID": Value(uuid4, required=True),
        "operation": Value(one_of("upload", "delete"), required=True),
        "media": Value(text(1)),
        "mediaUUID": Value(uuid4),
    }
)


@dataclass(frozen=True, slots=True)
class Uploads:
    pictures: PictureStore
    gate: Gate
    now: Callable[[], float]
    new_uuid: Callable[[], UUID]

    async def image_upload(self, element: dict[str, Any], answer: Answer) -> None:
        _check(element, _IMAGE_UPLOAD)
        uuid, url = await self._keep(element["image"], "image")
        about = {"taskType": "imageUpload", "taskUUID": element["taskUUID"]}
        answer.data.append(about | {"imageUUID": str(uuid), "imageURL": url})

    async def media_storage(self, element: dict[str, Any], answer: Answer) -> None:
        _check(element, _MEDIA_STORAGE)
        about = {"taskType": "mediaStorage", "taskUUID": element["taskUUID"]}
        needed = "media" if element["operation"] == "upload" else "mediaUUID"
        if needed not in element:
            code = f"missing{needed[0].upper()}{needed[1:]}"
            raise RefusedError(Problem(code, f"The parameter '{needed}' is required.", needed))
        if element["operation"] == "delete":
            if not self.pictures.drop(UUID(element["mediaUUID"])):
                raise RefusedError(Problem("mediaNotFound", "There is no such media.", "mediaUUID"))
            answer.data.append(about | {"mediaUUID": element["mediaUUID"]})
            return
        uuid, url = await self._keep(element["media"], "media")
        answer.data.append(about | {"mediaUUID": str(uuid), "mediaURL": url})

    async def _keep(self, named: str, parameter: str) -> tuple[UUID, str]:
        seed = await self.gate.read(named, parameter=parameter)
        data, extension = await asyncio.to_thread(_stored, seed.data)
        uuid = self.new_uuid()
        self.pictures.keep(uuid, Picture(data, extension, self.now() + _KEPT))
        return uuid, url_of(uuid, extension, origin=self.gate.origin)


def _check(element: dict[str, Any], group: Group) -> None:
    problems = [*find_problems(element, group)]
    if problems:
        raise RefusedError(*problems)


def _stored(data: bytes) -> tuple[bytes, str]:
    """Return what is kept of an upload, which may be scaled down, and its extension."""
    data = within_side(data, UPLOAD_SIDE)
    with Image.open(io.BytesIO(data)) as image:
        return data, _EXTENSIONS[image.format or "PNG"]
