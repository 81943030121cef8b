"""The root of the error tree, continued in `bot.errors`, and the domain's own refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from bot.domain.geometry import Margins, Side, Size


class ExpanseError(Exception):
    """Base class of all errors that this program raises deliberately."""


class Refusal(ExpanseError):
    """A refusal before anything was held or paid."""


class RequestRefusal(Refusal, ValueError):
    """A value out of range; the fields have the numbers.

    As a `ValueError`, it makes pydantic reject a stored value that is no longer allowed.
    """


@dataclass(eq=False)
class OutOfRange(RequestRefusal):
    asked: Fraction | int
    minimum: Fraction | int
    maximum: Fraction | int


class PixelsOutOfRange(OutOfRange):
    """A number of pixels that the model does not add on one side."""


class ResultsOutOfRange(OutOfRange):
    """A number of pictures that one command may not ask for."""


class ZoomOutOfRange(OutOfRange):
    """A factor that shrinks, or that leaves nothing to see."""


@dataclass(eq=False)
class NotARatio(RequestRefusal):
    text: str


@dataclass(eq=False)
class NothingToAdd(RequestRefusal):
    seed: Size


@dataclass(eq=False)
class MarginTooLarge(RequestRefusal):
    side: Side
    asked: int
    limit: int


@dataclass(eq=False)
class CanvasTooLarge(RequestRefusal):
    """`fits` is the largest proportional reduction within the limit, or None."""

    canvas: Size
    limit_pixels: int
    fits: Margins | None


@dataclass(eq=False)
class SettingRefused(RequestRefusal):
    """`allowed` describes the allowed values; `numbers` fills its places."""

    name: str
    value: str
    allowed: str
    numbers: Mapping[str, int] = field(default_factory=dict)
