"""The seed image's place in the canvas, and each pixel's distance from it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from bot.domain.geometry import Size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from bot.domain.geometry import Margins


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of the canvas in pixels; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def shape(self) -> tuple[int, int]:
        return self.bottom - self.top, self.right - self.left


@dataclass(frozen=True, slots=True)
class Canvas:
    """A seed image and the margins around it."""

    seed: Size
    margins: Margins

    @property
    def size(self) -> Size:
        return self.seed.grow_by(self.margins)

    @property
    def short_side(self) -> int:
        """Return the seed image's shorter side in pixels; the engine's lengths are shares of it."""
        return min(self.seed.width, self.seed.height)

    @property
    def interior(self) -> Block:
        left, top = self.margins.left, self.margins.top
        return Block(left, top, left + self.seed.width, top + self.seed.height)

    def distance(
        self, columns: NDArray[np.float32], rows: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return the pixels from each crossing of `columns` and `rows` to the seed, 0 inside."""
        inside = self.interior
        across = np.maximum(np.maximum(inside.left - columns, columns - inside.right), 0)
        down = np.maximum(np.maximum(inside.top - rows, rows - inside.bottom), 0)
        return np.hypot(across[None, :], down[:, None]).astype(np.float32)

    def outside(self, edge: int) -> Iterator[Block]:
        """Yield blocks of at most `edge` pixels a side that cover the margins exactly once."""
        inside, size = self.interior, self.size
        strips = (
            Block(0, 0, size.width, inside.top),
            Block(0, inside.top, inside.left, inside.bottom),
            Block(inside.right, inside.top, size.width, inside.bottom),
            Block(0, inside.bottom, size.width, size.height),
        )
        for strip in strips:
            for top, bottom in pairwise(list_marks(strip.top, strip.bottom, step=edge)):
                for left, right in pairwise(list_marks(strip.left, strip.right, step=edge)):
                    yield Block(left, top, right, bottom)


def list_marks(start: int, stop: int, *, step: int) -> list[int]:
    """Return `start`, then every `step` pixels, then `stop`; only `stop` if both are equal."""
    return [*range(start, stop, step), stop]
