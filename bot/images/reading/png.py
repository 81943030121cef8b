"""PNG: what the file declares about its colours, and which of its pictures is shown first."""

from __future__ import annotations

import struct
import zlib
from functools import partial
from typing import Final

from PIL import Image

from bot.domain.geometry import Size
from bot.domain.order import OutputFormat
from bot.images.reading.colour import CodePoints, ColourSpace, Gamma, IccProfile
from bot.images.reading.container import DamagedPicture, Picture
from bot.images.reading.exif import read_orientation
from bot.images.reading.icc import find_profile_mode
from bot.images.reading.png_chunks import PngChunks, read_chunks
from bot.images.reading.png_samples import decode_samples, has_known_depth
from bot.images.reading.primaries import Primaries, compute_xyz_matrix

_MAX_PROFILE_BYTES: Final = 8 * 2**20
_UNIT: Final = 100_000
"""The unit of gAMA and cHRM: 1/100,000."""


def open_png(data: bytes) -> Picture:
    """Read the chunks of a PNG file; raise `DamagedPicture` if the pixels can't be decoded."""
    chunks = read_chunks(data)
    if not has_known_depth(chunks):
        raise DamagedPicture(f"colour type {chunks.colour} of {chunks.depth} bits")
    return Picture(
        OutputFormat.PNG,
        Size(*chunks.size),
        partial(_decode_first_frame, chunks),
        _find_colour_space(chunks),
        read_orientation(chunks.by_name.get(b"eXIf", b"")),
        chunks.frame_count > 1,
    )


def _find_colour_space(chunks: PngChunks) -> ColourSpace | None:
    """Choose by precedence (PNG, section 4.3); what can't be used makes way for the next."""
    by_name = chunks.by_name
    code_points = by_name.get(b"cICP", b"")
    if len(code_points) == 4 and code_points[2:] == b"\0\1":  # RGB of full range
        points = CodePoints(*code_points[:2])
        if points.is_known:
            return points
    profile = _read_profile(by_name.get(b"iCCP", b""))
    if find_profile_mode(profile):
        return IccProfile(profile)
    if len(intent := by_name.get(b"sRGB", b"")) == 1 and intent[0] < 4:
        return None
    return _read_gamma(by_name.get(b"gAMA", b""), by_name.get(b"cHRM"))


def _read_profile(chunk: bytes) -> bytes:
    name, _, rest = chunk.partition(b"\0")
    if not 1 <= len(name) <= 79 or rest[:1] != b"\0":  # the one method: deflate
        return b""
    unpacking = zlib.decompressobj()
    try:
        profile = unpacking.decompress(rest[1:], _MAX_PROFILE_BYTES)
    except zlib.error:
        return b""
    return profile if unpacking.eof else b""


def _read_gamma(gamma: bytes, chromaticities: bytes | None) -> Gamma | None:
    if len(gamma) != 4 or not (value := int.from_bytes(gamma)):
        return None
    if chromaticities is None or len(chromaticities) != 32:
        return Gamma(value / _UNIT, None)
    parts = [number / _UNIT for number in struct.unpack(">8I", chromaticities)]
    white, red, green, blue = zip(parts[::2], parts[1::2], strict=True)
    primaries = Primaries(white, red, green, blue)
    return Gamma(value / _UNIT, primaries) if compute_xyz_matrix(primaries) else None


def _decode_first_frame(chunks: PngChunks, _: int | None) -> Image.Image:
    frame = chunks.hidden_frame
    if frame is None:
        return decode_samples(chunks, chunks.size, chunks.parts)
    left, top = frame.corner
    right, bottom = left + frame.size[0], top + frame.size[1]
    if right > chunks.size[0] or bottom > chunks.size[1] or not all(frame.size):
        raise DamagedPicture("a frame beyond the picture")
    image = decode_samples(chunks, frame.size, frame.parts)
    if frame.size == chunks.size:
        return image
    canvas = Image.new("RGBA", chunks.size)
    canvas.paste(image.convert("RGBA"), frame.corner)
    return canvas
