"""GIF: the first frame on its screen, which grows where the frame needs more."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from PIL import Image

from bot.domain.geometry import Size
from bot.domain.order import OutputFormat
from bot.images.reading.container import MAX_PARTS, DamagedPicture, Picture, TooMuchWork

_HEADER: Final = struct.Struct("<6sHHBBB")
_DESCRIPTOR: Final = struct.Struct("<HHHHB")
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_GRAPHIC_CONTROL: Final = 0xF9
_HAS_TABLE: Final = 0x80
_INTERLACED: Final = 0x40
_BLACK: Final = bytes(3 * 256)
"""What browsers show for indices beyond the colour table."""

_MAX_BLOCKS: Final = 2**18
"""Sub-blocks in one chain: encoders fill their 255 bytes (GIF89a, section 15), and 25 MiB have
103,000 of these. Skipping this many takes 25 ms."""


@dataclass(frozen=True, slots=True)
class _GifFrame:
    box: tuple[int, int, int, int]
    palette: bytes
    transparent: int | None
    is_interlaced: bool
    bits: int
    data: bytes


def open_gif(data: bytes) -> Picture:
    """Read a GIF file up to its second frame; raise `DamagedPicture` or `TooMuchWork`."""
    if len(data) < _HEADER.size:
        raise DamagedPicture("no header")
    _, width, height, flags, _, _ = _HEADER.unpack_from(data)
    palette, start = _read_table(data, _HEADER.size, flags)
    frames = _iterate_frames(data, start, palette)
    first = next(frames, None)
    if first is None:
        raise DamagedPicture("no frame")
    size = Size(max(width, first.box[2]), max(height, first.box[3]))
    decode = partial(_decode_frame, first, (size.width, size.height))
    return Picture(OutputFormat.PNG, size, decode, is_moving=next(frames, None) is not None)


def _read_table(data: bytes, at: int, flags: int) -> tuple[bytes, int]:
    """Return the colour table at a place, empty if there is none, and where it ends."""
    end = at + (3 << (flags & 7) + 1 if flags & _HAS_TABLE else 0)
    return data[at:end], end


def _iterate_frames(data: bytes, at: int, shared: bytes) -> Iterator[_GifFrame]:
    transparent = None
    for _ in range(MAX_PARTS + 1):
        if at >= len(data):
            return
        if data[at] == _EXTENSION:
            if data[at + 1 : at + 3] == bytes((_GRAPHIC_CONTROL, 4)):
                control = data[at + 3 : at + 7]
                transparent = control[3] if len(control) == 4 and control[0] & 1 else None
            at = _skip_blocks(data, at + 2)
        elif data[at] == _IMAGE and at + 1 + _DESCRIPTOR.size < len(data):
            left, top, width, height, flags = _DESCRIPTOR.unpack_from(data, at + 1)
            palette, at = _read_table(data, at + 1 + _DESCRIPTOR.size, flags)
            end = _skip_blocks(data, at + 1)
            yield _GifFrame(
                (left, top, left + width, top + height),
                palette or shared,
                transparent,
                bool(flags & _INTERLACED),
                data[at] if at < len(data) else 0,
                data[at + 1 : end],
            )
            transparent, at = None, end
        else:
            return
    raise TooMuchWork(f"more than {MAX_PARTS} extensions")


def _skip_blocks(data: bytes, at: int) -> int:
    """Return where a chain of sub-blocks ends, or the end of the file."""
    for _ in range(_MAX_BLOCKS + 1):
        if at >= len(data) or not data[at]:
            return min(at + 1, len(data))
        at += 1 + data[at]
    raise TooMuchWork(f"more than {_MAX_BLOCKS} blocks")


def _decode_frame(frame: _GifFrame, size: tuple[int, int], _: int | None) -> Image.Image:
    left, top, right, bottom = frame.box
    shape = (right - left, bottom - top)
    if not all(shape):
        raise DamagedPicture("an empty frame")
    indices = Image.frombytes(
        "L", shape, frame.data, "gif", frame.bits, int(frame.is_interlaced), -1
    )
    colours = (frame.palette + _BLACK)[: 3 * 256]
    bands = [indices.point(list(colours[channel::3])) for channel in range(3)]
    image = Image.merge("RGB", bands)
    if frame.transparent is not None:
        opacity = [255] * 256
        opacity[frame.transparent] = 0
        image.putalpha(indices.point(opacity))
    if shape == size:
        return image
    canvas = Image.new("RGBA", size)
    canvas.paste(image, (left, top))
    return canvas
