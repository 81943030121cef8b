"""What can be wrong with a request before any picture is touched; the fields carry the numbers.

Problem
├── PixelsOutOfRange    a pixel count outside 1..2048
├── ResultsOutOfRange   a number of pictures that one command may not ask for
├── ZoomOutOfRange      a factor that shrinks, or that leaves nothing to see
├── NotARatio           text or a value that is no usable shape
├── NothingToAdd        no side would grow
├── MarginTooLarge      one side passes the provider's limit
├── CanvasTooLarge      the whole passes the pixel cap
└── SettingRefused      a guild's setting that cannot have this value
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

    from bot.domain.geometry import Margins, Side, Size


class Problem(ValueError):
    """A request that cannot be carried out as it stands."""


@dataclass(eq=False)
class PixelsOutOfRange(Problem):
    asked: int
    minimum: int
    maximum: int


@dataclass(eq=False)
class ResultsOutOfRange(Problem):
    asked: int
    minimum: int
    maximum: int


@dataclass(eq=False)
class ZoomOutOfRange(Problem):
    asked: Fraction
    minimum: Fraction
    maximum: Fraction


@dataclass(eq=False)
class NotARatio(Problem):
    text: str


@dataclass(eq=False)
class NothingToAdd(Problem):
    seed: Size


@dataclass(eq=False)
class MarginTooLarge(Problem):
    side: Side
    asked: int
    limit: int


@dataclass(eq=False)
class CanvasTooLarge(Problem):
    """`fits` is the largest expansion of the same proportions within the cap, if there is one."""

    canvas: Size
    limit_pixels: int
    fits: Margins | None


@dataclass(eq=False)
class SettingRefused(Problem):
    """`allowed` says in a few words what can be."""

    name: str
    value: str
    allowed: str
