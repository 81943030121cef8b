"""ICC profiles: which of them count, and profiles built from primaries and a transfer curve."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.images.reading.primaries import D50, Primaries, compute_xyz_matrix

_HEADER_BYTES: Final = 128
_NEWEST_MAJOR_VERSION: Final = 4
"""Version 5 (iccMAX) is another format; browsers ignore such profiles."""
_TAG_BYTES: Final = 12
_MAX_TAGS: Final = 100
"""LittleCMS refuses profiles with more (its `MAX_TABLE_TAG`)."""
_ELEMENT_TAGS: Final = {b"D2B", b"B2D"}
_UNUSED_TAG: Final = b"zzzz"
_MODES: Final = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK"}


@dataclass(frozen=True, slots=True)
class Curve:
    """A transfer curve to linear light: (a * v + b) ** g from `d` on, c * v below (ICC type 3)."""

    g: float
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0


SRGB_CURVE: Final = Curve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def find_profile_mode(profile: bytes) -> str | None:
    """Return the mode of the pixels a profile is for (RGB, L or CMYK), or None if it is damaged."""
    if len(profile) < _HEADER_BYTES + 4 or profile[36:40] != b"acsp":
        return None
    (size,) = struct.unpack_from(">I", profile)
    if not _HEADER_BYTES < size <= len(profile) or profile[8] > _NEWEST_MAJOR_VERSION:
        return None
    return _MODES.get(profile[16:20])


def adapt_to_browsers(profile: bytes) -> bytes:
    """Return the profile as browsers read it, for LittleCMS.

    Browsers apply profiles of any class, LittleCMS those of displays. Browsers ignore multi-process
    elements (ICC.1:2022, section 10.16); LittleCMS applies any number of them to each colour.
    """
    adapted = bytearray(profile)
    adapted[12:16] = b"mntr"
    (count,) = struct.unpack_from(">I", profile, _HEADER_BYTES)
    for index in range(min(count, _MAX_TAGS)):
        at = _HEADER_BYTES + 4 + index * _TAG_BYTES
        if profile[at : at + 3] in _ELEMENT_TAGS:
            adapted[at : at + 4] = _UNUSED_TAG
    return bytes(adapted)


def build_profile(primaries: Primaries, curve: Curve) -> bytes | None:
    """Build an RGB profile; None if there are no colours between the primaries."""
    matrix = compute_xyz_matrix(primaries)
    if matrix is None:
        return None
    columns = zip(*matrix, strict=True)
    tags = [(b"wtpt", _pack_xyz(D50))]
    tags += [
        (b"%cXYZ" % name, _pack_xyz(column)) for name, column in zip(b"rgb", columns, strict=True)
    ]
    numbers = _pack_numbers((curve.g, curve.a, curve.b, curve.c, curve.d))
    transfer = b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + numbers
    tags += [(b"%cTRC" % name, transfer) for name in b"rgb"]
    return _pack_profile(tags)


def _pack_xyz(values: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + _pack_numbers(values)


def _pack_numbers(values: Sequence[float]) -> bytes:
    """Pack as s15Fixed16Number (ICC.1:2022, section 4.6)."""
    return b"".join(struct.pack(">i", min(round(value * 65536), 2**31 - 1)) for value in values)


def _pack_profile(tags: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Pack a version 4 display profile (ICC.1:2022, sections 7.2 and 7.3)."""
    start = _HEADER_BYTES + 4 + _TAG_BYTES * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags:
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data
    header = struct.pack(
        ">I4sI4s4s4s", start + len(body), b"", 0x04200000, b"mntr", b"RGB ", b"XYZ "
    )
    header += bytes(12) + b"acsp" + bytes(28) + _pack_numbers(D50)
    return header.ljust(_HEADER_BYTES, b"\0") + table + body
