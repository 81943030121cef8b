"""The four kinds of expansion request, each computing its margins for a seed size."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from bot.domain.errors import NotARatio, PixelsOutOfRange, ZoomOutOfRange
from bot.domain.geometry import Margins, Size
from bot.domain.model import ImageModel
from bot.domain.text.numbers import normalise_number

MIN_ZOOM: Final = Fraction(101, 100)
MAX_ZOOM: Final = Fraction(8)
"""Largest zoom-out factor; beyond it the original would be under 2 % of the canvas."""
MAX_RATIO: Final = Fraction(16)
"""Most extreme aspect ratio in either direction, longer than any common banner."""

_RATIO_MARKS: Final = (":", "/", "x")


class Direction(StrEnum):
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"
    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"
    ALL = "all"


class Anchor(StrEnum):
    """The seed image's position in the canvas."""

    CENTER = "center"
    LEFT = "left"
    RIGHT = "right"
    TOP = "top"
    BOTTOM = "bottom"


_SIDES: Final[dict[Direction, frozenset[str]]] = {
    Direction.LEFT: frozenset({"left"}),
    Direction.RIGHT: frozenset({"right"}),
    Direction.UP: frozenset({"top"}),
    Direction.DOWN: frozenset({"bottom"}),
    Direction.HORIZONTAL: frozenset({"left", "right"}),
    Direction.VERTICAL: frozenset({"top", "bottom"}),
    Direction.ALL: frozenset({"top", "right", "bottom", "left"}),
}


@dataclass(frozen=True, slots=True)
class DirectionalMargins:
    """Add `pixels` on each side of a direction; `check_pixels` says how many may be added."""

    direction: Direction
    pixels: int

    def compute_margins(self, _seed: Size) -> Margins:
        return Margins(**dict.fromkeys(_SIDES[self.direction], self.pixels))


@dataclass(frozen=True, slots=True)
class ExplicitMargins:
    """Add the given pixels on each side."""

    wanted: Margins

    def compute_margins(self, _seed: Size) -> Margins:
        return self.wanted


@dataclass(frozen=True, slots=True)
class ToRatio:
    """Extend one axis until width / height is `ratio`, to the nearest pixel."""

    ratio: Fraction
    anchor: Anchor = Anchor.CENTER

    def __post_init__(self) -> None:
        if not 1 / MAX_RATIO <= self.ratio <= MAX_RATIO:
            raise NotARatio(str(self.ratio))

    def compute_margins(self, seed: Size) -> Margins:
        width = max(seed.width, round(seed.height * self.ratio))
        height = seed.height if width > seed.width else round(seed.width / self.ratio)
        across, down = width - seed.width, max(0, height - seed.height)
        left, right = _split_pixels(across, self.anchor, Anchor.LEFT, Anchor.RIGHT)
        top, bottom = _split_pixels(down, self.anchor, Anchor.TOP, Anchor.BOTTOM)
        return Margins(top, right, bottom, left)


@dataclass(frozen=True, slots=True)
class ZoomOut:
    """Multiply both sides of the canvas by `factor`, with the original centred."""

    factor: Fraction

    def __post_init__(self) -> None:
        if not MIN_ZOOM <= self.factor <= MAX_ZOOM:
            raise ZoomOutOfRange(self.factor, MIN_ZOOM, MAX_ZOOM)

    def compute_margins(self, seed: Size) -> Margins:
        across = round(seed.width * self.factor) - seed.width
        down = round(seed.height * self.factor) - seed.height
        return Margins(down // 2, across - across // 2, down - down // 2, across // 2)


ExpansionRequest = DirectionalMargins | ExplicitMargins | ToRatio | ZoomOut


def check_pixels(request: ExpansionRequest, model: ImageModel) -> None:
    """Raise `PixelsOutOfRange` for a direction with more or fewer pixels than a model adds."""
    most = model.margin.maximum
    if isinstance(request, DirectionalMargins) and not 1 <= request.pixels <= most:
        raise PixelsOutOfRange(request.pixels, 1, most)


def parse_ratio(text: str) -> Fraction:
    """Parse a ratio such as `16:9`, `16/9`, `1500x500` or `1,5`; raise `NotARatio` otherwise."""
    plain = normalise_number(text)
    mark = next((mark for mark in _RATIO_MARKS if mark in plain), None)
    parts = plain.split(mark) if mark else [plain, "1"]
    try:
        across, down = (_parse_positive(part) for part in parts)
    except (ValueError, ZeroDivisionError):
        raise NotARatio(text) from None
    return across / down


def _parse_positive(text: str) -> Fraction:
    stripped = text.strip()  # Fraction also reads exponents: 1e99999999 would exhaust memory
    if len(stripped) > 8 or not stripped.isascii() or not stripped.replace(".", "", 1).isdigit():
        raise ValueError(text)
    if (value := Fraction(stripped)) <= 0:
        raise ValueError(text)
    return value


def _split_pixels(extra: int, anchor: Anchor, low: Anchor, high: Anchor) -> tuple[int, int]:
    """Divide one axis's added pixels between its two sides."""
    if anchor is low:
        return 0, extra
    if anchor is high:
        return extra, 0
    return extra // 2, extra - extra // 2
