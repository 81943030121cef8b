"""JPEG: the segments that the pixels depend on, and files whose end is missing."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from PIL import Image, ImageChops
from PIL.JpegImagePlugin import JpegImageFile

from bot.domain.geometry import Size
from bot.domain.order import OutputFormat
from bot.images.reading.colour import IccProfile
from bot.images.reading.container import DamagedPicture, Picture, TooMuchWork
from bot.images.reading.exif import UPRIGHT, read_orientation
from bot.images.reading.jpeg_scans import DeclaredWork, walk_segments

_START: Final = b"\xff\xd8"
_END: Final = b"\xff\xd9"
_JFIF, _EXIF, _ICC, _ADOBE = 0xE0, 0xE1, 0xE2, 0xEE
_APPLICATION: Final = range(0xE0, 0xF0)
_COMMENT: Final = 0xFE
_EXIF_NAME: Final = b"Exif\0"
_ICC_NAME: Final = b"ICC_PROFILE\0"
_MAX_TABLES: Final = 1000
"""Segments other than metadata before the first scan; a picture has about ten."""
_BLOCK_ROWS: Final = 8
_FILLER: Final = b"\x5a\xa5" * 64
"""Coded data that no picture ends with: decoded differently from the zeros behind an end marker."""


@dataclass(slots=True)
class _Segments:
    """The file without its metadata, and what counts of that."""

    plain: bytes = b""
    work: DeclaredWork = field(default_factory=DeclaredWork)
    orientation: int | None = None
    profile_parts: dict[int, bytes] = field(default_factory=dict)
    profile_count: int | None = None

    @property
    def profile(self) -> bytes | None:
        """The profile, if all of its parts are there (ICC.1:2022, annex B.4)."""
        count = self.profile_count or 0
        if not count or set(self.profile_parts) != set(range(1, count + 1)):
            return None
        return b"".join(self.profile_parts[number] for number in range(1, count + 1))


def open_jpeg(data: bytes) -> Picture:
    """Read a JPEG file's header; raise `OSError` or `DamagedPicture` if it is unreadable."""
    segments = _read_segments(data)
    with _open_plain(segments.plain) as image:
        size = Size(*image.size)
    profile = segments.profile
    return Picture(
        OutputFormat.JPG,
        size,
        partial(_decode_jpeg, segments.plain, segments.work),
        IccProfile(profile) if profile else None,
        segments.orientation or UPRIGHT,
    )


def _read_segments(data: bytes) -> _Segments:
    """Walk over the segments, and leave out those with metadata before the first scan."""
    found = _Segments()
    kept = [_START]
    for segment in walk_segments(data):
        found.work.add_segment(data, segment)
        if found.work.scans:
            found.plain = found.plain or b"".join((*kept, data[segment.start :]))
            continue
        body = data[segment.start : segment.end]
        is_metadata = segment.marker in _APPLICATION or segment.marker == _COMMENT
        if is_metadata:
            _keep_metadata(found, segment.marker, body[4:])
        if segment.marker in {_JFIF, _ADOBE} or not is_metadata:
            kept.append(body)
        if len(kept) > _MAX_TABLES:
            raise TooMuchWork(f"more than {_MAX_TABLES} tables")
    if not found.work.scans:
        raise DamagedPicture("no scan")
    return found


def _keep_metadata(found: _Segments, marker: int, body: bytes) -> None:
    if marker == _EXIF and body.startswith(_EXIF_NAME) and found.orientation is None:
        found.orientation = read_orientation(body[len(_EXIF_NAME) + 1 :])  # behind a pad byte
    elif marker == _ICC and body.startswith(_ICC_NAME) and len(body) > len(_ICC_NAME) + 2:
        number, count = body[len(_ICC_NAME) : len(_ICC_NAME) + 2]
        if found.profile_count in {None, count}:
            found.profile_count = count
            found.profile_parts.setdefault(number, body[len(_ICC_NAME) + 2 :])


def _open_plain(data: bytes) -> JpegImageFile:
    return JpegImageFile(io.BytesIO(data))


def _decode_jpeg(data: bytes, work: DeclaredWork, longest_side: int | None) -> Image.Image:
    """Decode the pixels, at a reduced size if that is asked for; they may be CMYK."""
    work.check_decoding(1)
    try:
        return _decode_plain(data, longest_side)
    except OSError:
        work.check_decoding(3)
        # perhaps only the end marker is missing: then what follows the data changes nothing
        body = data.rstrip(b"\xff")
        image = _decode_plain(body + _END, longest_side)
        other = _decode_plain(body + _FILLER + _END, longest_side)
        if ImageChops.difference(image, other).getbbox() is not None:
            raise
        return _hide_unended_rows(data, image)


def _decode_plain(data: bytes, longest_side: int | None) -> Image.Image:
    with _open_plain(data) as image:
        # in one block: what libjpeg can't use yet, such as fill bytes, is copied with every block
        image.decodermaxblock = max(len(data), 1)
        if longest_side is not None:
            image.draft(None, (longest_side, longest_side))
        image.load()
        return image


def _hide_unended_rows(data: bytes, image: Image.Image) -> Image.Image:
    """Make the rows transparent that a browser doesn't show, as it waits for the end marker.

    They are the last row of blocks, and two more where its colours are needed to smooth theirs.
    """
    with _open_plain(data) as header:
        is_progressive = bool(header.info.get("progressive"))
        tall = [layer[2] for layer in getattr(header, "layer", [])]
        height = header.height
    if is_progressive or image.mode == "CMYK":
        return image
    block = _BLOCK_ROWS * max(tall)
    hidden = height - (-(-height // block) - 1) * block + (2 if min(tall) < max(tall) else 0)
    rows = -(-hidden * image.height // height)
    opaque = Image.new("L", image.size, 255)
    opaque.paste(0, (0, max(image.height - rows, 0), image.width, image.height))
    image.putalpha(opaque)
    return image
