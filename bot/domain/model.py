"""The image model: everything that is the model's own, as one value.

Planner, prices, command options, checks of requests and the local Runware read it from here; no
other file states one of its numbers. Another model is another entry of `MODELS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Generic, TypeVar

from bot.domain.money import ZERO, MicroUsd

_N = TypeVar("_N", int, Decimal)
PIXELS_PER_MEGAPIXEL: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Bounds(Generic[_N]):
    """The values that a parameter may have, and the one that applies if it is left out."""

    minimum: _N
    maximum: _N
    default: _N
    step: _N

    def __post_init__(self) -> None:
        if not (self.step > 0 and self.allows(self.maximum) and self.allows(self.default)):
            raise ValueError(f"these bounds do not fit each other: {self}")

    def allows(self, value: _N) -> bool:
        """Return whether the value lies within the bounds and on the grid that starts at 0."""
        return self.minimum <= value <= self.maximum and not value % self.step


@dataclass(frozen=True, slots=True)
class PriceRule:
    """The price of a result in micro-dollars: a fixed part, and one for each rendered megapixel."""

    per_result: MicroUsd
    per_megapixel: MicroUsd = ZERO

    def compute_price(self, canvas_pixels: int) -> MicroUsd:
        """Return the price of one result whose rendered canvas has so many pixels, rounded up."""
        return MicroUsd(
            self.per_result - (-self.per_megapixel * canvas_pixels // PIXELS_PER_MEGAPIXEL)
        )


@dataclass(frozen=True, slots=True)
class ImageModel:
    """A model of the provider; lengths are in characters, everything else in pixels.

    `best_pixels` is the largest canvas that the model renders well, and `canvas_grid` what both
    sides of a canvas are multiples of. `replaced_by` names the successor of a deprecated model.
    """

    identifier: str
    name: str
    margin: Bounds[int]
    canvas_grid: int
    best_pixels: int
    min_prompt_length: int
    max_prompt_length: int
    tolerance: Bounds[int]
    results: Bounds[int]
    steps: Bounds[int]
    cfg_scale: Bounds[Decimal]
    price: PriceRule
    replaced_by: str = ""

    def __post_init__(self) -> None:
        if self.margin.step % self.canvas_grid:
            raise ValueError("margins on their grid must keep a canvas on its own")


FLUX_EXPAND: Final = ImageModel(
    identifier="bfl:1@3",
    name="FLUX.1 Expand [pro]",
    margin=Bounds(0, 2048, default=0, step=64),
    canvas_grid=16,
    best_pixels=1_500_000,
    min_prompt_length=2,
    max_prompt_length=3000,
    tolerance=Bounds(0, 6, default=2, step=1),
    results=Bounds(1, 20, default=1, step=1),
    steps=Bounds(15, 50, default=50, step=1),
    cfg_scale=Bounds(Decimal("1.5"), Decimal(100), default=Decimal(60), step=Decimal("0.01")),
    price=PriceRule(MicroUsd(50_000)),
)
"""FLUX.1 Expand [pro]: bounds and defaults of the vendor's parameter list for `bfl:1@3`.

The price is that of the vendor's four examples, 0.05 USD at any size. The grid and the megapixels
are what public clients of the model report; the vendor's help page advises up to 2 megapixels.
"""
MODELS: Final[dict[str, ImageModel]] = {FLUX_EXPAND.identifier: FLUX_EXPAND}
"""The known models by identifier."""
DEFAULT_MODEL: Final = FLUX_EXPAND
"""The model unless the operator names another."""


def get_model(identifier: str) -> ImageModel:
    """Return a known model; raise `ValueError` that names all known ones."""
    known = MODELS.get(identifier)
    if known is None:
        raise ValueError(f"must be a known model: {', '.join(MODELS)}")
    return known
