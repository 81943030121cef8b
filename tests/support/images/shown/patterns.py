"""Samples with a gradient in every channel, and PNG files of any depth around them."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.support.images.raw_png import ADAM7, SAMPLES, SIGNATURE, build_chunk, build_header

WIDTH, HEIGHT = 80, 64
Samples = NDArray[np.int64]
DEPTHS = (
    *((0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16)),
    *((3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (4, 16), (6, 8), (6, 16)),
)
PALETTE = bytes(value for index in range(256) for value in (index, index * 37 % 256, 255 - index))


def build_samples(colour: int, depth: int) -> Samples:
    """Return height x width x channels of whole numbers of `depth` bits."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    red, green, blue = x / (WIDTH - 1), y / (HEIGHT - 1), ((x // 10 + y // 8) % 5) / 4
    grey = red * 0.7 + green * 0.3
    alpha = np.clip((x + y) / (WIDTH + HEIGHT - 2) * 1.3, 0, 1)
    by_channels = {
        1: [grey],
        2: [grey, alpha],
        3: [red, green, blue],
        4: [red, green, blue, alpha],
    }
    shares = np.stack(by_channels[SAMPLES[colour]], -1)
    samples: Samples = np.rint(shares * ((1 << depth) - 1)).astype(np.int64)
    return samples


def pack_rows(samples: Samples, depth: int, *, interlaced: bool = False) -> bytes:
    """Return unfiltered rows, each with its filter byte, in one pass or in Adam7's seven."""
    out = bytearray()
    for left, top, across, down in ADAM7 if interlaced else ((0, 0, 1, 1),):
        part = samples[top::down, left::across]
        if not part.size:
            continue
        flat = part.reshape(part.shape[0], -1)
        bits = (flat[..., None] >> np.arange(depth - 1, -1, -1)) & 1
        rows = np.packbits(bits.reshape(part.shape[0], -1).astype(np.uint8), axis=1)
        out += b"".join(b"\0" + row.tobytes() for row in rows)
    return bytes(out)


def pack_png(
    samples: Samples,
    depth: int,
    colour: int,
    *,
    before: Sequence[bytes] = (),
    behind_palette: Sequence[bytes] = (),
    after: Sequence[bytes] = (),
    interlaced: bool = False,
    palette: bytes | None = None,
) -> bytes:
    """Return a whole file, with chunks before the palette, behind it, and behind the data."""
    height, width = samples.shape[:2]
    table = [build_chunk(b"PLTE", palette or PALETTE[: 3 << depth])] if colour == 3 else []
    data = build_chunk(b"IDAT", zlib.compress(pack_rows(samples, depth, interlaced=interlaced)))
    header = build_header(width, height, depth, colour, int(interlaced))
    parts = [header, *before, *table, *behind_palette, data, *after, build_chunk(b"IEND")]
    return SIGNATURE + b"".join(parts)


def pack_pattern(colour: int, depth: int, *chunks: bytes, interlaced: bool = False) -> bytes:
    """Return a PNG file of the pattern with chunks before its palette."""
    samples = build_samples(colour, depth)
    return pack_png(samples, depth, colour, before=chunks, interlaced=interlaced)


def draw_pattern(mode: str = "RGB") -> Image.Image:
    """Return the pattern as a picture: RGB, RGBA, L or CMYK."""
    if mode in {"RGBA", "CMYK"}:
        return Image.fromarray(build_samples(6, 8).astype(np.uint8), mode)
    return Image.fromarray(build_samples(2, 8).astype(np.uint8)).convert(mode)


def save_picture(image: Image.Image, fmt: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, fmt, **options)
    return out.getvalue()
