"""The zoom-out film, from the first picture of a chain to the last, cut from stored pictures.

The camera is a window of fixed aspect ratio in the coordinates of the last picture. Each frame is
cut from the smallest picture that contains the whole window, so no frame shows a border.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image

from bot.domain.geometry import Margins, Size
from bot.images.film.animation import FrameSequence, Movie, MovieFormat, ease_progress, fit_movie
from bot.images.seed_format import flatten_image

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "TIFF")
_M = MovieFormat
_FRAME_PIXELS: Final = {_M.WEBP: 360_000, _M.GIF: 160_000, _M.MP4: 480_000}
"""Pixels of a frame: about what a chat client displays; for GIF, what fits an 8 MiB upload."""
_FRAME_MS: Final = {_M.WEBP: 50, _M.GIF: 80, _M.MP4: 40}
_PER_STEP_MS, _LONGEST_MS = 1800, 6000
"""Duration of the move for each expansion, and at most in total, which bounds memory and time."""
_FIRST_MS, _LAST_MS = 800, 1600
_MAX_FRAME_RATIO: Final = 4.0
"""Widest aspect ratio of a frame; of a longer panorama even the last frame shows only a part."""
_SMOOTHING_FRAMES: Final = 3
"""Frames on each side over which changes of direction are averaged."""


class CameraWindow(NamedTuple):
    """A rectangle in pixel coordinates of the last picture."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def interpolate_to(self, other: CameraWindow, progress: float) -> CameraWindow:
        """Return the window at `progress` (0..1) of the way to the other."""
        pairs = zip(self, other, strict=True)
        return CameraWindow(*(ours + (theirs - ours) * progress for ours, theirs in pairs))

    def has_within(self, other: CameraWindow) -> bool:
        """Return whether the other lies within this one, allowing for rounding."""
        slack = 0.01
        return (
            other.left >= self.left - slack
            and other.top >= self.top - slack
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )


@dataclass(frozen=True, slots=True)
class PlacedPicture:
    """A picture's file and its position in the last picture of the chain."""

    path: Path
    box: CameraWindow


def place_pictures(
    paths: Sequence[Path], first: Size, steps: Sequence[Margins]
) -> list[PlacedPicture]:
    """Compute the position of each picture; `steps[i]` are the margins delivered around `paths[i]`.

    `first` is the size of the first picture; files reduced for an upload count at their full size.
    Raises `ValueError` unless there is exactly one step fewer than paths.
    """
    sizes = list(accumulate(steps, Size.grow_by, initial=first))
    left = top = 0
    shots = []
    inward = [*steps, Margins()]
    # offsets add up from the last picture inwards, since its corner is the origin
    for path, size, margins in reversed(list(zip(paths, sizes, inward, strict=True))):
        left, top = left + margins.left, top + margins.top
        box = CameraWindow(left, top, left + size.width, top + size.height)
        shots.append(PlacedPicture(path, box))
    return shots[::-1]


def render_film(
    shots: Sequence[PlacedPicture],
    fmt: MovieFormat,
    max_bytes: int,
    encoder: Path | None = None,
    *,
    is_marked: bool = False,
) -> Movie:
    """Render the film of at least two pictures; raise `ResultUnusable` as `fit_movie` does."""
    shape = _compute_frame_shape(shots[-1].box)
    length = min(_PER_STEP_MS * (len(shots) - 1), _LONGEST_MS)
    path = compute_camera_path(shots, length // _FRAME_MS[fmt])
    height = math.sqrt(_FRAME_PIXELS[fmt] / shape)
    size = (round(height * shape / 2) * 2, round(height / 2) * 2)
    each = _FRAME_MS[fmt]
    reel = FrameSequence(_cut_frames(shots, path, size), _FIRST_MS, each, _LAST_MS)
    return fit_movie(reel, fmt, max_bytes, encoder, is_marked=is_marked)


def compute_camera_path(shots: Sequence[PlacedPicture], count: int) -> list[CameraWindow]:
    """Return `count` windows: constant zoom speed, eased at both ends, direction smoothed."""
    shape = _compute_frame_shape(shots[-1].box)
    keys = [_find_largest_window(shot.box, shape) for shot in shots]
    lengths = [_measure_move(before, after) for before, after in pairwise(keys)]
    way = [_interpolate_path(keys, lengths, ease_progress(i / (count - 1))) for i in range(count)]
    return [_average_windows(way, i) for i in range(count)]


def _compute_frame_shape(box: CameraWindow) -> float:
    return min(max(box.width / box.height, 1 / _MAX_FRAME_RATIO), _MAX_FRAME_RATIO)


def _find_largest_window(box: CameraWindow, shape: float) -> CameraWindow:
    """Return the largest centred window of the given aspect ratio in a box."""
    width = min(box.width, box.height * shape)
    height = width / shape
    left = box.left + (box.width - width) / 2
    top = box.top + (box.height - height) / 2
    return CameraWindow(left, top, left + width, top + height)


def _measure_move(before: CameraWindow, after: CameraWindow) -> float:
    """Return a move's perceived length: doublings of scale plus the centre's travel in widths."""
    across = (after.left + after.right - before.left - before.right) / 2
    down = (after.top + after.bottom - before.top - before.bottom) / 2
    way = math.hypot(across / after.width, down / after.height)
    return abs(math.log2(after.width / before.width)) + way + 1e-6  # never 0: it is a divisor


def _interpolate_path(
    keyframes: Sequence[CameraWindow], lengths: Sequence[float], progress: float
) -> CameraWindow:
    """Return the window at `progress` (0..1) of the path; zoom speed is constant within a move."""
    left = progress * sum(lengths)
    for (before, after), length in zip(pairwise(keyframes), lengths, strict=True):
        if left <= length:
            grown = after.width / before.width
            share = left / length
            if abs(grown - 1) > 0.001:
                # exponential in scale: linear would look ever slower as the picture grows
                share = (grown**share - 1) / (grown - 1)
            return before.interpolate_to(after, share)
        left -= length
    return keyframes[-1]


def _average_windows(way: Sequence[CameraWindow], index: int) -> CameraWindow:
    """Return the mean of a window and its neighbours, equally many on each side.

    A mean stays within the pictures that contain all of them, so no border shows.
    """
    reach = min(_SMOOTHING_FRAMES, index, len(way) - 1 - index)
    near = way[index - reach : index + reach + 1]
    return CameraWindow(*(sum(edges) / len(near) for edges in zip(*near, strict=True)))


def _cut_frames(
    shots: Sequence[PlacedPicture], path: Sequence[CameraWindow], size: tuple[int, int]
) -> list[Image.Image]:
    """Cut every frame; only one picture is decoded at a time, reduced as the camera zooms out."""
    frames: list[Image.Image] = []
    shown, picture = -1, None
    for window in path:
        index = next(
            (i for i, shot in enumerate(shots) if i >= shown and shot.box.has_within(window)),
            len(shots) - 1,
        )
        if picture is None or index != shown:
            shown, picture = index, _open_picture(shots[index], window, size)
        picture = _reduce_picture(picture, shots[index].box, window, size)
        frames.append(_cut_frame(picture, shots[index].box, window, size))
    return frames


def _open_picture(shot: PlacedPicture, window: CameraWindow, size: tuple[int, int]) -> Image.Image:
    with Image.open(shot.path, formats=_FORMATS) as image:
        needed = math.ceil(size[0] / window.width * shot.box.width)
        image.draft("RGB", (needed, needed))
        image.load()
        return flatten_image(image if image.mode in {"RGB", "RGBA"} else image.convert("RGB"))


def _reduce_picture(
    picture: Image.Image, box: CameraWindow, window: CameraWindow, size: tuple[int, int]
) -> Image.Image:
    """Reduce the picture by the whole factor by which it exceeds a frame's resolution."""
    factor = int(window.width * picture.width / box.width / size[0])
    return picture.reduce(factor) if factor > 1 else picture


def _cut_frame(
    picture: Image.Image, box: CameraWindow, window: CameraWindow, size: tuple[int, int]
) -> Image.Image:
    across, down = picture.width / box.width, picture.height / box.height
    source = (
        max((window.left - box.left) * across, 0.0),
        max((window.top - box.top) * down, 0.0),
        min((window.right - box.left) * across, picture.width),
        min((window.bottom - box.top) * down, picture.height),
    )
    return picture.resize(size, Image.Resampling.BICUBIC, box=source)
