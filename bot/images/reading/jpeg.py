"""JPEG: the segments that the pixels depend on, and files whose end is missing."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from PIL import Image, ImageChops

from bot.domain.geometry import Size
from bot.domain.order import OutputFormat
from bot.images.reading.colour import IccProfile
from bot.images.reading.container import DamagedPicture, Picture
from bot.images.reading.exif import UPRIGHT, read_orientation

_START: Final = b"\xff\xd8"
_END: Final = b"\xff\xd9"
_MARKER: Final = re.compile(rb"\xff[\x02-\xcf\xd9-\xfe]")
"""A marker in or behind coded data: the others there are stuffing, restarts and fill bytes."""
_JFIF, _EXIF, _ICC, _ADOBE = 0xE0, 0xE1, 0xE2, 0xEE
_APPLICATION: Final = range(0xE0, 0xF0)
_COMMENT: Final = 0xFE
_SCAN: Final = 0xDA
_WITHOUT_LENGTH: Final = {0x01, *range(0xD0, 0xD9)}
_EXIF_NAME: Final = b"Exif\0"
_ICC_NAME: Final = b"ICC_PROFILE\0"
_MAX_TABLES: Final = 1000
"""Segments other than metadata before the first scan; a picture has about ten."""
_MAX_SCANS: Final = 200
"""Scans of a file: each one passes over all pixels, and progressive encoders write about ten."""
_BLOCK_ROWS: Final = 8
_FILLER: Final = b"\x5a\xa5" * 64
"""Coded data that no picture ends with: decoded differently from the zeros behind an end marker."""


@dataclass(slots=True)
class _Segments:
    """The file without its metadata, and what counts of that."""

    plain: bytes = b""
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
        partial(_decode_jpeg, segments.plain),
        IccProfile(profile) if profile else None,
        segments.orientation or UPRIGHT,
    )


def _read_segments(data: bytes) -> _Segments:
    """Walk over the segments before the first scan, and leave out those with metadata."""
    found = _Segments()
    kept = [_START]
    at = 2
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 4 > len(data):
            raise DamagedPicture("no scan")
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == 0 or marker in _WITHOUT_LENGTH:
            at += 2
            continue
        if marker == _SCAN:
            break
        end = at + 2 + max(int.from_bytes(data[at + 2 : at + 4]), 2)
        if marker in _APPLICATION or marker == _COMMENT:
            _keep_metadata(found, marker, data[at + 4 : end])
        if marker in {_JFIF, _ADOBE} or not (marker in _APPLICATION or marker == _COMMENT):
            kept.append(data[at:end])
        _check_count(len(kept), _MAX_TABLES, "tables")
        at = end
    _check_count(_count_scans(data, at), _MAX_SCANS, "scans")
    kept.append(data[at:])
    found.plain = b"".join(kept)
    return found


def _count_scans(data: bytes, at: int) -> int:
    """Count the scans up to the end marker, or to one more than are allowed."""
    scans = 0
    while scans <= _MAX_SCANS and (marker := _MARKER.search(data, at)) and marker[0] != _END:
        scans += marker[0][1] == _SCAN
        at = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2])
    return scans


def _check_count(count: int, most: int, what: str) -> None:
    """Raise `DamagedPicture` for a file that would take minutes to decode."""
    if count > most:
        raise DamagedPicture(f"more than {most} {what}")


def _keep_metadata(found: _Segments, marker: int, body: bytes) -> None:
    if marker == _EXIF and body.startswith(_EXIF_NAME) and found.orientation is None:
        found.orientation = read_orientation(body[len(_EXIF_NAME) + 1 :])  # behind a pad byte
    elif marker == _ICC and body.startswith(_ICC_NAME) and len(body) > len(_ICC_NAME) + 2:
        number, count = body[len(_ICC_NAME) : len(_ICC_NAME) + 2]
        if found.profile_count in {None, count}:
            found.profile_count = count
            found.profile_parts.setdefault(number, body[len(_ICC_NAME) + 2 :])


def _open_plain(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=("JPEG",))


def _decode_jpeg(data: bytes, longest_side: int | None) -> Image.Image:
    """Decode the pixels, at a reduced size if that is asked for; they may be CMYK."""
    try:
        return _decode_plain(data, longest_side)
    except OSError:
        # perhaps only the end marker is missing: then what follows the data changes nothing
        body = data.rstrip(b"\xff")
        image = _decode_plain(body + _END, longest_side)
        other = _decode_plain(body + _FILLER + _END, longest_side)
        if ImageChops.difference(image, other).getbbox() is not None:
            raise
        return _hide_unended_rows(data, image)


def _decode_plain(data: bytes, longest_side: int | None) -> Image.Image:
    with _open_plain(data) as image:
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
