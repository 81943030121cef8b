"""JPEG: the segments of a file, and the work that its scans declare."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from bot.images.reading.container import MAX_PARTS, TooMuchWork

SCAN: Final = 0xDA
_END: Final = 0xD9
_FILL: Final = 0xFF
_MARKER: Final = re.compile(rb"\xff[\x02-\xcf\xd9-\xff]")
"""A marker in or behind coded data, or fill bytes; others are stuffing, restarts and the start."""
_NO_FILL: Final = re.compile(rb"[^\xff]")
_SHOWN_FRAMES: Final = {0xC0, 0xC1, 0xC2}
"""Baseline, extended and progressive with Huffman codes (ITU-T T.81, table B.1): browsers show no
others, and an arithmetic decoder goes on for all pixels behind the end of its data."""
_OTHER_FRAMES: Final = {*range(0xC3, 0xD0)} - {0xC4, 0xC8, 0xCC}
_COUNTED: Final = {SCAN, *_SHOWN_FRAMES, *_OTHER_FRAMES}
_FRAME_HEADER, _SCAN_HEADER = 10, 5
"""Bytes of these segments before their components, marker and length included."""
_BLOCK_SIDE: Final = 8
_MAX_SCANS: Final = 99
"""Browsers built on Skia give up at the hundredth (its `SkJpegCodec`); encoders write about ten."""
_MAX_BLOCKS: Final = 2**24
"""Blocks that all scans together pass over, about 40 ns each: libjpeg's own progressive script has
3.7 million for 16 megapixels without subsampling."""


class Segment(NamedTuple):
    """A marker and where its segment begins (with 0xFF) and ends (before coded data)."""

    marker: int
    start: int
    end: int


def walk_segments(data: bytes) -> Iterator[Segment]:
    """Yield the segments between the start and end markers, as libjpeg finds them.

    Raises `TooMuchWork` for more than `MAX_PARTS`.
    """
    at = 2
    for _ in range(MAX_PARTS):
        found = _MARKER.search(data, at)
        if found is None:
            return
        at = found.end() - 1
        if data[at] == _FILL:
            behind = _NO_FILL.search(data, at)
            if behind is None:
                return
            at = behind.start()
            if not _MARKER.match(data, at - 1):
                continue
        if data[at] == _END:
            return
        end = at + 1 + max(int.from_bytes(data[at + 1 : at + 3]), 2)
        yield Segment(data[at], at - 1, end)
        at = end
    raise TooMuchWork(f"more than {MAX_PARTS} segments")


@dataclass(slots=True)
class DeclaredWork:
    """Blocks of 8 by 8 samples that all scans so far pass over, and the number of scans."""

    blocks: int = 0
    scans: int = 0
    _by_component: dict[int, int] = field(default_factory=dict)

    def add_segment(self, data: bytes, segment: Segment) -> None:
        """Count a segment; raise `TooMuchWork` for a coding that is not shown, or many scans."""
        if segment.marker not in _COUNTED:
            return
        if segment.marker in _OTHER_FRAMES:
            raise TooMuchWork("another coding than Huffman's")
        if segment.marker in _SHOWN_FRAMES:
            self._by_component = _count_blocks(data[segment.start : segment.end])
        elif segment.marker == SCAN:
            self.scans += 1
            if self.scans > _MAX_SCANS:
                raise TooMuchWork(f"more than {_MAX_SCANS} scans")
            header = data[segment.start : segment.end]
            count = header[_SCAN_HEADER - 1] if len(header) >= _SCAN_HEADER else 0
            identifiers = header[_SCAN_HEADER : _SCAN_HEADER + 2 * count : 2]
            self.blocks += sum(self._by_component.get(each, 0) for each in identifiers)

    def check_decoding(self, times: int) -> None:
        """Raise `TooMuchWork` if decoding `times` times passes over too many blocks."""
        if self.blocks * times > _MAX_BLOCKS:
            raise TooMuchWork(f"{self.blocks} blocks")


def _count_blocks(header: bytes) -> dict[int, int]:
    """Return each component's blocks by its identifier (ITU-T T.81, A.1.1 and B.2.2)."""
    if len(header) < _FRAME_HEADER:
        return {}
    height, width = (int.from_bytes(header[at : at + 2]) for at in (5, 7))
    parts = header[_FRAME_HEADER:]
    components = [
        (each, sides >> 4, sides & 15) for each, sides in zip(parts[::3], parts[1::3], strict=False)
    ]
    widest = max((across for _, across, _ in components), default=0) or 1
    tallest = max((down for _, _, down in components), default=0) or 1
    return {
        each: -(-width * across // (widest * _BLOCK_SIDE))
        * -(-height * down // (tallest * _BLOCK_SIDE))
        for each, across, down in components
    }
