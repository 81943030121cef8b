"""Sizes, margins and the plan of one expansion.

The provider adds whole multiples of 64 pixels on each side; people ask for any number. A `Plan`
keeps the three apart: what was asked, what is rendered, and what is delivered after the outer edge
is cropped.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final, Self

from bot.domain.problems import CanvasTooLarge, MarginTooLarge, NothingToAdd

MARGIN_STEP: Final = 64
"""Grid of the provider's margins, in pixels (vendor's parameter list: `outpaint.* step: 64`)."""
MAX_MARGIN: Final = 2048
"""Largest margin on one side, in pixels (vendor's parameter list: `outpaint.* max: 2048`)."""


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
        """Return the canvas that these margins make of this size."""
        return Size(
            self.width + margins.left + margins.right,
            self.height + margins.top + margins.bottom,
        )

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
                msg = f"no margin can be negative: {side} {value}"
                raise ValueError(msg)

    @classmethod
    def from_pixels(cls, pixels: int) -> Self:
        return cls(pixels, pixels, pixels, pixels)

    def get_by_side(self) -> dict[Side, int]:
        return {Side(field.name): getattr(self, field.name) for field in fields(self)}

    @property
    def total_pixels(self) -> int:
        return self.top + self.right + self.bottom + self.left

    def round_up_to_grid(self) -> Margins:
        """Return the smallest margins on the provider's grid that hold these."""
        return Margins(
            *(-(-value // MARGIN_STEP) * MARGIN_STEP for value in self.get_by_side().values())
        )

    def scale_by(self, numerator: int, denominator: int) -> Margins:
        """Return these margins times a fraction, each rounded down."""
        return Margins(*(value * numerator // denominator for value in self.get_by_side().values()))

    def is_within(self, other: Margins) -> bool:
        """Say whether no side is larger than the other's."""
        theirs = other.get_by_side()
        return all(value <= theirs[side] for side, value in self.get_by_side().items())

    def subtract(self, other: Margins) -> Margins:
        """Return the difference side by side; raise `ValueError` where the other is larger."""
        theirs = other.get_by_side()
        return Margins(*(value - theirs[side] for side, value in self.get_by_side().items()))


@dataclass(frozen=True, slots=True)
class Plan:
    """Keep what was asked, what the provider renders, and what is delivered, for one seed size.

    `rendered` is on the grid and at most `MAX_MARGIN` a side; `delivered` lies within it; what is
    between is cropped from the outer edge.
    """

    seed: Size
    asked: Margins
    rendered: Margins
    delivered: Margins

    def __post_init__(self) -> None:
        if self.rendered.round_up_to_grid() != self.rendered or not self.rendered.total_pixels:
            msg = f"rendered margins must be on the grid of {MARGIN_STEP} and not all zero"
            raise ValueError(msg)
        if not self.delivered.is_within(self.rendered):
            msg = "delivered margins must lie within the rendered ones"
            raise ValueError(msg)

    @property
    def canvas(self) -> Size:
        """The size of the picture that is delivered."""
        return self.seed.grow_by(self.delivered)

    @property
    def rendered_canvas(self) -> Size:
        """The size of the picture that the provider returns."""
        return self.seed.grow_by(self.rendered)

    @property
    def crop(self) -> Margins:
        """The pixels cut from each outer edge of the rendered canvas."""
        return self.rendered.subtract(self.delivered)


def plan_expansion(seed: Size, asked: Margins, *, max_canvas_pixels: int) -> Plan:
    """Plan an expansion of `seed` by `asked`, rendered up to the grid and delivered exactly.

    `max_canvas_pixels` bounds width times height of the rendered canvas. Raises a `Problem` with
    the numbers: `NothingToAdd`, `MarginTooLarge`, `CanvasTooLarge`.
    """
    if not asked.total_pixels:
        raise NothingToAdd(seed)
    for side, value in asked.get_by_side().items():
        if value > MAX_MARGIN:
            raise MarginTooLarge(side, value, MAX_MARGIN)
    rendered = asked.round_up_to_grid()
    canvas = seed.grow_by(rendered)
    if canvas.pixel_count > max_canvas_pixels:
        raise CanvasTooLarge(
            canvas, max_canvas_pixels, _find_largest_fit(seed, asked, max_canvas_pixels)
        )
    return Plan(seed, asked, rendered, asked)


def _find_largest_fit(seed: Size, asked: Margins, max_pixels: int) -> Margins | None:
    """Return the largest reduction of `asked`, in proportion, whose rendered canvas fits."""
    parts = max(asked.get_by_side().values())
    low, high = 0, parts
    while low < high:
        middle = (low + high + 1) // 2
        if seed.grow_by(asked.scale_by(middle, parts).round_up_to_grid()).pixel_count <= max_pixels:
            low = middle
        else:
            high = middle - 1
    fits = asked.scale_by(low, parts)
    return fits if fits.total_pixels else None
