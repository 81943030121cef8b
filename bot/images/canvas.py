"""The delivered canvas: a result resampled so that the seed image's pixels would lie as planned."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from bot.domain.plan import Plan
from bot.images.registration.placement import Box, Placement

_EXACT: Final = 1e-6
"""Largest difference in pixels that is only a rounding error."""
_REACHED: Final = 0.02
"""Pixels by which a result may fall short of an edge and still reach it."""


@dataclass(frozen=True, slots=True)
class DrawnCanvas:
    """The canvas (RGB, delivered size), and the share of the new area that was rendered, 0 to 1.

    The rest, at the outer edges, is a mirror image.
    """

    image: Image.Image
    rendered_share: float


def draw_canvas(result: Image.Image, place: Placement, plan: Plan) -> DrawnCanvas:
    """Resample a result (RGB) to the delivered canvas; nothing is resampled if it fits exactly."""
    canvas, margins = plan.canvas, plan.delivered
    across = _Axis(
        canvas.width,
        place.left,
        place.across * plan.sent_seed.width / plan.seed.width,
        margins.left,
        result.width,
    )
    down = _Axis(
        canvas.height,
        place.top,
        place.down * plan.sent_seed.height / plan.seed.height,
        margins.top,
        result.height,
    )
    (left, right), (top, bottom) = across.reached, down.reached
    if left >= right or top >= bottom:
        return DrawnCanvas(Image.new("RGB", (canvas.width, canvas.height)), 0.0)
    source = (*across.source, *down.source)
    drawn = _resample(
        result, (source[0], source[2], source[1], source[3]), (right - left, bottom - top)
    )
    missing = ((top, canvas.height - bottom), (left, canvas.width - right))
    share = _measure_rendered((left, top, right, bottom), plan)
    return DrawnCanvas(_mirror_edges(drawn, missing), share)


@dataclass(frozen=True, slots=True)
class _Axis:
    """One axis of the canvas: `scale` is in pixels of the result per pixel of the canvas."""

    length: int
    seed_start: float
    scale: float
    margin: int
    limit: int

    @property
    def start(self) -> float:
        """Where the canvas begins in the result; negative if the result begins later."""
        return self.seed_start - self.margin * self.scale

    @property
    def reached(self) -> tuple[int, int]:
        """The first pixel of the canvas that the result shows, and the one after the last."""
        first = math.ceil(-self.start / self.scale - _REACHED)
        last = math.floor((self.limit - self.start) / self.scale + _REACHED)
        return max(0, first), min(self.length, last)

    @property
    def source(self) -> tuple[float, float]:
        """The range of the result for the pixels reached."""
        first, last = (self.start + pixel * self.scale for pixel in self.reached)
        return max(0.0, first), min(float(self.limit), last)


def _resample(image: Image.Image, box: Box, size: tuple[int, int]) -> Image.Image:
    left, top = round(box[0]), round(box[1])
    whole = (left, top, left + size[0], top + size[1])
    if max(abs(edge - near) for edge, near in zip(box, whole, strict=True)) < _EXACT:
        return image.crop(whole)
    return image.resize(size, Image.Resampling.LANCZOS, box=box)


def _mirror_edges(
    image: Image.Image, missing: tuple[tuple[int, int], tuple[int, int]]
) -> Image.Image:
    """Return the picture with mirrored borders: (above, below) and (left, right), in pixels."""
    if not any(map(any, missing)):
        return image
    return Image.fromarray(np.pad(np.asarray(image), (*missing, (0, 0)), mode="symmetric"))


def _measure_rendered(reached: tuple[int, int, int, int], plan: Plan) -> float:
    """Return which share of the new area lies in the part reached."""
    left, top, right, bottom = reached
    seed_left, seed_top = plan.delivered.left, plan.delivered.top
    width = min(right, seed_left + plan.seed.width) - max(left, seed_left)
    height = min(bottom, seed_top + plan.seed.height) - max(top, seed_top)
    rendered = (right - left) * (bottom - top) - max(0, width) * max(0, height)
    return rendered / (plan.canvas.pixel_count - plan.seed.pixel_count)
