"""Contact sheets: one of free pictures for the docs, one of a folder to be judged by eye."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from bench.engine.extension_methods import Pixels, extend_by_engine
from bench.engine.photographs import SAMPLES, load_photographs
from bot.domain.geometry import Margins

FREE: Final = ("astronaut", "rocket", "coffee", "chelsea")
"""Photographs that the docs may show: the first two are in the public domain (NASA, SpaceX), the
others CC0 by Rachel Michetti and Stefan van der Walt (docstrings of skimage.data)."""
LARGEST: Final = 400_000
"""Maximum bytes of the docs' sheet."""
TILE: Final = (480, 360)
SMALL_TILE: Final = (320, 240)
"""Pixels of a tile to be judged, and of a tile in the docs."""
GAP: Final = 4
SHAPES: Final = (
    Margins.from_pixels(256),
    Margins(right=512),
    Margins(left=256, top=256),
    Margins(bottom=256),
)
ONE_SIDED: Final = (
    Margins(right=256),
    Margins(left=256),
    Margins(top=256),
    Margins(bottom=256),
)


def write_sheet(path: Path, photographs: dict[str, Pixels]) -> None:
    """Draw the docs' sheet, a JPEG: the drawn samples, and the photographs of `FREE` available."""
    pictures = list(load_photographs(SAMPLES).values())
    pictures += [photographs[name] for name in FREE if name in photographs]
    tiles = [_build_tile(picture, shape, SMALL_TILE) for picture in pictures for shape in SHAPES]
    sheet = _arrange_tiles(tiles, SMALL_TILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    for quality in range(90, 40, -5):
        sheet.save(path, "JPEG", quality=quality, optimize=True)
        if path.stat().st_size <= LARGEST:
            return


def write_review_sheet(path: Path, photographs: dict[str, Pixels]) -> None:
    """Draw each photograph extended by 256 on one side, which alternates, and on all four."""
    tiles: list[Image.Image] = []
    for number, (name, photograph) in enumerate(photographs.items()):
        for margins in (ONE_SIDED[number % 4], Margins.from_pixels(256)):
            tiles.append(_build_tile(photograph, margins))
            ImageDraw.Draw(tiles[-1]).text((2, 2), name, fill="red")
        print(f"painted {name}", flush=True)
    _arrange_tiles(tiles).save(path)


def _arrange_tiles(tiles: list[Image.Image], size: tuple[int, int] = TILE) -> Image.Image:
    """Arrange tiles in rows of four."""
    wide, high = size[0] + GAP, size[1] + GAP
    sheet = Image.new("RGB", (4 * wide, -(-len(tiles) // 4) * high), "white")
    for place, tile in enumerate(tiles):
        sheet.paste(tile, (place % 4 * wide, place // 4 * high))
    return sheet


def _build_tile(picture: Pixels, margins: Margins, size: tuple[int, int] = TILE) -> Image.Image:
    image = Image.fromarray(extend_by_engine(picture, margins, 1))
    _mark_margins(image, picture, margins)
    image.thumbnail(size)
    return image


def _mark_margins(made: Image.Image, picture: Pixels, margins: Margins) -> None:
    """Mark the corners of the original with short white lines."""
    height, width = picture.shape[:2]
    pen = ImageDraw.Draw(made)
    for x, inward_x in ((margins.left, 1), (margins.left + width - 1, -1)):
        for y, inward_y in ((margins.top, 1), (margins.top + height - 1, -1)):
            pen.line((x, y, x + 24 * inward_x, y), fill="white", width=2)
            pen.line((x, y, x, y + 24 * inward_y), fill="white", width=2)
