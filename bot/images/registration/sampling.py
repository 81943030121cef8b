"""The same part of the seed image and of a result, at the same size, to be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bot.domain.geometry import Size
from bot.images.registration.placement import Box, Placement

Pixels = NDArray[np.float32]

_CHANNEL_SIDE: Final = 64
"""Side of the copy on which the channel with most contrast is chosen."""
_LUMA_ADVANTAGE: Final = 2.0
"""A colour channel is used if its contrast is this many times that of luminance, which JPEG keeps
in finer detail."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Pixels of both pictures, and the box of the result that they show."""

    ours: Pixels
    theirs: Pixels
    box: Box


class Pyramid:
    """A picture of one channel (mode L), and copies of half its size each, made when needed."""

    def __init__(self, image: Image.Image) -> None:
        self._levels = [image]

    @property
    def size(self) -> tuple[int, int]:
        return self._levels[0].size

    def resample(self, box: Box, size: tuple[int, int]) -> Pixels:
        """Return the part of the picture in a box, at the given size."""
        box = _clip(box, self.size)
        left, top = round(box[0]), round(box[1])
        whole = (left, top, left + size[0], top + size[1])
        if box == whole:
            return np.asarray(self._levels[0].crop(whole), np.float32)
        ratio = min((box[2] - box[0]) / size[0], (box[3] - box[1]) / size[1])
        level = max(0, int(ratio).bit_length() - 1)
        image, factor = self._get_level(level), 1 << level
        smaller = (box[0] / factor, box[1] / factor, box[2] / factor, box[3] / factor)
        resized = image.resize(size, Image.Resampling.BICUBIC, box=_clip(smaller, image.size))
        return np.asarray(resized, np.float32)

    def _get_level(self, level: int) -> Image.Image:
        while len(self._levels) <= level:
            self._levels.append(self._levels[-1].reduce(2))
        return self._levels[level]


@dataclass(frozen=True, slots=True)
class ImagePair:
    """A seed image and a result."""

    seed: Pyramid
    result: Pyramid

    @property
    def seed_size(self) -> Size:
        return Size(*self.seed.size)

    def find_visible(self, place: Placement) -> Box | None:
        """Return the part of the result that shows the seed image, or None if it shows none."""
        left, top, right, bottom = place.locate_seed(self.seed_size)
        left, top = max(left, 0.0), max(top, 0.0)
        right, bottom = min(right, self.result.size[0]), min(bottom, self.result.size[1])
        return (left, top, right, bottom) if right - left >= 1 <= bottom - top else None

    def sample(self, place: Placement, box: Box, size: tuple[int, int]) -> Sample:
        """Sample a box of the result that shows the seed image only."""
        return Sample(self.sample_seed(place, box, size), self.result.resample(box, size), box)

    def sample_seed(self, place: Placement, box: Box, size: tuple[int, int]) -> Pixels:
        """Sample the part of the seed image that a box of the result shows."""
        return self.seed.resample(place.find_box(box), size)


def build_pair(seed: Image.Image, result: Image.Image) -> ImagePair:
    """Reduce two RGB pictures to the channel in which the seed image has most contrast."""
    small = seed.resize((_CHANNEL_SIDE, _CHANNEL_SIDE), Image.Resampling.BOX, reducing_gap=2)
    contrast = [float(np.asarray(band, np.float32).std()) for band in small.split()]
    luma = float(np.asarray(small.convert("L"), np.float32).std())
    if max(contrast) <= _LUMA_ADVANTAGE * luma:
        return ImagePair(Pyramid(seed.convert("L")), Pyramid(result.convert("L")))
    channel = contrast.index(max(contrast))
    return ImagePair(Pyramid(seed.getchannel(channel)), Pyramid(result.getchannel(channel)))


def fit_size(box: Box, longest: int) -> tuple[int, int]:
    """Return the size of a copy of a box: no side over `longest`, and never enlarged."""
    width, height = box[2] - box[0], box[3] - box[1]
    scale = min(1.0, longest / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _clip(box: Box, size: tuple[int, int]) -> Box:
    """Keep a box inside a picture, against rounding errors."""
    width, height = size
    return max(0.0, box[0]), max(0.0, box[1]), min(width, box[2]), min(height, box[3])
