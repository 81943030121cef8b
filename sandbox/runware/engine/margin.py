"""The simple engine: a bent mirror, with blur that grows with distance, and grain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageFilter

from bot.domain.geometry import Size
from sandbox.runware.engine.canvas import Canvas
from sandbox.runware.engine.grain import grain_strength
from sandbox.runware.engine.mirror import bent_mirror
from sandbox.runware.engine.pixels import flatten_alpha

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bot.domain.geometry import Margins
    from sandbox.runware.engine.canvas import Block

BLUR_PER_PIXEL: Final = 0.09
"""Growth of the blur's sigma per pixel of distance; by eye: at .06 the fold is still seen."""
BLUR_LIMIT: Final = 0.06
"""Largest sigma as a share of the short side; beyond it the margin turns to fog."""
BLOCK: Final = 256
"""Edge of the blocks painted at a time, in pixels: bounds the float memory to a few MiB."""


def outpaint(seed: NDArray[np.uint8], margins: Margins, *, noise_seed: int) -> NDArray[np.uint8]:
    """Extend `seed`, (height, width, 3 or 4) in sRGB, by `margins` pixels on each side.

    The interior is `seed`, bit for bit; where there is alpha, the new area is opaque. The same
    `noise_seed` (0 .. 2**64-1) gives the same bytes on one machine and version.
    """
    height, width = seed.shape[:2]
    canvas = Canvas(Size(width, height), margins)
    rng = np.random.default_rng(noise_seed)
    rgb = flatten_alpha(seed)
    levels = _pyramid(bent_mirror(rgb, canvas, rng=rng), _sigma_limit(canvas))
    strength = grain_strength(rgb)
    size = canvas.size
    painted = np.full((size.height, size.width, seed.shape[2]), 255, np.uint8)
    for block in canvas.outside(BLOCK):
        painted[block.slices][..., :3] = _paint(
            block, canvas, levels=levels, strength=strength, rng=rng
        )
    painted[canvas.interior.slices] = seed
    return painted


def _sigma_limit(canvas: Canvas) -> float:
    return max(1.0, BLUR_LIMIT * canvas.short_side)


def _pyramid(image: Image.Image, sigma: float) -> list[Image.Image]:
    """Return the image and its halvings; level k is blurred by a sigma of about 2**k - 1 pixels."""
    levels = [image]
    for _ in range(int(np.ceil(np.log2(1 + sigma)))):
        levels.append(levels[-1].reduce(2).filter(ImageFilter.GaussianBlur(0.7)))
    return levels


def _paint(
    block: Block,
    canvas: Canvas,
    *,
    levels: list[Image.Image],
    strength: float,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Blend the two blur levels that each pixel lies between, and add the grain that blur took."""
    columns = np.arange(block.left, block.right, dtype=np.float32) + 0.5
    rows = np.arange(block.top, block.bottom, dtype=np.float32) + 0.5
    reach = BLUR_PER_PIXEL * canvas.distance(columns, rows)
    limit = _sigma_limit(canvas)
    # A soft limit: reach near the frame, never beyond the limit, no visible line between the two.
    level = np.log2(1 + limit * np.tanh(reach / limit))
    colour = np.zeros((*block.shape, 3), np.float32)
    for index in range(int(level.min()), min(int(level.max()) + 2, len(levels))):
        weight = np.clip(1 - np.abs(level - index), 0, 1)
        colour += weight[..., None] * _sample(levels[index], block, factor=2**index)
    lost = np.clip(level, 0, 1) * strength
    grain = rng.standard_normal(block.shape, np.float32) * lost
    painted: NDArray[np.float32] = np.clip(np.rint(colour + grain[..., None]), 0, 255)
    return painted.astype(np.uint8)


def _sample(level: Image.Image, block: Block, *, factor: int) -> NDArray[np.uint8]:
    box = (block.left / factor, block.top / factor, block.right / factor, block.bottom / factor)
    height, width = block.shape
    return np.asarray(level.resize((width, height), Image.Resampling.BICUBIC, box=box))
