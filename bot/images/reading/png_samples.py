"""Samples of a PNG file: depths from 1 to 16 bits, palettes, and transparent colours."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import Final

from PIL import Image, ImageChops

from bot.images.reading.container import DamagedPicture
from bot.images.reading.png_chunks import PngChunks

_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGB_ALPHA = 0, 2, 3, 4, 6
_MODES: Final = {
    (_GREY, 1): ("1", "1"),
    (_GREY, 2): ("L", "L;2"),
    (_GREY, 4): ("L", "L;4"),
    (_GREY, 8): ("L", "L"),
    (_GREY, 16): ("L", "L;16B"),
    (_RGB, 8): ("RGB", "RGB"),
    (_RGB, 16): ("RGB", "RGB;16B"),
    (_PALETTE, 1): ("1", "1"),
    (_PALETTE, 2): ("L", "L;2"),
    (_PALETTE, 4): ("L", "L;4"),
    (_PALETTE, 8): ("L", "L"),
    (_GREY_ALPHA, 8): ("LA", "LA"),
    (_GREY_ALPHA, 16): ("RGBA", "LA;16B"),
    (_RGB_ALPHA, 8): ("RGBA", "RGBA"),
    (_RGB_ALPHA, 16): ("RGBA", "RGBA;16B"),
}
"""Pillow's mode and raw mode by colour type and depth: of 16 bits the upper 8, as browsers do, and
a palette's index as a grey level."""
_LOW_BYTES: Final = {_GREY: ("L", "L;16"), _RGB: ("RGB", "RGB;16L")}
"""Raw modes of the other byte order: they read the lower half of big-endian samples."""
_LAST_ROWS: Final = 2
"""The last two passes of an interlaced picture write one of these rows each (PNG, section 8.2)."""
_CHECKSUM_BYTES: Final = 4
_MAX_PALETTE: Final = 256


def has_known_depth(chunks: PngChunks) -> bool:
    """Return whether colour type and depth go together (PNG, table 11.1)."""
    return (chunks.colour, chunks.depth) in _MODES


def decode_samples(chunks: PngChunks, size: tuple[int, int], parts: Sequence[bytes]) -> Image.Image:
    """Decode compressed rows to L, LA, RGB or RGBA; raise `DamagedPicture` if rows are missing."""
    data = b"".join(parts)
    mode, raw_mode = _MODES[chunks.colour, chunks.depth]
    unpack = partial(_unpack_samples, size, chunks.interlaced)
    unwritten = _draw_noise(mode, size)
    try:
        image = unpack(data, mode, raw_mode, unwritten)
    except ValueError:
        # the checksum behind the rows may be wrong, which browsers don't mind
        data = data[:-_CHECKSUM_BYTES]
        image = unpack(data, mode, raw_mode, unwritten)
    if _has_common_row(image, unwritten):
        raise DamagedPicture("rows are missing")
    if image.mode == "1":
        image = image.convert("L")
    key = chunks.by_name.get(b"tRNS", b"")
    if chunks.colour == _PALETTE:
        return _apply_palette(image, chunks.depth, chunks.by_name.get(b"PLTE", b""), key)
    if (chunks.colour, chunks.depth) == (_GREY_ALPHA, 16):
        return Image.merge("LA", (image.getchannel("R"), image.getchannel("A")))
    values = [int.from_bytes(key[at : at + 2]) for at in range(0, len(key) - 1, 2)]
    if chunks.colour in _LOW_BYTES and len(values) >= len(image.getbands()):
        low = unpack(data, *_LOW_BYTES[chunks.colour]) if chunks.depth == 16 else None
        image.putalpha(_mask_colour(image, low, values, chunks.depth))
    return image


def _unpack_samples(
    size: tuple[int, int],
    interlaced: int,
    data: bytes,
    mode: str,
    raw_mode: str,
    unwritten: Image.Image | None = None,
) -> Image.Image:
    """Decode rows into an image whose last rows are `unwritten` before, if that is given."""
    image = Image.new(mode, size)
    if unwritten is not None:
        image.paste(unwritten, (0, size[1] - unwritten.height))
    image.frombytes(data, "zip", raw_mode, interlaced)
    return image


def _draw_noise(mode: str, size: tuple[int, int]) -> Image.Image:
    """Return random rows: those still there after decoding were not written, as Pillow hides."""
    width, height = size[0], min(size[1], _LAST_ROWS)
    return Image.frombytes(mode, (width, height), os.urandom(height * width * len(mode)))


def _has_common_row(image: Image.Image, unwritten: Image.Image) -> bool:
    offset = image.height - unwritten.height
    for y in range(unwritten.height):
        row = image.crop((0, offset + y, image.width, offset + y + 1))
        if row.tobytes() == unwritten.crop((0, y, image.width, y + 1)).tobytes():
            return True
    return False


def _apply_palette(image: Image.Image, depth: int, palette: bytes, alphas: bytes) -> Image.Image:
    """Look up indices, which are spread over 0..255; beyond the palette its last colour counts."""
    count = min(len(palette) // 3, 2**depth)
    if not count:
        raise DamagedPicture("no palette")
    if len(alphas) > _MAX_PALETTE:
        alphas = b""
    channels = [palette[channel : 3 * count : 3] for channel in range(3)]
    if alphas:
        channels.append(alphas[:count].ljust(count, b"\xff"))
    step = 255 // (2**depth - 1)
    positions = [min(level // step, count - 1) for level in range(256)]
    bands = [image.point([channel[at] for at in positions]) for channel in channels]
    return Image.merge("RGBA" if alphas else "RGB", bands)


def _mask_colour(
    image: Image.Image, low: Image.Image | None, key: Sequence[int], depth: int
) -> Image.Image:
    """Return 0 where every sample equals the key, compared at full depth, and 255 elsewhere."""
    if depth == 16:
        levels = [value >> 8 for value in key]
    elif depth == 8:
        levels = [value & 0xFF for value in key]
    else:
        levels = [value * (255 // (2**depth - 1)) for value in key]
    pairs = list(zip(image.split(), levels, strict=False))
    if low is not None:
        pairs += zip(low.split(), (value & 0xFF for value in key), strict=False)
    differs = Image.new("L", image.size)
    for band, wanted in pairs:
        table = [0 if level == wanted else 255 for level in range(256)]
        differs = ImageChops.lighter(differs, band.point(table))
    return differs
