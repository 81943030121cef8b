"""The lossless form in which a seed image is kept on disk: TIFF with zstd and differencing.

Against PNG at level 1 it takes the same space and the same time to write, and a sixth of the time
to read (docs/benchmarks.md), which is what counts between "result ready" and "posted". A large,
slightly grainy picture, at which zstd is slow, has LZW instead: half the time for nearly the space.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from PIL import Image

_FORMATS: Final = ("TIFF", "PNG")
_HORIZONTAL_PREDICTOR: Final = {317: 2}
"""TIFF's tag "Predictor": each sample less its left neighbour (TIFF 6.0, section 14)."""
_ZSTD: Final = "zstd"
_LZW: Final = "tiff_lzw"
_LARGE_PIXELS: Final = 4_000_000
"""Pixels up to which zstd needs less than half a second, whatever the picture (measured)."""
_LZW_SIZE_FACTOR: Final = 1.2
"""How much larger LZW may be: where it is, zstd is the faster one anyway (docs/benchmarks.md)."""
_BANDS: Final = 8
_BAND_ROWS: Final = 8
"""The rows by which the sizes are foretold."""


def encode_seed(image: Image.Image) -> bytes:
    """Return an 8-bit RGB or RGBA picture as the bytes to be stored, without metadata."""
    image.info = {}
    return _encode_tiff(image, _choose_compression(image))


def _encode_tiff(image: Image.Image, method: str) -> bytes:
    out = io.BytesIO()
    image.save(out, "TIFF", compression=method, tiffinfo=_HORIZONTAL_PREDICTOR)
    return out.getvalue()


def _choose_compression(image: Image.Image) -> str:
    """Choose by the picture alone, so that the same one is always the same bytes."""
    if image.width * image.height <= _LARGE_PIXELS or image.height < _BANDS * _BAND_ROWS:
        return _ZSTD
    some = _sample_rows(image)
    longest = _LZW_SIZE_FACTOR * len(_encode_tiff(some, _ZSTD))
    return _LZW if len(_encode_tiff(some, _LZW)) <= longest else _ZSTD


def _sample_rows(image: Image.Image) -> Image.Image:
    """Return a few bands of rows from top to bottom, one below the other."""
    rows = Image.new(image.mode, (image.width, _BANDS * _BAND_ROWS))
    for band in range(_BANDS):
        top = (image.height - _BAND_ROWS) * band // (_BANDS - 1)
        rows.paste(image.crop((0, top, image.width, top + _BAND_ROWS)), (0, band * _BAND_ROWS))
    return rows


def load_seed(path: Path) -> Image.Image:
    """Return a stored picture, decoded; raise `FileNotFoundError` if retention has removed it."""
    with Image.open(path, formats=_FORMATS) as image:
        image.load()
        image.info = {}
        return image


def flatten_image(image: Image.Image) -> Image.Image:
    """Return the picture as RGB, transparent parts laid over white."""
    if image.mode != "RGBA":
        return image if image.mode == "RGB" else image.convert("RGB")
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground
