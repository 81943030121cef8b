"""Encode a picture, and step down through formats, quality and size until it may be uploaded."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PIL import Image

from bot.domain.geometry import Size
from bot.domain.order import OutputFormat
from bot.errors import ResultUnusable

QUALITY: Final = 95
"""Quality of JPG and WEBP: the provider's own default (vendor's parameter list)."""
_LADDER: Final = (95, 90, 85, 80)
"""Qualities tried in turn where a file is too large (reliability.md §4)."""
_SCALES: Final = (1.0, 0.75, 0.5, 0.35, 0.25)
_FAR: Final = 3.0
"""From quality 95 to 80 a file shrinks to about a third; one that is larger has to be scaled."""
NOTE_RECODED: Final = "recoded"
NOTE_REDUCED: Final = "reduced"


@dataclass(frozen=True, slots=True)
class Encoded:
    data: bytes
    format: OutputFormat
    size: Size
    note: str = ""


def encode(image: Image.Image, fmt: OutputFormat, quality: int = QUALITY) -> Encoded:
    """Encode an RGB or RGBA picture without metadata; PNG is lossless and ignores `quality`."""
    out = io.BytesIO()
    try:
        _save(image, out, fmt, quality)
    except (OSError, ValueError) as error:
        # a side that the format cannot hold: 65,500 pixels for JPEG, 16,383 for WebP
        raise ResultUnusable("not_encodable", f"{fmt}: {error}") from error
    return Encoded(out.getvalue(), fmt, Size(*image.size))


def _save(image: Image.Image, out: io.BytesIO, fmt: OutputFormat, quality: int) -> None:
    match fmt:
        case OutputFormat.PNG:
            image.save(out, "PNG", compress_level=1)
        case OutputFormat.JPG:
            rgb = image if image.mode == "RGB" else image.convert("RGB")
            rgb.save(out, "JPEG", quality=quality, subsampling=0)
        case OutputFormat.WEBP:
            image.save(out, "WEBP", quality=quality, method=2)


def fit(image: Image.Image, wanted: OutputFormat, max_bytes: int) -> Encoded:
    """Encode as wanted, or as the best that fits into `max_bytes`, and note what was given up."""
    most = 1.0
    for scale, fmt, quality in _steps(image, wanted):
        if scale > most:
            continue
        scaled = image if scale == 1.0 else _scaled(image, scale)
        encoded = encode(scaled, fmt, quality)
        if len(encoded.data) > _FAR * max_bytes and fmt is not OutputFormat.PNG:
            # quality alone will not do: skip the sizes that cannot fit either
            most = scale * (_FAR * max_bytes / len(encoded.data)) ** 0.5
        if len(encoded.data) <= max_bytes:
            note = NOTE_REDUCED if scale < 1.0 else NOTE_RECODED
            as_wanted = scale == 1.0 and fmt is wanted and quality == QUALITY
            return Encoded(encoded.data, fmt, encoded.size, "" if as_wanted else note)
    raise ResultUnusable("does_not_fit", f"no encoding fits into {max_bytes} bytes")


def _steps(image: Image.Image, wanted: OutputFormat) -> Iterator[tuple[float, OutputFormat, int]]:
    lossy = OutputFormat.WEBP if image.mode == "RGBA" else OutputFormat.JPG
    if wanted is OutputFormat.PNG:
        yield 1.0, OutputFormat.PNG, QUALITY
    else:
        lossy = wanted
    for scale in _SCALES:
        for quality in _LADDER:
            yield scale, lossy, quality


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    width, height = (max(1, round(side * scale)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)
