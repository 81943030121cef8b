"""Seam levelling: adjust the margins' colours to the seed image, whose pixels never change.

The provider may shift the colours of the picture it was given. The smoothed difference along the
seam is added to the margins and fades out over `FADE_PIXELS`.
"""

from __future__ import annotations

from itertools import product
from typing import Final

from PIL import Image, ImageChops, ImageFilter

from bot.domain.geometry import Margins

FADE_PIXELS: Final = 48
"""Pixels over which the correction fades out: wide enough that its own edge doesn't show."""
_STRIP_DEPTH: Final = 4
"""Depth in pixels of the strip inside the seam that is compared."""
_BLUR_RADIUS: Final = 8
"""Blur radius along the seam in pixels, so that colour drift is corrected and texture is not."""
_MAX_CORRECTION: Final = 30
"""Largest correction of a channel (0..255); a larger difference is content, not drift."""


def hide_seam(canvas: Image.Image, seed: Image.Image, margins: Margins) -> None:
    """Adjust the margins of `canvas` (RGB) to `seed` (RGB) in place.

    The correction fades out over the same distance where a margin is narrower.
    """
    for towards in product((-1, 0, 1), (-1, 0, 1)):
        if any(towards):
            _level_region(canvas, seed, margins, towards)


def _level_region(
    canvas: Image.Image, seed: Image.Image, margins: Margins, towards: tuple[int, int]
) -> None:
    """Adjust one of the eight regions around the seed image: a side or a corner."""
    across, down = towards
    if not _has_margin(across, margins.left, margins.right):
        return
    if not _has_margin(down, margins.top, margins.bottom):
        return
    x, width, from_x, to_x = _compute_span(across, seed.width, margins.left)
    y, height, from_y, to_y = _compute_span(down, seed.height, margins.top)
    strip = seed.crop((from_x, from_y, to_x, to_y))
    left, top = margins.left, margins.top
    rendered = canvas.crop((left + from_x, top + from_y, left + to_x, top + to_y))
    if ImageChops.difference(strip, rendered).getbbox() is None:
        return  # the provider kept these pixels
    shape = (1 if across else width, 1 if down else height)
    ours, theirs = _smooth_strip(strip, shape), _smooth_strip(rendered, shape)
    fade = _build_fade_mask((width, height), towards)
    box = (x, y, x + width, y + height)
    region = canvas.crop(box)
    # 8-bit channels can't be negative, so increases and decreases are applied separately
    changes = ((ours, theirs, ImageChops.add), (theirs, ours, ImageChops.subtract))
    for plus, minus, apply in changes:
        gain = ImageChops.subtract(plus, minus).point(lambda value: min(value, _MAX_CORRECTION))
        spread = gain.resize((width, height), Image.Resampling.NEAREST)
        region = apply(region, ImageChops.multiply(spread, fade))
    canvas.paste(region, box)


def _has_margin(towards: int, before: int, after: int) -> bool:
    return not towards or bool(before if towards < 0 else after)


def _compute_span(towards: int, length: int, before: int) -> tuple[int, int, int, int]:
    """Return the region's start and length on one axis, and the seed's strip to compare with.

    The region may reach beyond the canvas.
    """
    depth = min(_STRIP_DEPTH, length)
    if towards < 0:
        return before - FADE_PIXELS, FADE_PIXELS, 0, depth
    if towards > 0:
        return before + length, FADE_PIXELS, length - depth, length
    return before, length, 0, length


def _smooth_strip(strip: Image.Image, shape: tuple[int, int]) -> Image.Image:
    small = strip.resize(shape, Image.Resampling.BOX)
    return small.filter(ImageFilter.GaussianBlur(_BLUR_RADIUS)) if max(shape) > 1 else small


def _build_fade_mask(size: tuple[int, int], towards: tuple[int, int]) -> Image.Image:
    """Return a mask that is white at the seam and black `size` away from it."""
    rising = Image.linear_gradient("L")
    mask = Image.new("L", size, 255)
    across, down = towards
    if down:
        ramp = rising if down < 0 else rising.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        mask = ImageChops.multiply(mask, ramp.resize(size))
    if across:
        turn = Image.Transpose.ROTATE_90 if across < 0 else Image.Transpose.ROTATE_270
        mask = ImageChops.multiply(mask, rising.transpose(turn).resize(size))
    return Image.merge("RGB", (mask, mask, mask))
