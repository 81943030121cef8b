"""Sizes and margins in pixels."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Self


class Side(StrEnum):
    TOP = "top"
    RIGHT = "right"
    BOTTOM = "bottom"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels, both at least 1."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            msg = f"a size needs at least one pixel each way, not {self.width}x{self.height}"
            raise ValueError(msg)

    @property
    def pixel_count(self) -> int:
        return self.width * self.height

    def grow_by(self, margins: Margins) -> Size:
        """Return the size of the canvas with these margins."""
        across, down = margins.left + margins.right, margins.top + margins.bottom
        return Size(self.width + across, self.height + down)

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class Margins:
    """Pixels added on each side, none negative."""

    top: int = 0
    right: int = 0
    bottom: int = 0
    left: int = 0

    def __post_init__(self) -> None:
        for side, value in self.get_by_side().items():
            if value < 0:
                raise ValueError(f"no margin can be negative: {side} {value}")

    @classmethod
    def from_pixels(cls, pixels: int) -> Self:
        return cls(pixels, pixels, pixels, pixels)

    def get_by_side(self) -> dict[Side, int]:
        return {Side(field.name): getattr(self, field.name) for field in fields(self)}

    @property
    def total_pixels(self) -> int:
        return self.top + self.right + self.bottom + self.left

    @property
    def extended_sides(self) -> tuple[Side, ...]:
        return tuple(side for side, pixels in self.get_by_side().items() if pixels)

    def round_up(self, step: int) -> Margins:
        """Round each margin up to a multiple of `step`."""
        return Margins(*(-(-value // step) * step for value in self.get_by_side().values()))

    def scale_by(self, numerator: int, denominator: int) -> Margins:
        """Multiply each margin by a fraction and round down."""
        return Margins(*(value * numerator // denominator for value in self.get_by_side().values()))
