"""Reflect a strip of the seed image outwards and bend it, so that it does not look mirrored."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from sandbox.runware.engine.canvas import list_marks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sandbox.runware.engine.canvas import Canvas

CELL: Final = 32
"""Pixels of one mesh cell; it divides the grid of the provider's margins."""
DEPTH: Final = 0.1
"""Deepest part of the seed image that is folded out, as a share of each side; by eye on seven
photographs: at .2 a second subject appears beside the first, a whole mirror is a kaleidoscope."""
BEND: Final = 0.06
"""Largest displacement as a share of the short side; by eye."""
SWELL: Final = 0.4
"""Distance from the frame, as a share of the short side, at which the bend is fully grown."""
WAVE: Final = 0.5
"""Spacing of the bend's random control points, as a share of the short side."""


def bent_mirror(rgb: NDArray[np.uint8], canvas: Canvas, *, rng: np.random.Generator) -> Image.Image:
    """Return the whole canvas: the seed image in its place, its bent reflection around it.

    `rgb` is (height, width, 3). The fold slows down with distance and never passes `DEPTH`, so any
    margin is filled from the strip along the frame.
    """
    inside, size = canvas.interior, canvas.size
    bend = max(1, round(BEND * canvas.short_side))
    pad_x, pad_y = (1 + bend + round(DEPTH * side) for side in (rgb.shape[1], rgb.shape[0]))
    folded = np.pad(rgb, ((pad_y, pad_y), (pad_x, pad_x), (0, 0)), mode="symmetric")
    columns = _grid(inside.left, inside.right, end=size.width)
    rows = _grid(inside.top, inside.bottom, end=size.height)
    across, down = _bend(canvas, columns, rows=rows, rng=rng) * bend
    xs = across + _fold(columns, near=inside.left, far=inside.right)[None, :] + pad_x
    ys = down + _fold(rows, near=inside.top, far=inside.bottom)[:, None] + pad_y
    return Image.fromarray(folded).transform(
        (size.width, size.height),
        Image.Transform.MESH,
        list(_cells(columns, rows, xs=xs, ys=ys)),
        Image.Resampling.BILINEAR,
    )


def _grid(near: int, far: int, *, end: int) -> list[int]:
    return [
        *list_marks(0, near, step=CELL)[:-1],
        *list_marks(near, far, step=CELL)[:-1],
        *list_marks(far, end, step=CELL),
    ]


def _fold(positions: list[int], *, near: int, far: int) -> NDArray[np.float32]:
    """Return where each canvas position lies in the folded image, 0 at the frame's near side."""
    at = np.asarray(positions, np.float32)
    depth = DEPTH * (far - near)
    beyond = np.maximum(np.maximum(near - at, at - far), 0)
    reach = depth * -np.expm1(-beyond / depth)
    return np.where(at < near, -reach, np.minimum(at, far) - near + reach)


def _bend(
    canvas: Canvas, columns: list[int], *, rows: list[int], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return smooth displacements (2, rows, columns) in -1..1 that are 0 up to the frame."""
    spacing = max(WAVE * canvas.short_side, CELL)
    coarse = (
        2 + round(canvas.size.height / spacing),
        2 + round(canvas.size.width / spacing),
    )
    distance = canvas.distance(np.asarray(columns, np.float32), np.asarray(rows, np.float32))
    near = np.clip(distance / (SWELL * canvas.short_side), 0, 1)
    swell = near * near * (3 - 2 * near)
    fields = [
        Image.fromarray(rng.uniform(-1, 1, coarse).astype(np.float32)).resize(
            (len(columns), len(rows)), Image.Resampling.BICUBIC
        )
        for _ in range(2)
    ]
    return np.stack([np.clip(np.asarray(field), -1, 1) * swell for field in fields])


def _cells(
    columns: list[int], rows: list[int], *, xs: NDArray[np.float32], ys: NDArray[np.float32]
) -> Iterator[tuple[tuple[int, int, int, int], tuple[float, ...]]]:
    """Yield target boxes and their source quads (north-west, south-west, south-east, ...)."""
    for row, (top, bottom) in enumerate(pairwise(rows)):
        for column, (left, right) in enumerate(pairwise(columns)):
            corners = ((row, column), (row + 1, column), (row + 1, column + 1), (row, column + 1))
            quad = tuple(float(field[at]) for at in corners for field in (xs, ys))
            yield (left, top, right, bottom), quad
