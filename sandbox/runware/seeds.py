"""Turn what a task names as its seed image into bytes that passed the gate."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sandbox.runware.checks import uuid4
from sandbox.runware.engine.pixels import MAX_BYTES, SeedUnusableError, measure
from sandbox.runware.images import uuid_in_url
from sandbox.runware.problems import Problem, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.geometry import Size
    from sandbox.runware.store import Picture

_DATA_URI: Final = re.compile(r"data:image/[a-z+.-]{1,20};base64,")
_LONGEST: Final = MAX_BYTES * 4 // 3 + 100
PARAMETER: Final = "inputs.seedImage"


async def read_seed(
    named: str, *, origin: str, find: Callable[[UUID], Picture | None]
) -> tuple[bytes, Size]:
    """Return the file and its upright size, or raise `invalidSeedImage`; nothing is fetched."""
    uuid = UUID(named) if uuid4(named) is None else uuid_in_url(named, origin)
    if uuid is not None:
        picture = find(uuid)
        if picture is None:
            raise _invalid("There is no image with this UUID or URL here.")
        data = picture.data
    elif named.startswith(("http:", "https:")):
        raise _invalid("Only URLs of images made here are taken; send the image as a data URI.")
    elif len(named) > _LONGEST:
        raise _invalid(f"The image is too long; at most {MAX_BYTES} bytes are taken.")
    else:
        data = await asyncio.to_thread(_decode_text, named)
    try:
        return data, await asyncio.to_thread(measure, data)
    except SeedUnusableError as error:
        raise _invalid(str(error)) from error


def _decode_text(named: str) -> bytes:
    prefix = _DATA_URI.match(named)
    try:
        return base64.b64decode(named[prefix.end() if prefix else 0 :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise _invalid("The seed image must be a UUID, a URL, a data URI or base64.") from error


def _invalid(message: str) -> RefusedError:
    return RefusedError(Problem("invalidSeedImage", message, PARAMETER))
