"""Samples of a PNG file: depths from 1 to 16 bits, palettes, and transparent colours."""

from __future__ import annotations

import zlib
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
_CHANNELS: Final = {_GREY: 1, _RGB: 3, _PALETTE: 1, _GREY_ALPHA: 2, _RGB_ALPHA: 4}
_ONE_PASS: Final = ((0, 0, 1, 1),)
_ADAM7: Final = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
"""First column and row and the distances between them, for each pass (PNG, section 8.2)."""
_CHECKSUM_BYTES: Final = 4
_MAX_PALETTE: Final = 256


def has_known_depth(chunks: PngChunks) -> bool:
    """Return whether colour type and depth go together (PNG, table 11.1)."""
    return (chunks.colour, chunks.depth) in _MODES


def decode_samples(chunks: PngChunks, size: tuple[int, int], parts: Sequence[bytes]) -> Image.Image:
    """Decode compressed rows to L, LA, RGB or RGBA; raise `DamagedPicture` if rows are missing."""
    data = b"".join(parts)
    unpack = partial(_unpack_samples, chunks, size, data)
    image = unpack(*_MODES[chunks.colour, chunks.depth])
    if _is_row_empty(image) and not _has_all_rows(chunks, size, data):
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
        low = unpack(*_LOW_BYTES[chunks.colour]) if chunks.depth == 16 else None
        image.putalpha(_mask_colour(image, low, values, chunks.depth))
    return image


def _unpack_samples(
    chunks: PngChunks, size: tuple[int, int], data: bytes, mode: str, raw_mode: str
) -> Image.Image:
    try:
        return Image.frombytes(mode, size, data, "zip", raw_mode, chunks.interlaced)
    except ValueError:
        # the checksum behind the rows may be wrong, which browsers don't mind
        rest = data[:-_CHECKSUM_BYTES]
        return Image.frombytes(mode, size, rest, "zip", raw_mode, chunks.interlaced)


def _is_row_empty(image: Image.Image) -> bool:
    """Return whether one of the last two rows may not have been written: Pillow does not say."""
    width, height = image.size
    rows = (image.crop((0, y, width, y + 1)) for y in range(max(height - 2, 0), height))
    return any(row.getbbox(alpha_only=False) is None for row in rows)


def _has_all_rows(chunks: PngChunks, size: tuple[int, int], data: bytes) -> bool:
    expected = _count_bytes(chunks, size)
    try:
        return len(zlib.decompressobj().decompress(data, expected)) == expected
    except zlib.error:
        return False


def _count_bytes(chunks: PngChunks, size: tuple[int, int]) -> int:
    bits = chunks.depth * _CHANNELS[chunks.colour]
    total = 0
    for left, top, across, down in _ADAM7 if chunks.interlaced else _ONE_PASS:
        width = max(-(-(size[0] - left) // across), 0)
        height = max(-(-(size[1] - top) // down), 0)
        total += height * (1 + -(-width * bits // 8)) if width else 0
    return total


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
