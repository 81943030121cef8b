"""Where the source lies in the canvas at one scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sandbox.runware.engine.completion.arrays import Floats, Mask


@dataclass(frozen=True, slots=True)
class Grid:
    """A source of `height` x `width` pixels with margins, all in pixels of one scale."""

    height: int
    width: int
    left: int
    right: int
    top: int
    bottom: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the canvas."""
        return self.height + self.top + self.bottom, self.width + self.left + self.right

    @property
    def inside(self) -> tuple[slice, slice]:
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    @property
    def short_side(self) -> int:
        return min(self.height, self.width)

    @property
    def hole_area(self) -> int:
        rows, columns = self.shape
        return rows * columns - self.height * self.width

    def scaled(self, height: int, width: int) -> Grid:
        """Return the grid of a resized source; a margin above zero keeps at least a pixel."""
        down, across = height / self.height, width / self.width
        sides = (
            (self.left, across),
            (self.right, across),
            (self.top, down),
            (self.bottom, down),
        )
        left, right, top, bottom = (
            max(1, round(side * factor)) if side else 0 for side, factor in sides
        )
        return Grid(height, width, left, right, top, bottom)

    def hole(self, *, within: int = 0) -> Mask:
        """Return where the canvas is unknown, grown by `within` pixels over the frame."""
        mask = np.ones(self.shape, np.bool_)
        rows = slice(
            self.top + within if self.top else 0,
            self.top + self.height - (within if self.bottom else 0),
        )
        columns = slice(
            self.left + within if self.left else 0,
            self.left + self.width - (within if self.right else 0),
        )
        mask[rows, columns] = False
        return mask

    def distance(self) -> Floats:
        """Return pixels from each place of the canvas to the source, 0 in it."""
        rows, columns = self.shape
        down, across = np.arange(rows), np.arange(columns)
        beyond_rows = np.maximum(self.top - down, down - (self.top + self.height - 1))
        beyond_columns = np.maximum(self.left - across, across - (self.left + self.width - 1))
        return np.hypot(
            np.maximum(beyond_rows, 0)[:, None], np.maximum(beyond_columns, 0)[None]
        ).astype(np.float32)
