"""Image encoding, with fallback to lossy formats, lower quality and smaller sizes if needed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PIL import Image

from bot.domain.geometry import Size
from bot.domain.order import Note, OutputFormat
from bot.errors import ResultUnusable
from bot.images.marking import XMP, build_png_info

QUALITY: Final = 95
"""Quality of JPG and WEBP: the provider's own default (vendor's parameter list)."""
_QUALITIES: Final = (95, 90, 85, 80)
"""Qualities tried in turn when a file is too large, before its pixels are reduced."""
_SCALES: Final = (1.0, 0.75, 0.5, 0.35, 0.25, 0.15)
_SIZE_BY_QUALITY: Final = {95: 1.0, 90: 0.65, 85: 0.5, 80: 0.42}
"""File size relative to quality 95 for photographs, in JPEG and WebP (measured)."""
_PREDICTION_TOLERANCE: Final = 1.02
"""An attempt is skipped if its predicted size exceeds the limit by more than this factor."""
_LARGE_PIXELS: Final = 4_000_000
_LONGEST_SIDE: Final = 16_383
_BLOCK: Final = 16
_PREDICTION_DISCOUNT: Final = 0.8
"""Predictions are at most a quarter too high: a picture may be plain between the bands."""
_BANDS, _PART = 8, 10
"""A size is predicted from a tenth of the rows, in eight bands."""


@dataclass(frozen=True, slots=True)
class EncodedImage:
    data: bytes
    format: OutputFormat
    size: Size
    note: Note | None = None


def encode_image(
    image: Image.Image, fmt: OutputFormat, quality: int = QUALITY, *, is_marked: bool = False
) -> EncodedImage:
    """Encode an RGB or RGBA picture; PNG is lossless and ignores `quality`.

    The only metadata is the mark of AI (`images/marking.py`), if `is_marked`.
    """
    out = io.BytesIO()
    image.info = {}  # Pillow writes what it holds of the file it came from: profile, comment
    try:
        _save_image(image, out, fmt, quality, XMP if is_marked else b"")
    except (OSError, ValueError) as error:
        # limits of the format: sides of 65,500 pixels in JPEG, 16,383 in WebP, and too much
        # detail for WebP's first partition
        raise ResultUnusable("not_encodable", f"{fmt}: {error}") from error
    return EncodedImage(out.getvalue(), fmt, Size(*image.size))


def _save_image(
    image: Image.Image, out: io.BytesIO, fmt: OutputFormat, quality: int, xmp: bytes
) -> None:
    match fmt:
        case OutputFormat.PNG:
            image.save(out, "PNG", compress_level=1, pnginfo=build_png_info() if xmp else None)
        case OutputFormat.JPG:
            rgb = image if image.mode == "RGB" else image.convert("RGB")
            # no chroma subsampling: it would blur colour edges of the member's own pixels
            rgb.save(out, "JPEG", quality=quality, subsampling=0, xmp=xmp)
        case OutputFormat.WEBP:
            # faster methods overflow the format's first partition on large, grainy pictures
            image.save(out, "WEBP", quality=quality, method=2, xmp=xmp)


def encode_to_fit(
    image: Image.Image, wanted: OutputFormat, max_bytes: int, *, is_marked: bool = False
) -> EncodedImage:
    """Encode as `wanted`, or the best that fits into `max_bytes`, and note what was reduced.

    Sizes are predicted from a sample and from earlier attempts, so that few encodings are made.
    Raises `ResultUnusable` if nothing fits.
    """
    full_bytes: dict[OutputFormat, float] = {}
    failed_scale = 0.0
    for scale, fmt, quality in _list_attempts(image, wanted):
        # `full_bytes` are for full size and quality 95; other attempts are predicted from them
        weight = 1.0 if fmt is OutputFormat.PNG else scale * scale * _SIZE_BY_QUALITY[quality]
        if fmt not in full_bytes:
            full_bytes[fmt] = _predict_bytes(image, fmt)
        if scale == failed_scale or full_bytes[fmt] * weight > _PREDICTION_TOLERANCE * max_bytes:
            continue
        scaled = image if scale == 1.0 else _scale_image(image, scale)
        try:
            encoded = encode_image(scaled, fmt, quality, is_marked=is_marked)
        except ResultUnusable:
            failed_scale = scale  # the format can't hold this size at any quality
            continue
        if len(encoded.data) <= max_bytes:
            note = Note.REDUCED if scale < 1.0 else Note.RECODED
            as_wanted = scale == 1.0 and fmt is wanted and quality == QUALITY
            return EncodedImage(encoded.data, fmt, encoded.size, None if as_wanted else note)
        full_bytes[fmt] = len(encoded.data) / weight
    raise ResultUnusable("does_not_fit", f"no encoding fits into {max_bytes} bytes")


def _predict_bytes(image: Image.Image, fmt: OutputFormat) -> float:
    """Predict the bytes of a large picture from bands of it; 0 for a small one: just try."""
    if image.width * image.height < _LARGE_PIXELS or max(image.size) > _LONGEST_SIDE:
        return 0
    # whole codec blocks, otherwise the joins between bands would count as detail
    band_height = -(-image.height // (_BANDS * _PART * _BLOCK)) * _BLOCK
    if band_height * _BANDS >= image.height:
        return 0
    sample = Image.new(image.mode, (image.width, band_height * _BANDS))
    for index in range(_BANDS):
        top = (image.height - band_height) * index // (_BANDS - 1)
        sample.paste(image.crop((0, top, image.width, top + band_height)), (0, band_height * index))
    return _PREDICTION_DISCOUNT * len(encode_image(sample, fmt).data) * image.height / sample.height


def _list_attempts(
    image: Image.Image, wanted: OutputFormat
) -> Iterator[tuple[float, OutputFormat, int]]:
    lossy = wanted
    if wanted is OutputFormat.PNG:
        yield 1.0, OutputFormat.PNG, QUALITY
        lossy = OutputFormat.WEBP if image.mode == "RGBA" else OutputFormat.JPG
    yield from ((scale, lossy, quality) for scale in _SCALES for quality in _QUALITIES)


def _scale_image(image: Image.Image, scale: float) -> Image.Image:
    width, height = (max(1, round(side * scale)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)
