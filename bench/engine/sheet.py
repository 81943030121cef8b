"""The contact sheet of the docs: the project's drawn samples, and what the engine makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from bench.engine.methods import ours
from bot.domain.geometry import Margins

SAMPLES: Final = Path(__file__).parents[2] / "sandbox/web/samples"
LARGEST: Final = 400_000
"""Bytes of the sheet."""
TILE: Final = (480, 360)
GAP: Final = 4
SHAPES: Final = {
    "all sides +256": Margins.uniform(256),
    "right +512": Margins(right=512),
    "left and top +256": Margins(left=256, top=256),
    "bottom +256": Margins(bottom=256),
}


def write(path: Path) -> None:
    """Draw the sheet as a JPEG of at most `LARGEST` bytes."""
    rows = [_row(sample) for sample in sorted(SAMPLES.glob("*.jpg"))]
    width, height = max(row.width for row in rows), sum(row.height for row in rows)
    sheet = Image.new("RGB", (width, height), "white")
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    path.parent.mkdir(parents=True, exist_ok=True)
    for quality in range(88, 40, -6):
        sheet.save(path, "JPEG", quality=quality, optimize=True)
        if path.stat().st_size <= LARGEST:
            return


def _row(sample: Path) -> Image.Image:
    with Image.open(sample) as image:
        picture = np.asarray(image.convert("RGB"))
    row = Image.new("RGB", (len(SHAPES) * (TILE[0] + GAP), TILE[1] + GAP), "white")
    for place, margins in enumerate(SHAPES.values()):
        made = Image.fromarray(ours(picture, margins, 1))
        _mark(made, picture, margins)
        made.thumbnail(TILE)
        row.paste(made, (place * (TILE[0] + GAP), 0))
    return row


def _mark(
    made: Image.Image, picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], margins: Margins
) -> None:
    """Mark the corners of the original with short white lines."""
    height, width = picture.shape[:2]
    pen = ImageDraw.Draw(made)
    for x, inward_x in ((margins.left, 1), (margins.left + width - 1, -1)):
        for y, inward_y in ((margins.top, 1), (margins.top + height - 1, -1)):
            pen.line((x, y, x + 24 * inward_x, y), fill="white", width=2)
            pen.line((x, y, x, y + 24 * inward_y), fill="white", width=2)
