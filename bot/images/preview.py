"""The preview before paying: the original on its canvas, the new area hatched, in small."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from bot.domain.geometry import Plan, Side, Size
from bot.domain.order import OutputFormat
from bot.images.encode import Encoded, encode
from bot.images.gate import ImageLimits, is_sideways, opened, to_srgb, upright
from bot.images.lettering import FAINT, INK, SHADE, font, pill
from bot.images.stored import flat, load

THUMBNAIL: Final = 880
"""Longest side of what is drawn, in pixels: Discord shows 550, and many screens have two each."""
_PAD: Final = 18
_FOOT: Final = 58
_LEAST_WIDTH: Final = 440
"""A narrower card could not hold the line of sizes."""
_LETTERS: Final = 26
_QUALITY: Final = 90
_DARK: Final = 0.5
"""Brightness of the blurred picture under the hatching: the original has to stand out."""
_ACCENT: Final = "#8b9cf7"
_RGB: Final = (0x8B, 0x9C, 0xF7)
"""The new area's colour: near Discord's own blue, and light enough on a dark picture."""
_HATCH: Final = 20
"""Distance of two hatching lines across, in pixels."""
_WHOLE: Final = {"RGB", "L", "CMYK"}
"""Modes in which pixels may be averaged before their colours are converted."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small copy of a picture for drawing, and the size in pixels that it has upright."""

    data: bytes
    size: Size


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things lie on the card, in its pixels: the canvas, and the original within it."""

    card: tuple[int, int]
    canvas: tuple[int, int, int, int]
    seed: tuple[int, int, int, int]


def thumbnail(data: bytes, limits: ImageLimits) -> Thumbnail:
    """Make a small copy of a picture that the gate would let in; raise `ImageRefused` otherwise.

    A JPEG is decoded at a reduced size. One thumbnail serves a preview and all its nudges.
    """
    with opened(data, limits) as image:
        width, height = image.size
        size = Size(height, width) if is_sideways(image) else Size(width, height)
        image.draft(None, (THUMBNAIL, THUMBNAIL))
        image.load()
        small = _reduced(image) if image.mode in _WHOLE else image
        return _thumbnail(_reduced(to_srgb(upright(small))), size)


def stored_thumbnail(path: Path) -> Thumbnail:
    """Make a small copy of a stored seed image; raise `FileNotFoundError` if it is gone."""
    image = load(path)
    return _thumbnail(_reduced(image), Size(*image.size))


def preview(thumb: Thumbnail, plan: Plan) -> Encoded:
    """Draw the delivered canvas of `plan`: a JPEG of about 900 pixels, the same in both themes.

    What is written on it is numbers alone, so that it needs no translation.
    """
    with Image.open(io.BytesIO(thumb.data), formats=("JPEG",)) as image:
        seed = image.convert("RGB")
    labels = {
        side: pill(f"+{pixels}", _LETTERS)
        for side, pixels in plan.delivered.by_side().items()
        if pixels
    }
    layout = _layout(plan, labels)
    card = Image.new("RGB", layout.card, SHADE)
    left, top, right, bottom = layout.canvas
    card.paste(ground(seed, (right - left, bottom - top)), (left, top))
    draw = ImageDraw.Draw(card)
    draw.rectangle((left - 2, top - 2, right + 1, bottom + 1), outline=_ACCENT, width=2)
    left, top, right, bottom = layout.seed
    placed = seed.resize((right - left, bottom - top), Image.Resampling.BICUBIC)
    card.paste(placed, (left, top))
    draw.rectangle((left - 2, top - 2, right + 1, bottom + 1), outline="white", width=2)
    for side, label in labels.items():
        card.paste(label, _place(side, label, layout), label)
    _label_sizes(card, draw, plan)
    return encode(card, OutputFormat.JPG, _QUALITY)


def ground(seed: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Draw the area that is not there yet: the picture blurred and dark, under a hatching."""
    tiny = seed.resize((32, 32), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(3))
    soft = tiny.resize(size, Image.Resampling.BICUBIC)
    dark = ImageEnhance.Brightness(soft).enhance(_DARK)
    lines = _hatching(size)
    tint = [lines.point([round(level * part / 255) for level in range(256)]) for part in _RGB]
    return ImageChops.screen(dark, Image.merge("RGB", tint))


def _hatching(size: tuple[int, int]) -> Image.Image:
    """Draw diagonal lines with smooth edges, from one tile that joins with itself."""
    over = 3
    step = _HATCH * over
    tile = Image.new("L", (step, step), 0)
    draw = ImageDraw.Draw(tile)
    for shift in (-step, 0, step):
        draw.line((shift - over, step + over, shift + step + over, -over), fill=96, width=2 * over)
    tile = tile.resize((_HATCH, _HATCH), Image.Resampling.BOX)
    lines = Image.new("L", size)
    for x in range(0, size[0], _HATCH):
        lines.paste(tile, (x, 0))
    row = lines.crop((0, 0, size[0], _HATCH))
    for y in range(_HATCH, size[1], _HATCH):
        lines.paste(row, (0, y))
    return lines


def _thumbnail(image: Image.Image, size: Size) -> Thumbnail:
    return Thumbnail(encode(flat(image), OutputFormat.JPG, _QUALITY).data, size)


def _reduced(image: Image.Image) -> Image.Image:
    """Scale down to the size of a thumbnail, by whole pixels first: that is many times faster."""
    factor = max(image.size) // THUMBNAIL
    small = image.reduce(factor) if factor > 1 else image
    scale = THUMBNAIL / max(small.size)
    if scale >= 1:
        return small
    width, height = (max(1, round(side * scale)) for side in small.size)
    return small.resize((width, height), Image.Resampling.BILINEAR)


def _layout(plan: Plan, labels: Mapping[Side, Image.Image]) -> Layout:
    """Scale the canvas to the card; a label that its band cannot hold gets room outside."""
    canvas, margins = plan.canvas, plan.delivered
    scale = THUMBNAIL / max(canvas.width, canvas.height)
    width, height = (max(4, round(side * scale)) for side in (canvas.width, canvas.height))
    pads = dict.fromkeys(Side, _PAD)
    for side, pixels in margins.by_side().items():
        if side in labels:
            needed = _extent(side, labels[side]) + 8
            if pixels * scale < needed:
                pads[side] = needed
    wide = max(pads[Side.LEFT] + width + pads[Side.RIGHT], _LEAST_WIDTH)
    x = pads[Side.LEFT] + (wide - pads[Side.LEFT] - width - pads[Side.RIGHT]) // 2
    y = pads[Side.TOP]
    across, down = width / canvas.width, height / canvas.height
    seed = (
        x + round(margins.left * across),
        y + round(margins.top * down),
        x + max(1, round((margins.left + plan.seed.width) * across)),
        y + max(1, round((margins.top + plan.seed.height) * down)),
    )
    card = (wide, y + height + max(pads[Side.BOTTOM] - _PAD, 0) + _FOOT)
    return Layout(card, (x, y, x + width, y + height), seed)


def _extent(side: Side, label: Image.Image) -> int:
    return label.width if side in {Side.LEFT, Side.RIGHT} else label.height


def _place(side: Side, label: Image.Image, layout: Layout) -> tuple[int, int]:
    """Return the label's corner: in the middle of its band, or outside it where that is thin."""
    left, top, right, bottom = layout.canvas
    x, y, to_x, to_y = layout.seed
    centre_x, centre_y = (x + to_x - label.width) // 2, (y + to_y - label.height) // 2
    inner, outer, away = {
        Side.TOP: (y, top, -1),
        Side.RIGHT: (to_x, right, 1),
        Side.BOTTOM: (to_y, bottom, 1),
        Side.LEFT: (x, left, -1),
    }[side]
    extent = _extent(side, label)
    thin = abs(outer - inner) < extent + 8
    middle = outer + away * (extent // 2 + 4) if thin else (inner + outer) // 2
    start = middle - extent // 2
    return (start, centre_y) if side in {Side.LEFT, Side.RIGHT} else (centre_x, start)


def _label_sizes(card: Image.Image, draw: ImageDraw.ImageDraw, plan: Plan) -> None:
    """Write "before, arrow, after" below the canvas; the arrow is drawn, the font has none."""
    letters = font(_LETTERS)
    before, after = (f"{size.width} x {size.height}" for size in (plan.seed, plan.canvas))
    widths = letters.getlength(before), letters.getlength(after)
    arrow = 46
    gap = 16
    x = (card.width - sum(widths) - arrow - 2 * gap) / 2
    y = card.height - _FOOT / 2
    draw.text((x, y), before, font=letters, fill=FAINT, anchor="lm")
    start = x + widths[0] + gap
    tip = start + arrow
    draw.line((start, y, tip - 8, y), fill=FAINT, width=3)
    draw.polygon(((tip, y), (tip - 13, y - 8), (tip - 13, y + 8)), fill=FAINT)
    draw.text((tip + gap, y), after, font=letters, fill=INK, anchor="lm")
