"""The preview of an order: the seed image on its canvas, with the new area hatched."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from bot.domain.geometry import Side, Size
from bot.domain.order import OutputFormat
from bot.domain.plan import Plan
from bot.images.encode import EncodedImage, encode_image
from bot.images.reading.colour import convert_to_srgb
from bot.images.seed_format import flatten_image, load_seed
from bot.images.text import (
    BACKGROUND_COLOUR,
    FAINT_TEXT_COLOUR,
    TEXT_COLOUR,
    draw_label_pill,
    load_font,
)
from bot.images.validation import ImageLimits, open_validated

THUMBNAIL_SIDE: Final = 880
"""Longest side in pixels: Discord shows about 550, on many screens with two pixels for each."""
_PADDING: Final = 18
_FOOTER_HEIGHT: Final = 58
_MIN_CARD_WIDTH: Final = 440
"""A narrower card could not hold the line with both sizes."""
_TEXT_SIZE: Final = 26
_QUALITY: Final = 90
_BACKDROP_BRIGHTNESS: Final = 0.5
"""Brightness of the blurred background, so that the seed image stands out."""
_ACCENT: Final = "#8b9cf7"
_ACCENT_RGB: Final = (0x8B, 0x9C, 0xF7)
"""Colour of the new area: close to Discord's blue, and light enough on a dark picture."""
_HATCH_PIXELS: Final = 20
"""Horizontal distance between two hatching lines, in pixels."""
_REDUCIBLE_MODES: Final = {"RGB", "L", "CMYK"}
"""Modes whose pixels may be averaged before colour conversion (a palette's indices may not)."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small copy of a picture for drawing, and the full picture's upright size in pixels."""

    data: bytes
    size: Size


@dataclass(frozen=True, slots=True)
class PreviewLayout:
    """The card's size, and the boxes of the canvas and the seed image on it, in pixels."""

    card: tuple[int, int]
    canvas: tuple[int, int, int, int]
    seed: tuple[int, int, int, int]


def make_thumbnail(data: bytes, limits: ImageLimits) -> Thumbnail:
    """Make a thumbnail of a valid picture; raise `ImageRefused` otherwise."""
    with open_validated(data, limits) as picture:
        image = picture.decode(THUMBNAIL_SIDE)
        small = _reduce_to_thumbnail(image) if image.mode in _REDUCIBLE_MODES else image
        shown = convert_to_srgb(picture.turn_upright(small), picture.space)
        return _encode_thumbnail(_reduce_to_thumbnail(shown), picture.size)


def make_stored_thumbnail(path: Path) -> Thumbnail:
    """Make a thumbnail of a stored seed image; raise `FileNotFoundError` if it was deleted."""
    image = load_seed(path)
    return _encode_thumbnail(_reduce_to_thumbnail(image), Size(*image.size))


def draw_preview(thumb: Thumbnail, plan: Plan) -> EncodedImage:
    """Draw the delivered canvas of `plan` as a JPEG; only numbers, so it needs no translation."""
    with Image.open(io.BytesIO(thumb.data), formats=("JPEG",)) as image:
        seed = image.convert("RGB")
    labels = {
        side: draw_label_pill(f"+{pixels}", _TEXT_SIZE)
        for side, pixels in plan.delivered.get_by_side().items()
        if pixels
    }
    layout = _compute_layout(plan, labels)
    card = Image.new("RGB", layout.card, BACKGROUND_COLOUR)
    left, top, right, bottom = layout.canvas
    card.paste(draw_backdrop(seed, (right - left, bottom - top)), (left, top))
    draw = ImageDraw.Draw(card)
    draw.rectangle((left - 2, top - 2, right + 1, bottom + 1), outline=_ACCENT, width=2)
    left, top, right, bottom = layout.seed
    placed = seed.resize((right - left, bottom - top), Image.Resampling.BICUBIC)
    card.paste(placed, (left, top))
    draw.rectangle((left - 2, top - 2, right + 1, bottom + 1), outline="white", width=2)
    for side, label in labels.items():
        card.paste(label, _place_label(side, label, layout), label)
    _draw_size_line(card, draw, plan)
    return encode_image(card, OutputFormat.JPG, _QUALITY)


def draw_backdrop(seed: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Draw the area to be generated: the picture blurred and darkened under hatching."""
    tiny = seed.resize((32, 32), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(3))
    soft = tiny.resize(size, Image.Resampling.BICUBIC)
    dark = ImageEnhance.Brightness(soft).enhance(_BACKDROP_BRIGHTNESS)
    lines = _draw_hatching(size)
    levels = range(256)
    tint = [lines.point([round(each * part / 255) for each in levels]) for part in _ACCENT_RGB]
    return ImageChops.screen(dark, Image.merge("RGB", tint))


def _draw_hatching(size: tuple[int, int]) -> Image.Image:
    """Draw anti-aliased diagonal lines from one seamless tile."""
    over = 3  # drawn larger and reduced, for smooth edges
    step = _HATCH_PIXELS * over
    tile = Image.new("L", (step, step), 0)
    draw = ImageDraw.Draw(tile)
    for shift in (-step, 0, step):  # the neighbouring tiles' lines too, so that the edges match
        draw.line((shift - over, step + over, shift + step + over, -over), fill=96, width=2 * over)
    tile = tile.resize((_HATCH_PIXELS, _HATCH_PIXELS), Image.Resampling.BOX)
    lines = Image.new("L", size)
    for x in range(0, size[0], _HATCH_PIXELS):
        lines.paste(tile, (x, 0))
    row = lines.crop((0, 0, size[0], _HATCH_PIXELS))
    for y in range(_HATCH_PIXELS, size[1], _HATCH_PIXELS):
        lines.paste(row, (0, y))
    return lines


def _encode_thumbnail(image: Image.Image, size: Size) -> Thumbnail:
    return Thumbnail(encode_image(flatten_image(image), OutputFormat.JPG, _QUALITY).data, size)


def _reduce_to_thumbnail(image: Image.Image) -> Image.Image:
    """Scale down to thumbnail size, first by a whole factor, which is many times faster."""
    factor = max(image.size) // THUMBNAIL_SIDE
    small = image.reduce(factor) if factor > 1 else image
    scale = THUMBNAIL_SIDE / max(small.size)
    if scale >= 1:
        return small
    width, height = (max(1, round(side * scale)) for side in small.size)
    return small.resize((width, height), Image.Resampling.BILINEAR)


def _compute_layout(plan: Plan, labels: Mapping[Side, Image.Image]) -> PreviewLayout:
    """Scale the canvas to the card, with room outside for labels wider than their margin."""
    canvas, margins = plan.canvas, plan.delivered
    scale = THUMBNAIL_SIDE / max(canvas.width, canvas.height)
    width, height = (max(4, round(side * scale)) for side in (canvas.width, canvas.height))
    pads = dict.fromkeys(Side, _PADDING)
    for side, pixels in margins.get_by_side().items():
        if side in labels:
            needed = _measure_label(side, labels[side]) + 8
            if pixels * scale < needed:
                pads[side] = needed
    card_width = max(pads[Side.LEFT] + width + pads[Side.RIGHT], _MIN_CARD_WIDTH)
    x = pads[Side.LEFT] + (card_width - pads[Side.LEFT] - width - pads[Side.RIGHT]) // 2
    y = pads[Side.TOP]
    across, down = width / canvas.width, height / canvas.height
    seed = (
        x + round(margins.left * across),
        y + round(margins.top * down),
        x + max(1, round((margins.left + plan.seed.width) * across)),
        y + max(1, round((margins.top + plan.seed.height) * down)),
    )
    card = (card_width, y + height + max(pads[Side.BOTTOM] - _PADDING, 0) + _FOOTER_HEIGHT)
    return PreviewLayout(card, (x, y, x + width, y + height), seed)


def _measure_label(side: Side, label: Image.Image) -> int:
    return label.width if side in {Side.LEFT, Side.RIGHT} else label.height


def _place_label(side: Side, label: Image.Image, layout: PreviewLayout) -> tuple[int, int]:
    """Return the label's corner: centred in its margin, or outside the canvas if it is thin."""
    left, top, right, bottom = layout.canvas
    x, y, to_x, to_y = layout.seed
    centre_x, centre_y = (x + to_x - label.width) // 2, (y + to_y - label.height) // 2
    inner, outer, away = {
        Side.TOP: (y, top, -1),
        Side.RIGHT: (to_x, right, 1),
        Side.BOTTOM: (to_y, bottom, 1),
        Side.LEFT: (x, left, -1),
    }[side]
    extent = _measure_label(side, label)
    is_thin = abs(outer - inner) < extent + 8
    middle = outer + away * (extent // 2 + 4) if is_thin else (inner + outer) // 2
    start = middle - extent // 2
    return (start, centre_y) if side in {Side.LEFT, Side.RIGHT} else (centre_x, start)


def _draw_size_line(card: Image.Image, draw: ImageDraw.ImageDraw, plan: Plan) -> None:
    """Write "before, arrow, after" below the canvas; the font has no arrow, so it is drawn."""
    font = load_font(_TEXT_SIZE)
    before, after = (f"{size.width} x {size.height}" for size in (plan.seed, plan.canvas))
    widths = font.getlength(before), font.getlength(after)
    arrow, gap = 46, 16
    x = (card.width - sum(widths) - arrow - 2 * gap) / 2
    y = card.height - _FOOTER_HEIGHT / 2
    draw.text((x, y), before, font=font, fill=FAINT_TEXT_COLOUR, anchor="lm")
    start = x + widths[0] + gap
    tip = start + arrow
    draw.line((start, y, tip - 8, y), fill=FAINT_TEXT_COLOUR, width=3)
    draw.polygon(((tip, y), (tip - 13, y - 8), (tip - 13, y + 8)), fill=FAINT_TEXT_COLOUR)
    draw.text((tip + gap, y), after, font=font, fill=TEXT_COLOUR, anchor="lm")
