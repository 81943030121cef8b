"""The lossless format of stored seed images: TIFF with zstd and horizontal differencing.

Compared with PNG at level 1 it needs the same space and write time and a sixth of the read time
(docs/benchmarks.md), which delays posting a result. Large, slightly grainy pictures, on which zstd
is slow, are stored with LZW instead: half the time and nearly the same size.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from PIL import Image

_FORMATS: Final = ("TIFF", "PNG")
_HORIZONTAL_PREDICTOR: Final = {317: 2}
"""TIFF's "Predictor" tag: store the difference from the left neighbour (TIFF 6.0, section 14)."""
_ZSTD: Final = "zstd"
_LZW: Final = "tiff_lzw"
_LARGE_PIXELS: Final = 4_000_000
"""Pixels up to which zstd needs less than half a second for any picture (measured)."""
_LZW_SIZE_FACTOR: Final = 1.2
"""How much larger LZW may be; beyond that, zstd is also the faster one (docs/benchmarks.md)."""
_BANDS: Final = 8
_BAND_ROWS: Final = 8
"""Number of bands and rows of each from which the sizes are predicted."""


def encode_seed(image: Image.Image) -> bytes:
    """Encode an 8-bit RGB or RGBA picture for storage, without metadata."""
    image.info = {}  # may hold where and by whom a photograph was taken
    return _encode_tiff(image, _choose_compression(image))


def _encode_tiff(image: Image.Image, method: str) -> bytes:
    out = io.BytesIO()
    image.save(out, "TIFF", compression=method, tiffinfo=_HORIZONTAL_PREDICTOR)
    return out.getvalue()


def _choose_compression(image: Image.Image) -> str:
    """Choose by the pixels only: file names are content hashes, so bytes must be reproducible."""
    if image.width * image.height <= _LARGE_PIXELS or image.height < _BANDS * _BAND_ROWS:
        return _ZSTD
    sample = _sample_rows(image)
    longest = _LZW_SIZE_FACTOR * len(_encode_tiff(sample, _ZSTD))
    return _LZW if len(_encode_tiff(sample, _LZW)) <= longest else _ZSTD


def _sample_rows(image: Image.Image) -> Image.Image:
    """Return evenly spaced bands of rows, stacked."""
    rows = Image.new(image.mode, (image.width, _BANDS * _BAND_ROWS))
    for band in range(_BANDS):
        top = (image.height - _BAND_ROWS) * band // (_BANDS - 1)
        rows.paste(image.crop((0, top, image.width, top + _BAND_ROWS)), (0, band * _BAND_ROWS))
    return rows


def load_seed(path: Path) -> Image.Image:
    """Load a stored picture; raise `FileNotFoundError` if retention has removed it."""
    with Image.open(path, formats=_FORMATS) as image:
        image.load()
        image.info = {}
        return image


def flatten_image(image: Image.Image) -> Image.Image:
    """Return the picture as RGB, with transparent parts over white."""
    if image.mode != "RGBA":
        return image if image.mode == "RGB" else image.convert("RGB")
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground
