"""The orientation tag of Exif metadata; nothing else of it is read."""

from __future__ import annotations

import struct
from typing import Final

UPRIGHT: Final = 1
_ORIENTATION_TAG: Final = 0x0112
_SHORT: Final = 3
_BYTE_ORDERS: Final = {b"II*\0": "<", b"MM\0*": ">"}
_ENTRY_BYTES: Final = 12


def read_orientation(tiff: bytes) -> int:
    """Return the orientation (1..8) of Exif data without its "Exif" prefix; 1 if it is damaged.

    As browsers do, only one SHORT in the first directory counts (Exif 2.32, section 4.6.4), and
    what is wrong elsewhere does not matter.
    """
    order = _BYTE_ORDERS.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return UPRIGHT
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    if start + 2 > len(tiff):
        return UPRIGHT
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for index in range(count):
        at = start + 2 + index * _ENTRY_BYTES
        if at + _ENTRY_BYTES > len(tiff):
            break
        tag, kind, values, value = struct.unpack_from(order + "HHIH", tiff, at)
        if tag == _ORIENTATION_TAG:
            is_valid = kind == _SHORT and values == 1 and 1 <= value <= 8
            return int(value) if is_valid else UPRIGHT
    return UPRIGHT
