"""Animations that fit an upload limit: WebP and GIF by Pillow, MP4 by ffmpeg."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from PIL import Image

from bot.domain.geometry import Size
from bot.errors import ResultUnusable
from bot.images.film.mp4 import encode_mp4
from bot.images.marking import mark_gif, mark_mp4, mark_webp

_ATTEMPTS: Final = ((1.0, 80), (1.0, 55), (0.75, 65), (0.5, 65), (0.35, 60), (0.25, 50), (0.15, 40))
"""(scale, WebP quality) in the order tried; scales that can't fit by the last size are skipped."""
_GIF_SHRINK_FACTOR: Final = 1.6
"""Optimism when predicting the next scale, 2 for others: dithering noise keeps a GIF large."""


class MovieFormat(StrEnum):
    WEBP = "webp"
    GIF = "gif"
    MP4 = "mp4"


_MARKS: Final = {MovieFormat.WEBP: mark_webp, MovieFormat.GIF: mark_gif, MovieFormat.MP4: mark_mp4}


@dataclass(frozen=True, slots=True)
class FrameSequence:
    """RGB frames of one size, and how long the first, each middle and the last one are shown.

    Times are in milliseconds; GIF stores hundredths of a second.
    """

    frames: Sequence[Image.Image]
    first_ms: int
    each_ms: int
    last_ms: int

    @property
    def durations_ms(self) -> list[int]:
        between = [self.each_ms] * (len(self.frames) - 2)
        return [self.first_ms, *between, self.last_ms]


@dataclass(frozen=True, slots=True)
class Movie:
    """An encoded, looping animation with its size in pixels and its length in seconds."""

    data: bytes
    format: MovieFormat
    size: Size
    seconds: float


def fit_movie(
    reel: FrameSequence,
    fmt: MovieFormat,
    max_bytes: int,
    encoder: Path | None = None,
    *,
    is_marked: bool = False,
) -> Movie:
    """Encode frames at the best scale and quality that fit into `max_bytes`.

    `is_marked` adds the mark of AI (`images/marking.py`).
    Raises `ResultUnusable` if nothing fits, or if `encoder` is missing or fails for MP4.
    """
    seconds = sum(reel.durations_ms) / 1000
    max_scale = 1.0
    for scale, quality in _list_attempts(fmt):
        if scale > max_scale:
            continue
        scaled = _scale_frames(reel, scale)
        data = _encode_frames(scaled, fmt, quality, max_bytes, encoder)
        if is_marked:
            data = _MARKS[fmt](data)
        if len(data) <= max_bytes:
            return Movie(data, fmt, Size(*scaled.frames[0].size), seconds)
        slack = _GIF_SHRINK_FACTOR if fmt is MovieFormat.GIF else 2.0
        # bytes grow with the area, so the next scale follows from the square root
        max_scale = min(max_scale, scale * (slack * max_bytes / len(data)) ** 0.5)
    raise ResultUnusable("does_not_fit", f"no {fmt} fits into {max_bytes} bytes")


def ease_progress(progress: float) -> float:
    """Return the share (0..1) of a move after this share of its time: slow at both ends."""
    return progress * progress * (3 - 2 * progress)


def _list_attempts(fmt: MovieFormat) -> Iterator[tuple[float, int]]:
    """Yield the attempts, each scale only once for GIF and MP4, which ignore the quality."""
    yield from _ATTEMPTS if fmt is MovieFormat.WEBP else dict(_ATTEMPTS).items()


def _scale_frames(reel: FrameSequence, scale: float) -> FrameSequence:
    if scale == 1.0:
        return reel
    # H.264 in yuv420p needs even sides: each colour sample covers 2x2 pixels
    width, height = (max(2, round(side * scale / 2) * 2) for side in reel.frames[0].size)
    frames = [frame.resize((width, height), Image.Resampling.BILINEAR) for frame in reel.frames]
    return FrameSequence(frames, reel.first_ms, reel.each_ms, reel.last_ms)


def _encode_frames(
    reel: FrameSequence, fmt: MovieFormat, quality: int, max_bytes: int, encoder: Path | None
) -> bytes:
    match fmt:
        case MovieFormat.WEBP:
            return _encode_webp(reel, quality)
        case MovieFormat.GIF:
            return _encode_gif(reel)
        case MovieFormat.MP4:
            if encoder is None:
                raise ResultUnusable("no_encoder", "ffmpeg is not installed")
            return encode_mp4(reel.frames, reel.durations_ms, max_bytes, encoder)


def _encode_webp(reel: FrameSequence, quality: int) -> bytes:
    # method 0 is the fastest: a member is waiting
    return _save_frames(reel.frames, "WEBP", duration=reel.durations_ms, quality=quality, method=0)


def _encode_gif(reel: FrameSequence) -> bytes:
    """Encode with one palette, taken from four frames, so that colours don't flicker."""
    width, height = reel.frames[0].size
    picks = [reel.frames[round(i * (len(reel.frames) - 1) / 3)] for i in range(4)]
    strip = Image.new("RGB", (width * len(picks), height))
    for index, frame in enumerate(picks):
        strip.paste(frame, (index * width, 0))
    palette = strip.quantize(255, Image.Quantize.MEDIANCUT)
    dither = Image.Dither.FLOYDSTEINBERG
    frames = [frame.quantize(palette=palette, dither=dither) for frame in reel.frames]
    durations = [round(time, -1) for time in reel.durations_ms]  # GIF counts in 10 ms
    return _save_frames(frames, "GIF", duration=durations, optimize=False)


def _save_frames(frames: Sequence[Image.Image], fmt: str, **options: Any) -> bytes:
    """Encode a looping animation."""
    out = io.BytesIO()
    for frame in frames:
        frame.info = {}  # Pillow writes what it holds of the file it came from: profile, comment
    frames[0].save(out, fmt, save_all=True, append_images=frames[1:], loop=0, **options)
    return out.getvalue()
