"""Results that are no continuation of the seed image, in place of the rendered one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageOps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def replace_picture(image: Image.Image, kind: str) -> Image.Image:
    """Return the wrong picture that a fault's kind names, or the picture itself."""
    paint = _PICTURES.get(kind)
    return paint(image) if paint else image


def _paint_rings(image: Image.Image) -> Image.Image:
    across, down = np.meshgrid(np.arange(image.width), np.arange(image.height))
    distance = np.hypot(across - image.width / 3, down - image.height / 4)
    waves = [np.sin(distance / period) for period in (5.0, 9.0, 17.0)]
    return Image.fromarray((127.5 + 127.5 * np.dstack(waves)).astype(np.uint8))


def _paint_noise(image: Image.Image) -> Image.Image:
    rng = np.random.default_rng(image.width)
    return Image.fromarray(rng.integers(0, 256, (image.height, image.width, 3), np.uint8))


_PICTURES: Final[Mapping[str, Callable[[Image.Image], Image.Image]]] = {
    "other_picture": _paint_rings,
    "mirrored": ImageOps.mirror,
    "black": lambda image: Image.new("RGB", image.size),
    "noise": _paint_noise,
    "tiny": lambda image: image.resize((1, 1)),
}
