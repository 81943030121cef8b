"""`imageUpload` and `mediaStorage`: stored pictures, to be used as seed images."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from PIL import Image

from sandbox.runware.media.images import build_upload_url
from sandbox.runware.media.picture_store import Picture
from sandbox.runware.media.resize import UPLOAD_SIDE, shrink_to_side
from sandbox.runware.problems import Problem, RefusedError
from sandbox.runware.value_checks import (
    GroupRule,
    ValueRule,
    check_uuid4,
    find_problems,
    make_choice_check,
    make_text_check,
)

if TYPE_CHECKING:
    from sandbox.runware.media.picture_store import PictureStore
    from sandbox.runware.media.seed_images import SeedImageReader
    from sandbox.runware.tasks.answers import Answer

_KEPT: Final = 30 * 86_400.0
"""Seconds that an upload is stored (vendor's page on image upload: 30 days after its last use)."""
_EXTENSIONS: Final = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
_IMAGE_UPLOAD: Final = GroupRule(
    {
        "taskType": ValueRule(make_choice_check("imageUpload"), required=True),
        "taskUUID": ValueRule(check_uuid4, required=True),
        "image": ValueRule(make_text_check(1), required=True),
    }
)
_MEDIA_STORAGE: Final = GroupRule(
    {
        "taskType": ValueRule(make_choice_check("mediaStorage"), required=True),
        "taskUUID": ValueRule(check_uuid4, required=True),
        "operation": ValueRule(make_choice_check("upload", "delete"), required=True),
        "media": ValueRule(make_text_check(1)),
        "mediaUUID": ValueRule(check_uuid4),
    }
)


@dataclass(frozen=True, slots=True)
class Uploads:
    pictures: PictureStore
    seed_reader: SeedImageReader
    now: Callable[[], float]
    new_uuid: Callable[[], UUID]

    async def upload_image(self, element: dict[str, Any], answer: Answer) -> None:
        _check_element(element, _IMAGE_UPLOAD)
        uuid, url = await self._store_picture(element["image"], "image")
        about = {"taskType": "imageUpload", "taskUUID": element["taskUUID"]}
        answer.data.append(about | {"imageUUID": str(uuid), "imageURL": url})

    async def store_media(self, element: dict[str, Any], answer: Answer) -> None:
        _check_element(element, _MEDIA_STORAGE)
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
        uuid, url = await self._store_picture(element["media"], "media")
        answer.data.append(about | {"mediaUUID": str(uuid), "mediaURL": url})

    async def _store_picture(self, named: str, parameter: str) -> tuple[UUID, str]:
        seed = await self.seed_reader.read(named, parameter=parameter)
        data, extension = await asyncio.to_thread(_prepare_picture, seed.data)
        uuid = self.new_uuid()
        expires_at = self.now() + _KEPT
        self.pictures.keep(uuid, Picture(data, extension, expires_at, idle_seconds=_KEPT))
        return uuid, build_upload_url(uuid, extension, origin=self.seed_reader.origin)


def _check_element(element: dict[str, Any], group: GroupRule) -> None:
    problems = [*find_problems(element, group)]
    if problems:
        raise RefusedError(*problems)


def _prepare_picture(data: bytes) -> tuple[bytes, str]:
    """Return the stored form of an upload, scaled down if large, and its extension."""
    data = shrink_to_side(data, UPLOAD_SIDE)
    with Image.open(io.BytesIO(data)) as image:
        return data, _EXTENSIONS[image.format or "PNG"]
