"""Count the seed image's pixels that a delivered file has changed."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageChops

from bot.domain.geometry import Margins, Size
from bot.images.seed_format import load_seed


def count_changed_pixels(seed_path: Path, delivered: bytes, margins: Margins) -> int:
    """Count the pixels of the seed image that differ in any channel of the delivered file.

    `margins` are the delivered ones; both pictures are flattened over black. Raises `ValueError`
    if the delivered picture was scaled.
    """
    seed = _flatten_over_black(load_seed(seed_path))
    with Image.open(io.BytesIO(delivered), formats=("PNG", "JPEG", "WEBP")) as image:
        picture = _flatten_over_black(image)
    size, expected = Size(*picture.size), Size(*seed.size).grow_by(margins)
    if size != expected:
        raise ValueError(f"the delivered picture is {size}, not {expected}")
    left, top = margins.left, margins.top
    inside = picture.crop((left, top, left + seed.width, top + seed.height))
    red, green, blue = ImageChops.difference(seed, inside).split()
    largest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return seed.width * seed.height - largest.histogram()[0]


def _flatten_over_black(image: Image.Image) -> Image.Image:
    ground = Image.new("RGBA", image.size, "black")
    return Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")
