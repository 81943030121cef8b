"""A second model, whose every number differs from the default's."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from bot.domain.model import Bounds, ImageModel, PriceRule
from bot.domain.money import MicroUsd

OTHER_MODEL: Final = ImageModel(
    identifier="other:7@2",
    name="Another model",
    margin=Bounds(0, 1024, default=0, step=32),
    canvas_grid=32,
    best_pixels=500_000,
    min_prompt_length=5,
    max_prompt_length=400,
    tolerance=Bounds(0, 4, default=1, step=1),
    results=Bounds(1, 3, default=1, step=1),
    steps=Bounds(10, 30, default=20, step=1),
    cfg_scale=Bounds(Decimal(1), Decimal(20), default=Decimal("7.5"), step=Decimal("0.5")),
    price=PriceRule(MicroUsd(1_000), per_megapixel=MicroUsd(20_000)),
)
"""Grid of 32, margins up to 1024, a price by megapixels, and bounds of its own for all else."""
