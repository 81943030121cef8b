"""Read and validate a task's seed image; no foreign URL is ever fetched."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from bot.domain.geometry import Size
from sandbox.runware.engine.pixels import MAX_BYTES, SeedUnusableError, decode_seed
from sandbox.runware.media.images import parse_image_uuid
from sandbox.runware.media.moderation import find_image_level
from sandbox.runware.media.resize import UPLOAD_SIDE, shrink_to_side
from sandbox.runware.problems import Problem, RefusedError
from sandbox.runware.value_checks import check_uuid4

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.runware.media.picture_store import Picture

_DATA_URI: Final = re.compile(r"data:image/[a-z+.-]{1,20};base64,")
_MAX_TEXT_LENGTH: Final = MAX_BYTES * 4 // 3 + 100
SEED_PARAMETER: Final = "inputs.seedImage"


@dataclass(frozen=True, slots=True)
class ReceivedSeed:
    """A seed image's file, its upright size in pixels, and its mark's level, if any."""

    data: bytes
    size: Size
    level: int | None


@dataclass(frozen=True, slots=True)
class SeedImageReader:
    """`origin` is this service's "http://host:port"; `find` returns a picture by UUID."""

    origin: str
    find: Callable[[UUID], Picture | None]

    async def read(
        self,
        named: str,
        *,
        parameter: str = SEED_PARAMETER,
        max_length: float = _MAX_TEXT_LENGTH,
        reduce: bool = False,
    ) -> ReceivedSeed:
        """Return a seed image; raise `RefusedError` with an `invalid...` code of the parameter.

        `max_length` limits inline images, in characters; `reduce` scales large inline ones down.
        """
        try:
            data, inline = await self._read_bytes(named, min(max_length, _MAX_TEXT_LENGTH))
            return await asyncio.to_thread(_examine_bytes, data, reduce=reduce and inline)
        except SeedUnusableError as error:
            last = parameter.rpartition(".")[2]
            code = f"invalid{last[0].upper()}{last[1:]}"
            raise RefusedError(Problem(code, str(error), parameter)) from error

    async def _read_bytes(self, named: str, max_length: float) -> tuple[bytes, bool]:
        uuid = UUID(named) if check_uuid4(named) is None else parse_image_uuid(named, self.origin)
        if uuid is not None:
            picture = self.find(uuid)
            if picture is None:
                raise SeedUnusableError("There is no image with this UUID or URL here.")
            return picture.data, False
        if named.startswith(("http:", "https:")):
            raise SeedUnusableError(
                "Only URLs of images made or stored here are taken; send the image as a data URI."
            )
        if len(named) > max_length:
            raise SeedUnusableError(f"The image is too long; at most {max_length:.0f} characters.")
        return await asyncio.to_thread(_decode_text, named), True


def _examine_bytes(data: bytes, *, reduce: bool) -> ReceivedSeed:
    pixels = decode_seed(data)
    height, width = pixels.shape[:2]
    level = find_image_level(pixels)
    if reduce and max(height, width) > UPLOAD_SIDE:
        data = shrink_to_side(data, UPLOAD_SIDE)
        height, width = decode_seed(data).shape[:2]
    return ReceivedSeed(data, Size(width, height), level)


def _decode_text(named: str) -> bytes:
    prefix = _DATA_URI.match(named)
    try:
        return base64.b64decode(named[prefix.end() if prefix else 0 :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise SeedUnusableError("An image is a UUID, a URL, a data URI or base64.") from error
