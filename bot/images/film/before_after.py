"""Before/after comparisons: the two pictures side by side, or an animated wipe between them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from bot.domain.geometry import Margins, Size
from bot.domain.order import OutputFormat
from bot.images.encode import EncodedImage, encode_to_fit
from bot.images.film.animation import FrameSequence, Movie, MovieFormat, ease_progress, fit_movie
from bot.images.preview import draw_backdrop
from bot.images.seed_format import flatten_image, load_seed
from bot.images.text import BACKGROUND_COLOUR, draw_label_pill

_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_PAIR_PIXELS: Final = 1_200_000
"""Pixels of each half: enough to inspect the seam on a large screen."""
_WIPE_PIXELS: Final = 360_000
"""Pixels of a frame: about what a chat client displays."""
_LABEL_DIVISOR: Final = 24
"""A label's text height is the shorter side of a half, divided by this."""
_LINE_WIDTH: Final = 4
_PADDING: Final = 16
_WIPE_FRAMES: Final = 18
"""Frames for the line to cross the picture once."""
_EACH_MS, _HOLD_MS = 60, 900


def draw_pair(
    seed_path: Path,
    delivered_path: Path,
    margins: Margins,
    max_bytes: int,
    *,
    is_marked: bool = False,
) -> EncodedImage:
    """Draw before and after side by side, or stacked if the picture is wide, as a labelled JPEG.

    `margins` are the delivered ones; both halves show the whole canvas. Raises `ResultUnusable` if
    it does not fit into `max_bytes`. `is_marked` adds the mark of AI.
    """
    before, after, sizes = _prepare_halves(seed_path, delivered_path, margins, _PAIR_PIXELS)
    width, height = before.size
    stacked = width > height * 1.2
    step = (0, height + _PADDING) if stacked else (width + _PADDING, 0)
    sheet_size = (width + step[0] + 2 * _PADDING, height + step[1] + 2 * _PADDING)
    sheet = Image.new("RGB", sheet_size, BACKGROUND_COLOUR)
    for index, (half, size) in enumerate(zip((before, after), sizes, strict=True)):
        corner = (_PADDING + index * step[0], _PADDING + index * step[1])
        sheet.paste(half, corner)
        _draw_label(sheet, size, corner, before.size)
    return encode_to_fit(sheet, OutputFormat.JPG, max_bytes, is_marked=is_marked)


def animate_wipe(
    seed_path: Path,
    delivered_path: Path,
    margins: Margins,
    max_bytes: int,
    fmt: MovieFormat = MovieFormat.WEBP,
    *,
    is_marked: bool = False,
) -> Movie:
    """Animate a line that wipes from before to after and back; see `draw_pair` for arguments."""
    before, after, sizes = _prepare_halves(seed_path, delivered_path, margins, _WIPE_PIXELS)
    for half, size in zip((before, after), sizes, strict=True):
        _draw_label(half, size, (0, 0), half.size)
    width = before.width
    places = [round(width * ease_progress(i / _WIPE_FRAMES)) for i in range(_WIPE_FRAMES + 1)]
    forward = [_draw_wipe_frame(before, after, x) for x in places]
    pause = [after] * (_HOLD_MS // _EACH_MS)
    frames = [*forward, *pause, *forward[-2:0:-1]]  # back without repeating both ends
    reel = FrameSequence(frames, _HOLD_MS, _EACH_MS, _EACH_MS)
    return fit_movie(reel, fmt, max_bytes, is_marked=is_marked)


def _prepare_halves(
    seed_path: Path, delivered_path: Path, margins: Margins, max_pixels: int
) -> tuple[Image.Image, Image.Image, tuple[Size, Size]]:
    """Return before and after at the same reduced size with even sides, and their real sizes."""
    seed = flatten_image(load_seed(seed_path))
    small = Size(*seed.size)
    canvas = small.grow_by(margins)
    scale = min(1.0, math.sqrt(max_pixels / canvas.pixel_count))
    width, height = (max(2, round(side * scale / 2) * 2) for side in (canvas.width, canvas.height))
    with Image.open(delivered_path, formats=_FORMATS) as image:
        image.draft("RGB", (width, height))  # a JPEG decoder reduces by 2, 4 or 8 for free
        image.load()
        after = flatten_image(image).resize(
            (width, height), Image.Resampling.LANCZOS, reducing_gap=2
        )
    before = draw_backdrop(seed, (width, height))
    across, from_x, to_x = _place_on_axis(margins.left, small.width, width / canvas.width)
    down, from_y, to_y = _place_on_axis(margins.top, small.height, height / canvas.height)
    placed = seed.resize(
        (across[1] - across[0], down[1] - down[0]),
        Image.Resampling.LANCZOS,
        box=(from_x, from_y, to_x, to_y),
        reducing_gap=2,
    )
    before.paste(placed, (across[0], down[0]))
    return before, after, (small, canvas)


def _place_on_axis(margin: int, side: int, scale: float) -> tuple[tuple[int, int], float, float]:
    """Return the range of whole pixels the original covers on one axis, and its part shown there.

    Only rounding the position would shift the picture by half a pixel, which a wipe makes visible.
    """
    start, end = math.ceil(margin * scale), math.floor((margin + side) * scale)
    if start >= end:
        return (start, start + 1), 0, side
    return (start, end), max(start / scale - margin, 0), min(end / scale - margin, side)


def _draw_label(
    image: Image.Image, size: Size, corner: tuple[int, int], half: tuple[int, int]
) -> None:
    label = draw_label_pill(f"{size.width} x {size.height}", max(18, min(half) // _LABEL_DIVISOR))
    if label.width + 2 * _PADDING <= half[0]:
        image.paste(label, (corner[0] + _PADDING, corner[1] + _PADDING), label)


def _draw_wipe_frame(before: Image.Image, after: Image.Image, x: int) -> Image.Image:
    frame = before.copy()
    frame.paste(after.crop((0, 0, x, after.height)), (0, 0))
    if 0 < x < after.width:
        line = (x - _LINE_WIDTH // 2, 0, x + _LINE_WIDTH // 2 - 1, after.height)
        ImageDraw.Draw(frame).rectangle(line, fill="white")
    return frame
