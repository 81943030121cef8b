"""The root of the error tree, drawn in `bot.errors`, and what the domain itself refuses."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from bot.domain.geometry import Margins, Side, Size


class ExpanseError(Exception):
    """The root of every error that this program raises on purpose."""


class Refusal(ExpanseError):
    """Say no before anything was held or paid."""


class RequestRefusal(Refusal, ValueError):
    """Say that a value cannot be carried out; the fields carry the numbers.

    It is a `ValueError` too, so that pydantic finds a stored value invalid that cannot be any more.
    """


@dataclass(eq=False)
class PixelsOutOfRange(RequestRefusal):
    asked: int
    minimum: int
    maximum: int


@dataclass(eq=False)
class ResultsOutOfRange(RequestRefusal):
    asked: int
    minimum: int
    maximum: int


@dataclass(eq=False)
class ZoomOutOfRange(RequestRefusal):
    asked: Fraction
    minimum: Fraction
    maximum: Fraction


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
    """`fits` is the largest expansion of the same proportions within the cap, if there is one."""

    canvas: Size
    limit_pixels: int
    fits: Margins | None


@dataclass(eq=False)
class SettingRefused(RequestRefusal):
    """`allowed` says in a few words what can be."""

    name: str
    value: str
    allowed: str
