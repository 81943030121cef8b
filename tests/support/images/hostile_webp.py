"""WebP pictures without loss that declare as much work as their format allows.

Names are those of the specification (RFC 9649, section 3).
"""

from __future__ import annotations

from typing import Final

_LENGTH_ORDER: Final = (17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
_PREDICTOR, _COLOUR, _SUBTRACT_GREEN = range(3)
_SELECT: Final = 11
"""The predictor that takes the longest: it compares two sums for each pixel."""
_CACHE_BITS: Final = 11
_LONGEST_COPY: Final = 4096
_TILE_BITS: Final = 4
"""Tiles of 16 by 16 pixels: 65,536 in a picture of 4096 by 4096."""


class BitWriter:
    """Bits in the order of the format: the lowest of a number first."""

    def __init__(self) -> None:
        self._bits: list[str] = []

    def write(self, number: int, count: int) -> None:
        self._bits.append(f"{number:0{count}b}"[::-1])

    def write_code(self, code: int, length: int) -> None:
        """Write a prefix code, whose highest bit is first."""
        self._bits.append(f"{code:0{length}b}")

    def get_bytes(self) -> bytes:
        bits = "".join(self._bits)
        bits += "0" * (-len(bits) % 8)
        return int(bits[::-1], 2).to_bytes(len(bits) // 8, "little")


def build_vp8l(size: tuple[int, int], groups: int) -> bytes:
    """Return the body of a VP8L chunk with all transforms and so many groups of prefix codes.

    Each group has the largest codes, and each tile the next group; a picture of 4096 by 4096 has
    tiles for 65,536 of them, the most there can be. All but the first pixel are copies.
    """
    bits = BitWriter()
    bits.write(0x2F, 8)
    for side in size:
        bits.write(side - 1, 14)
    bits.write(0, 4)  # no alpha, version 0
    for transform in (_PREDICTOR, _COLOUR):
        bits.write(1 | transform << 1, 3)
        bits.write(0, 3)  # in blocks of 4 by 4 pixels
        _write_flat_image(bits, _SELECT if transform == _PREDICTOR else 1)
    bits.write(1 | _SUBTRACT_GREEN << 1, 3)
    bits.write(0, 1)  # no more transforms
    bits.write(1 | _CACHE_BITS << 1, 5)
    _write_group_image(bits, size, groups)
    for _ in range(groups):
        for length in (_CACHE_BITS, 8, 8, 8, 5):
            _write_even_code(bits, length)
    _write_copies(bits, size[0] * size[1])
    return bits.get_bytes()


def _write_symbol(bits: BitWriter, symbol: int) -> None:
    """Write a prefix code of a single symbol, which takes no bits then."""
    bits.write(0b101, 3)  # simple, of one symbol with 8 bits
    bits.write(symbol, 8)


def _write_even_code(bits: BitWriter, length: int) -> None:
    """Write a prefix code in which the first `2**length` symbols have `length` bits each."""
    place = _LENGTH_ORDER.index(length)
    bits.write(0, 1)
    bits.write(place + 1 - 4, 4)
    for _ in range(place):
        bits.write(0, 3)
    bits.write(1, 3)  # the only length, so that it takes no bits itself
    bits.write(1 | 5 << 1, 4)  # the number of symbols follows, in 12 bits
    bits.write(2**length - 2, 12)


def _write_flat_image(bits: BitWriter, green: int) -> None:
    """Write an image of one colour, whose pixels take no bits."""
    bits.write(0, 1)  # no colour cache
    for symbol in (green, 0, 0, 0, 0):
        _write_symbol(bits, symbol)


def _write_group_image(bits: BitWriter, size: tuple[int, int], groups: int) -> None:
    """Write which group each tile has: its number is the tile's red and green."""
    bits.write(1 | (_TILE_BITS - 2) << 1, 4)
    bits.write(0, 1)  # no colour cache
    for length in (8, 8):
        _write_even_code(bits, length)
    for symbol in (0, 0, 0):
        _write_symbol(bits, symbol)
    tiles = (size[0] >> _TILE_BITS) * (size[1] >> _TILE_BITS)
    for tile in range(tiles):
        bits.write_code(tile % groups & 0xFF, 8)
        bits.write_code(tile % groups >> 8, 8)


def _write_copies(bits: BitWriter, pixels: int) -> None:
    """Write a pixel, and copies of the pixel before for the rest."""
    bits.write_code(128, _CACHE_BITS)
    for _ in range(3):
        bits.write_code(128, 8)
    left = pixels - 1
    while left:
        length = min(left, _LONGEST_COPY)
        prefix, extra, count = _split_number(length)
        bits.write_code(256 + prefix, _CACHE_BITS)
        bits.write(extra, count)
        bits.write_code(1, 5)  # the second nearest place: the pixel on the left
        left -= length


def _split_number(number: int) -> tuple[int, int, int]:
    """Return the prefix, the extra bits and their count of a length."""
    if number <= 4:
        return number - 1, 0, 0
    before = number - 1
    high = before.bit_length() - 1
    count = high - 1
    return 2 * high + (before >> count & 1), before & (1 << count) - 1, count
