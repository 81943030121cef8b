"""The chunks of a PNG file that its pixels depend on; damaged ones of the others are skipped."""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from bot.images.reading.container import MAX_PARTS, DamagedPicture, TooMuchWork

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEPT: Final = {
    *(b"PLTE", b"tRNS", b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"eXIf"),
    *(b"acTL", b"fcTL"),
}
_PALETTE: Final = 3
_OVERHEAD: Final = 12
"""Bytes of a chunk besides its content: length, name and checksum."""
_HEADER: Final = struct.Struct(">IIBBBBB")
_FRAME_CONTROL: Final = struct.Struct(">IIIIIHHBB")
_ANCILLARY_BIT: Final = 0x20
"""Set in the first letter of the chunks that a decoder may skip (PNG, section 5.4)."""


@dataclass(slots=True)
class PngFrame:
    """An animation's frame: its size, its corner on the picture, and its compressed data."""

    size: tuple[int, int]
    corner: tuple[int, int]
    parts: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class PngChunks:
    """IHDR's fields, the first intact chunk of each kind before the data, and the data.

    `hidden_frame` is the first frame of an animation that does not begin with the still picture.
    """

    size: tuple[int, int]
    depth: int
    colour: int
    interlaced: int
    by_name: dict[bytes, bytes] = field(default_factory=dict)
    parts: list[bytes] = field(default_factory=list)
    hidden_frame: PngFrame | None = None

    @property
    def frame_count(self) -> int:
        """Frames of an animation; 0 for a still picture."""
        control = self.by_name.get(b"acTL", b"")
        return int.from_bytes(control[:4]) if len(control) == 8 else 0


@dataclass(frozen=True, slots=True)
class _Chunk:
    name: bytes
    data: bytes
    is_intact: bool


def read_chunks(data: bytes) -> PngChunks:
    """Read the chunks up to the end of what is shown first; raise `DamagedPicture`."""
    chunks = _iterate_chunks(data)
    found = _read_header(next(chunks))
    following = _read_data(found, itertools.chain(_read_declarations(found, chunks), chunks))
    if found.frame_count and b"fcTL" not in found.by_name and following is not None:
        found.hidden_frame = _read_frame(itertools.chain([following], chunks))
    return found


def _iterate_chunks(data: bytes) -> Iterator[_Chunk]:
    """Yield every chunk; the last one may have been cut off, and counts as not intact.

    Raises `TooMuchWork` at more than `MAX_PARTS`.
    """
    at = len(SIGNATURE)
    for _ in range(MAX_PARTS):
        if at + 8 > len(data):
            break
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        check = data[at + 8 + length : at + _OVERHEAD + length]
        yield _Chunk(name, body, zlib.crc32(body, zlib.crc32(name)).to_bytes(4) == check)
        at += _OVERHEAD + length
    else:
        raise TooMuchWork(f"more than {MAX_PARTS} chunks")
    yield _Chunk(b"IEND", b"", is_intact=False)


def _read_header(chunk: _Chunk) -> PngChunks:
    if chunk.name != b"IHDR" or not chunk.is_intact or len(chunk.data) != _HEADER.size:
        raise DamagedPicture("no header")
    width, height, depth, colour, compression, filtering, interlaced = _HEADER.unpack(chunk.data)
    if compression or filtering or interlaced > 1 or not width or not height:
        raise DamagedPicture("unknown method, or no pixels")
    return PngChunks((width, height), depth, colour, interlaced)


def _read_declarations(found: PngChunks, chunks: Iterator[_Chunk]) -> list[_Chunk]:
    """Keep what stands before the data, and return the first chunk of it, if there is one."""
    for chunk in chunks:
        if chunk.name in {b"IDAT", b"IEND"}:
            return [chunk]
        is_kept = chunk.name in _KEPT
        if not chunk.name[0] & _ANCILLARY_BIT and not (is_kept and chunk.is_intact):
            raise DamagedPicture(f"unreadable {chunk.name!r}")
        if is_kept and chunk.is_intact and not _is_misplaced(found, chunk.name):
            found.by_name.setdefault(chunk.name, chunk.data)
    return []


def _is_misplaced(found: PngChunks, name: bytes) -> bool:
    """Return whether a chunk stands on the wrong side of the palette."""
    if name == b"tRNS":
        return found.colour == _PALETTE and b"PLTE" not in found.by_name
    return name == b"cICP" and b"PLTE" in found.by_name


def _read_data(found: PngChunks, chunks: Iterator[_Chunk]) -> _Chunk | None:
    """Keep the data, and return the chunk behind it; None if the data has an error."""
    for chunk in chunks:
        if chunk.name != b"IDAT":
            return chunk
        found.parts.append(chunk.data)
        if not chunk.is_intact:
            # it may be the checksum alone, or bytes behind the last row
            return None
    return None


def _read_frame(chunks: Iterator[_Chunk]) -> PngFrame | None:
    frame: PngFrame | None = None
    for chunk in chunks:
        if chunk.name == b"fdAT" and frame:
            frame.parts.append(chunk.data[4:])  # behind the sequence number
        elif chunk.name == b"fcTL" and not frame and len(chunk.data) == _FRAME_CONTROL.size:
            _, width, height, left, top, *_ = _FRAME_CONTROL.unpack(chunk.data)
            frame = PngFrame((width, height), (left, top))
        elif chunk.name in {b"fcTL", b"IEND"}:
            break
    return frame
