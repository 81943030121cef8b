"""A synthetic landscape with a known value everywhere: the truth beyond a seed image's edges."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bot.domain.geometry import Size

Pixels = NDArray[np.float32]

WORLD: Final = Size(3200, 3200)
_COARSE: Final = ((400, 50.0), (160, 30.0), (64, 18.0))
_FINE: Final = ((26, 10.0), (10, 5.0))
"""Wavelength in pixels and strength in levels of each band of noise."""
_REDUCTION: Final = 4
"""Coarse bands are drawn this many times smaller, which saves most of the time."""
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
    colours = [_draw_coarse(random, size, _COARSE) for _ in range(3)]
    light = _draw_coarse(random, size, _COARSE)
    for wavelength, strength in _FINE:
        light = light + strength * _draw_noise(random, wavelength, size)
    shapes = _draw_coarse(random, size, ((_EDGE_WAVELENGTH, 1.0),))
    inside = np.clip(shapes * 6 + 0.5, 0, 1)  # a slope of some pixels: as sharp as optics are
    layers = [
        np.clip(118 + 0.45 * colour + light + 55 * inside * sign, 0, 255).astype(np.uint8)
        for colour, sign in zip(colours, (1, -0.3, -1), strict=True)
    ]
    return World(Image.fromarray(np.stack(layers, axis=-1)))


def _draw_coarse(
    random: np.random.Generator, size: Size, bands: tuple[tuple[int, float], ...]
) -> Pixels:
    small = Size(size.width // _REDUCTION, size.height // _REDUCTION)
    total = np.zeros((small.height, small.width), np.float32)
    for wavelength, strength in bands:
        total += strength * _draw_noise(random, wavelength // _REDUCTION, small)
    return _enlarge(total, size)


def _draw_noise(random: np.random.Generator, wavelength: int, size: Size) -> Pixels:
    """Return smooth noise of about -1 to 1 whose details have the given size."""
    shape = (size.height // wavelength + 3, size.width // wavelength + 3)
    return _enlarge(random.normal(0, 0.7, shape).astype(np.float32), size)


def _enlarge(pixels: Pixels, size: Size) -> Pixels:
    image = Image.fromarray(pixels)
    return np.asarray(image.resize((size.width, size.height), Image.Resampling.BICUBIC))
