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
_QUALITIES: Final = (95, 90, 85, 80)
"""Qualities tried in turn where a file is too large, before it is made smaller."""
_SCALES: Final = (1.0, 0.75, 0.5, 0.35, 0.25, 0.15)
_SIZE_BY_QUALITY: Final = {95: 1.0, 90: 0.65, 85: 0.5, 80: 0.42}
"""Size of a photograph by quality, as a share of that at 95, JPEG and WebP alike (measured)."""
_PREDICTION_TOLERANCE: Final = 1.02
"""A try is left out where it is foretold to pass the limit by more than foretelling errs."""
_LARGE_PIXELS: Final = 4_000_000
_LONGEST_SIDE: Final = 16_383
_BLOCK: Final = 16
_PREDICTION_DISCOUNT: Final = 0.8
"""What is foretold is at most a quarter too much: a picture may be plain between the bands."""
_BANDS, _PART = 8, 10
"""A size is foretold from a tenth of the rows, in eight places."""
NOTE_RECODED: Final = "recoded"
NOTE_REDUCED: Final = "reduced"


@dataclass(frozen=True, slots=True)
class EncodedImage:
    data: bytes
    format: OutputFormat
    size: Size
    note: str = ""


def encode_image(image: Image.Image, fmt: OutputFormat, quality: int = QUALITY) -> EncodedImage:
    """Encode an RGB or RGBA picture without metadata; PNG is lossless and ignores `quality`."""
    out = io.BytesIO()
    try:
        _save_image(image, out, fmt, quality)
    except (OSError, ValueError) as error:
        # what the format cannot hold: a side over 65,500 pixels for JPEG, 16,383 for WebP, and
        # more detail than WebP has room for
        raise ResultUnusable("not_encodable", f"{fmt}: {error}") from error
    return EncodedImage(out.getvalue(), fmt, Size(*image.size))


def _save_image(image: Image.Image, out: io.BytesIO, fmt: OutputFormat, quality: int) -> None:
    match fmt:
        case OutputFormat.PNG:
            image.save(out, "PNG", compress_level=1)
        case OutputFormat.JPG:
            rgb = image if image.mode == "RGB" else image.convert("RGB")
            rgb.save(out, "JPEG", quality=quality, subsampling=0)
        case OutputFormat.WEBP:
            # quicker methods overflow the format's first partition on large, grainy pictures
            image.save(out, "WEBP", quality=quality, method=2)


def encode_to_fit(image: Image.Image, wanted: OutputFormat, max_bytes: int) -> EncodedImage:
    """Encode as wanted, or as the best that fits into `max_bytes`, and note what was given up.

    The size of a large picture is foretold from a part of it, and each try foretells the next, so
    that few are made however small the limit. Raises `ResultUnusable` if nothing fits.
    """
    known: dict[OutputFormat, float] = {}
    barred = 0.0
    for scale, fmt, quality in _list_attempts(image, wanted):
        weight = 1.0 if fmt is OutputFormat.PNG else scale * scale * _SIZE_BY_QUALITY[quality]
        if fmt not in known:
            known[fmt] = _predict_bytes(image, fmt)
        if scale == barred or known[fmt] * weight > _PREDICTION_TOLERANCE * max_bytes:
            continue
        try:
            encoded = encode_image(
                image if scale == 1.0 else _scale_image(image, scale), fmt, quality
            )
        except ResultUnusable:
            barred = scale
            continue
        if len(encoded.data) <= max_bytes:
            note = NOTE_REDUCED if scale < 1.0 else NOTE_RECODED
            as_wanted = scale == 1.0 and fmt is wanted and quality == QUALITY
            return EncodedImage(encoded.data, fmt, encoded.size, "" if as_wanted else note)
        known[fmt] = len(encoded.data) / weight
    raise ResultUnusable("does_not_fit", f"no encoding fits into {max_bytes} bytes")


def _predict_bytes(image: Image.Image, fmt: OutputFormat) -> float:
    """Foretell the bytes of a large picture from bands of it; of a small one, just try."""
    if image.width * image.height < _LARGE_PIXELS or max(image.size) > _LONGEST_SIDE:
        return 0
    # whole blocks of the codecs, or the joins would look like detail
    high = -(-image.height // (_BANDS * _PART * _BLOCK)) * _BLOCK
    if high * _BANDS >= image.height:
        return 0
    sample = Image.new(image.mode, (image.width, high * _BANDS))
    for index in range(_BANDS):
        top = (image.height - high) * index // (_BANDS - 1)
        sample.paste(image.crop((0, top, image.width, top + high)), (0, high * index))
    return _PREDICTION_DISCOUNT * len(encode_image(sample, fmt).data) * image.height / sample.height


def _list_attempts(
    image: Image.Image, wanted: OutputFormat
) -> Iterator[tuple[float, OutputFormat, int]]:
    lossy = OutputFormat.WEBP if image.mode == "RGBA" else OutputFormat.JPG
    if wanted is OutputFormat.PNG:
        yield 1.0, OutputFormat.PNG, QUALITY
    else:
        lossy = wanted
    for scale in _SCALES:
        for quality in _QUALITIES:
            yield scale, lossy, quality


def _scale_image(image: Image.Image, scale: float) -> Image.Image:
    width, height = (max(1, round(side * scale)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)
