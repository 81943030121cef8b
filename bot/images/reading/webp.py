"""WebP: decoded by libwebp; its Exif orientation does not count, as in browsers."""

from __future__ import annotations

import io
import struct
from functools import partial
from typing import Final

from PIL import Image

from bot.domain.geometry import Size
from bot.domain.order import OutputFormat
from bot.images.reading.colour import IccProfile
from bot.images.reading.container import MAX_PARTS, Picture, TooMuchWork

_FIRST_CHUNK_AT: Final = 12
_CHUNK: Final = struct.Struct("<4sI")
_FLAGS_AT: Final = 20
_ANIMATION: Final = 0x02
_ALPHA: Final = 0x10
"""Flags of the chunk VP8X (WebP container specification, "Extended File Format")."""


def open_webp(data: bytes) -> Picture:
    """Read a WebP file's header; raise `OSError` or `TooMuchWork` if it is unreadable."""
    _check_chunks(data)
    if data[12:16] == b"VP8X" and data[_FLAGS_AT] & _ANIMATION:
        # the flag may be missing although the first frame leaves parts of the canvas empty
        data = data[:_FLAGS_AT] + bytes((data[_FLAGS_AT] | _ALPHA,)) + data[_FLAGS_AT + 1 :]
    image = Image.open(io.BytesIO(data), formats=("WEBP",))
    is_animation = bool(getattr(image, "is_animated", False))
    # browsers don't apply the profile of an animation
    profile = None if is_animation else image.info.get("icc_profile")
    return Picture(
        OutputFormat.WEBP,
        Size(*image.size),
        partial(_decode_first_frame, image),
        IccProfile(profile) if profile else None,
        is_moving=int(getattr(image, "n_frames", 1)) > 1,
    )


def _check_chunks(data: bytes) -> None:
    """Raise `TooMuchWork` for more than `MAX_PARTS` chunks: frames, metadata and unknown ones."""
    at = _FIRST_CHUNK_AT
    for _ in range(MAX_PARTS + 1):
        if at + _CHUNK.size > len(data):
            return
        _, length = _CHUNK.unpack_from(data, at)
        at += _CHUNK.size + length + length % 2  # a byte pads odd lengths
    raise TooMuchWork(f"more than {MAX_PARTS} chunks")


def _decode_first_frame(image: Image.Image, _: int | None) -> Image.Image:
    image.load()
    image.info = {}
    return image
