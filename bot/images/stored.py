"""The lossless form in which a seed image is kept on disk: TIFF with zstd and differencing.

Against PNG at level 1 it takes the same space and the same time to write, and a sixth of the time
to read (docs/benchmarks.md), which is what counts between "result ready" and "posted".
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from PIL import Image

_FORMATS: Final = ("TIFF", "PNG")
_HORIZONTAL: Final = {317: 2}
"""TIFF's tag "Predictor": each sample less its left neighbour (TIFF 6.0, section 14)."""


def dump(image: Image.Image) -> bytes:
    """Return an 8-bit RGB or RGBA picture as the bytes to be stored, without metadata."""
    image.info = {}
    out = io.BytesIO()
    image.save(out, "TIFF", compression="zstd", tiffinfo=_HORIZONTAL)
    return out.getvalue()


def load(path: Path) -> Image.Image:
    """Return a stored picture, decoded; raise `FileNotFoundError` if retention has removed it."""
    with Image.open(path, formats=_FORMATS) as image:
        image.load()
        image.info = {}
        return image


def flat(image: Image.Image) -> Image.Image:
    """Return the picture as RGB, transparent parts laid over white."""
    if image.mode != "RGBA":
        return image if image.mode == "RGB" else image.convert("RGB")
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground
