"""Whether a result really shows the seed image at a place: the vote of its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from bot.images.registration.placement import Placement
from bot.images.registration.sampling import ImagePair, Pixels, Pyramid, fit_size

_SIDE: Final = 320
"""Longer side in pixels of the copies that are compared."""
_BLOCKS: Final = 20
"""Blocks along the longer side, at most."""
_LEAST_BLOCK: Final = 8
"""Least side of a block in pixels: fewer pixels correlate by chance."""
_LEAST_CONTRAST: Final = 3.0
"""Standard deviation in levels from which on a block has a say: less may be lost in noise."""
_FULL_CONTRAST: Final = 12.0
"""Standard deviation from which on a block has its full say."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike two pictures are at a place."""

    correlation: float
    """The mean over the blocks with detail, -1 to 1."""
    detail: float
    """How many blocks with full contrast would have as much say."""


def measure_agreement(pair: ImagePair, place: Placement) -> Agreement:
    """Compare the two pictures block by block, whatever their brightness and contrast."""
    seen = pair.find_visible(place)
    if seen is None:
        return Agreement(0.0, 0.0)
    sample = pair.sample(place, seen, fit_size(seen, _SIDE))
    block = max(_LEAST_BLOCK, max(sample.ours.shape) // _BLOCKS)
    ours, theirs = _cut_blocks(sample.ours, block), _cut_blocks(sample.theirs, block)
    contrast = ours.std(axis=1)
    weights = np.where(contrast < _LEAST_CONTRAST, 0, np.minimum(contrast / _FULL_CONTRAST, 1))
    detail = float(weights.sum())
    if not detail:
        return Agreement(0.0, 0.0)
    product = (ours * theirs).mean(axis=1) / (contrast * theirs.std(axis=1) + 1e-6)
    return Agreement(float((product * weights).sum() / detail), detail)


def measure_difference(seed: Image.Image, result: Image.Image, place: Placement) -> float:
    """Return the mean difference in levels of two RGB pictures in their worst channel."""
    channels = [
        ImagePair(Pyramid(ours), Pyramid(theirs))
        for ours, theirs in zip(seed.split(), result.split(), strict=True)
    ]
    seen = channels[0].find_visible(place)
    if seen is None:
        return 255.0
    samples = [pair.sample(place, seen, fit_size(seen, _SIDE)) for pair in channels]
    return max(float(np.abs(each.theirs - each.ours).mean()) for each in samples)


def _cut_blocks(pixels: Pixels, block: int) -> Pixels:
    """Return square blocks as rows, each less its mean; what is over at the edges is left out."""
    rows, columns = (max(1, side // block) for side in pixels.shape)
    height, width = min(block, pixels.shape[0]), min(block, pixels.shape[1])
    whole = pixels[: rows * height, : columns * width]
    blocks = whole.reshape(rows, height, columns, width).swapaxes(1, 2)
    flat: Pixels = blocks.reshape(rows * columns, height * width)
    centred: Pixels = flat - flat.mean(axis=1, keepdims=True)
    return centred
