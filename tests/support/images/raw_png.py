"""PNG files built chunk by chunk, including ones that no encoder writes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7 = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)


def build_chunk(kind: bytes, data: bytes = b"", *, crc: int | None = None) -> bytes:
    check = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def build_header(
    width: int, height: int, depth: int = 8, colour: int = 2, interlace: int = 0
) -> bytes:
    return build_chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    )


def build_rows(
    width: int, height: int, depth: int, colour: int, *, interlaced: bool = False
) -> bytes:
    """Return unfiltered scan lines of a pattern, in one pass or in Adam7's seven."""
    bits = depth * SAMPLES[colour]
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    out = bytearray()
    for left, top, across, down in passes:
        wide = max(0, -(-(width - left) // across))
        high = max(0, -(-(height - top) // down))
        length = -(-wide * bits // 8)
        for y in range(high if wide else 0):
            # half of a byte's values, which also fits a palette of 128
            out += b"\0" + bytes((x * 3 + y * 5) % 128 for x in range(length))
    return bytes(out)


def build_png(
    size: tuple[int, int] = (96, 80),
    depth: int = 8,
    colour: int = 2,
    *,
    interlaced: bool = False,
    before: Sequence[bytes] = (),
    after: Sequence[bytes] = (),
) -> bytes:
    """Return a whole file; `before` and `after` are chunks around the image data."""
    data = zlib.compress(build_rows(*size, depth, colour, interlaced=interlaced), 1)
    palette = [build_chunk(b"PLTE", bytes(range(256)) * 3)] if colour == 3 else []
    if colour == 3:
        palette = [build_chunk(b"PLTE", (bytes(range(256)) * 3)[: 3 * 2**depth])]
    parts = [build_header(*size, depth, colour, int(interlaced)), *palette, *before]
    parts += [build_chunk(b"IDAT", data), *after, build_chunk(b"IEND")]
    return SIGNATURE + b"".join(parts)
