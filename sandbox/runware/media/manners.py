"""What may be done to a result's canvas before it is returned: its size, and where content lies.

Public clients of the model report a clamped canvas, sides on a grid of 16, and content that is
moved and slightly scaled. A `Manner` says which of these apply; everything here is deterministic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from bot.domain.geometry import Size

GRID: Final = 16
"""Grid of the canvas' sides in pixels (seen by clients of this family of models)."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a result differs from the canvas that was asked for; by default not at all.

    `grid` floors both sides to its multiples; `clamp_megapixels` scales a larger canvas down to
    that area, then floors to `GRID`. Content is squeezed onto such a canvas, or with `cut` loses
    what is over at the right and bottom. `scale` (across, down) enlarges content about the
    canvas' middle, `shift` moves it right and down, in pixels of what is returned.
    """

    grid: int = 1
    clamp_megapixels: float | None = None
    cut: bool = False
    scale: tuple[float, float] = (1.0, 1.0)
    shift: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        if self.grid < 1 or min(self.scale) <= 0:
            raise ValueError("grid and scale must be positive")
        if self.clamp_megapixels is not None and self.clamp_megapixels <= 0:
            raise ValueError("clamp_megapixels must be positive")


@dataclass(frozen=True, slots=True)
class ReturnedFrame:
    """The returned size, and the part (left, top, right, bottom) of the canvas that it shows.

    `box` is in pixels of the canvas asked for and may reach beyond it.
    """

    size: Size
    box: tuple[float, float, float, float]


def compute_frame(canvas: Size, manner: Manner) -> ReturnedFrame:
    """Compute what of a canvas is returned, and at which size."""
    zoom, size = _compute_size(canvas, manner)
    across, down = (zoom, zoom) if manner.cut else _divide(size, canvas)
    left, right = _compute_span(size.width, across, manner.scale[0], manner.shift[0])
    top, bottom = _compute_span(size.height, down, manner.scale[1], manner.shift[1])
    return ReturnedFrame(size, (left, top, right, bottom))


def apply_manner(image: Image.Image, manner: Manner) -> Image.Image:
    """Return the picture as it would come back; what lies beyond its edges is mirrored."""
    frame = compute_frame(Size(*image.size), manner)
    left, top, right, bottom = frame.box
    beyond = max(-left, -top, right - image.width, bottom - image.height)
    border = max(0, math.ceil(beyond))
    padded = _mirror_edges(image, border) if border else image
    box = (left + border, top + border, right + border, bottom + border)
    size = (frame.size.width, frame.size.height)
    return padded.resize(size, Image.Resampling.LANCZOS, box=box)


def _compute_size(canvas: Size, manner: Manner) -> tuple[float, Size]:
    """Return the scale at which the canvas is rendered, and its size on the grid."""
    zoom, grid = 1.0, manner.grid
    if manner.clamp_megapixels is not None:
        shrunk = math.sqrt(manner.clamp_megapixels * 1e6 / canvas.pixel_count)
        if shrunk < 1:
            zoom, grid = shrunk, max(grid, GRID)
    sides = (math.floor(side * zoom / grid) * grid for side in (canvas.width, canvas.height))
    width, height = (max(grid, side) for side in sides)
    return zoom, Size(width, height)


def _divide(size: Size, canvas: Size) -> tuple[float, float]:
    return size.width / canvas.width, size.height / canvas.height


def _compute_span(side: int, zoom: float, scale: float, shift: float) -> tuple[float, float]:
    """Return the range of the canvas that a side of the result shows, on one axis."""
    middle, half = side / 2, side / 2 / scale
    centre = middle - shift / scale
    return (centre - half) / zoom, (centre + half) / zoom


def _mirror_edges(image: Image.Image, border: int) -> Image.Image:
    """Return the picture (RGB) with mirrored borders."""
    borders = ((border, border), (border, border), (0, 0))
    return Image.fromarray(np.pad(np.asarray(image), borders, mode="symmetric"))
