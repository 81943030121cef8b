"""A synthetic landscape with a known value everywhere: the truth beyond a seed image's edges."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from PIL import Image

from bot.domain.geometry import Size

WORLD: Final = Size(2400, 2400)
_OCTAVES: Final = ((400, 50.0), (160, 30.0), (64, 18.0), (26, 10.0), (10, 5.0))
"""Wavelength in pixels and strength in levels of each band of noise."""
_EDGE_WAVELENGTH: Final = 230
"""Size in pixels of the shapes with hard edges."""


@dataclass(frozen=True, slots=True)
class World:
    """A picture that is larger than what is shown of it."""

    image: Image.Image

    def show(self, box: tuple[float, float, float, float], size: Size) -> Image.Image:
        """Return a part (left, top, right, bottom, in pixels of the world) at any size."""
        return self.image.resize((size.width, size.height), Image.Resampling.LANCZOS, box=box)


@lru_cache(maxsize=2)
def draw_world(number: int = 0, size: Size = WORLD) -> World:
    """Draw noise in bands from coarse to fine, crossed by shapes with hard edges."""
    random = np.random.default_rng(number)
    bands = [_draw_band(random, size) for _ in range(3)]
    shared = _draw_band(random, size)
    shapes = _draw_noise(random, _EDGE_WAVELENGTH, size)
    inside = np.clip(shapes * 6 + 0.5, 0, 1)  # a slope of some pixels: as sharp as optics are
    layers = [
        np.clip(118 + 0.45 * band + shared + 55 * inside * sign, 0, 255).astype(np.uint8)
        for band, sign in zip(bands, (1, -0.3, -1), strict=True)
    ]
    return World(Image.fromarray(np.stack(layers, axis=-1)))


def _draw_band(random: np.random.Generator, size: Size) -> np.ndarray:
    return sum(
        (strength * _draw_noise(random, wavelength, size) for wavelength, strength in _OCTAVES),
        np.zeros((size.height, size.width), np.float32),
    )


def _draw_noise(random: np.random.Generator, wavelength: int, size: Size) -> np.ndarray:
    """Return smooth noise of about -1 to 1 whose details have the given size."""
    shape = (size.height // wavelength + 3, size.width // wavelength + 3)
    grid = Image.fromarray(random.normal(0, 0.7, shape).astype(np.float32))
    return np.asarray(grid.resize((size.width, size.height), Image.Resampling.BICUBIC))
