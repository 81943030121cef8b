"""First frames of GIF, APNG and WebP: partial, overhanging, hidden, transparent."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from itertools import product

import numpy as np

from tests.support.images.raw_png import SIGNATURE, build_chunk, build_header
from tests.support.images.shown.colours import Named, gama, spoil
from tests.support.images.shown.patterns import (
    HEIGHT,
    WIDTH,
    build_samples,
    draw_pattern,
    pack_rows,
    save_picture,
)
from tests.support.images.shown.profiles import PROFILES

COLOURS = bytes.fromhex("ff0000 00ff00 0000ff ffff00 00ffff ff00ff ffffff 141414")
_CODE_BITS = 4
"""Codes for eight colours and two marks; restarting often keeps the codes at that length."""
_PART = (20, 16, 40, 32)


def pack_codes(indices: list[int]) -> bytes:
    """Pack as LZW without compression, in sub-blocks."""
    codes = [8]
    for at, index in enumerate(indices):
        codes += [index, 8] if at % 6 == 5 else [index]
    number = sum(code << _CODE_BITS * at for at, code in enumerate([*codes, 9]))
    data = number.to_bytes((len(codes) + 1) * _CODE_BITS // 8 + 1, "little")
    blocks = (data[at : at + 255] for at in range(0, len(data), 255))
    return b"\x03" + b"".join(bytes((len(block),)) + block for block in blocks) + b"\0"


def pack_gif_frame(
    box: tuple[int, int, int, int],
    *,
    transparent: int | None = None,
    palette: bytes = b"",
    interlaced: bool = False,
    disposal: int = 0,
) -> bytes:
    """Pack a frame at (left, top, width, height)."""
    left, top, width, height = box
    flags = disposal << 2 | (transparent is not None)
    control = b"\x21\xf9\x04" + struct.pack("<BHBB", flags, 10, transparent or 0, 0)
    indices = np.add.outer(np.arange(height), np.arange(width)) // 6 % 8
    if interlaced:
        indices = np.concatenate([indices[0::8], indices[4::8], indices[2::4], indices[1::2]])
    shape = (0x82 if palette else 0) | (0x40 if interlaced else 0)
    descriptor = b"\x2c" + struct.pack("<4HB", left, top, width, height, shape)
    return control + descriptor + palette + pack_codes(indices.ravel().tolist())


def pack_gif(
    screen: tuple[int, int], *parts: bytes, palette: bytes = COLOURS, background: int = 0
) -> bytes:
    flags = 0x82 if palette else 0
    header = b"GIF89a" + struct.pack("<HHBBB", *screen, flags, background, 0)
    return header + palette + b"".join(parts)


def build_gif_variants() -> Iterator[Named]:
    screen, whole = (WIDTH, HEIGHT), (0, 0, WIDTH, HEIGHT)
    full, end = pack_gif_frame(whole), b"\x3b"
    for background, transparent, disposal in product((0, 3), (None, 2, 3), (0, 2)):
        frame = pack_gif_frame(_PART, transparent=transparent, disposal=disposal)
        name = f"part-{background}-{transparent}-{disposal}"
        yield f"{name}.gif", pack_gif(screen, frame, end, background=background)
        yield f"{name}-moving.gif", pack_gif(screen, frame, full, end, background=background)
    boxes = {
        "right": (40, 0, WIDTH, HEIGHT),
        "below": (0, 30, WIDTH, HEIGHT),
        "both": (40, 30, WIDTH, HEIGHT),
        "larger": (0, 0, 2 * WIDTH, 2 * HEIGHT),
        "outside": (WIDTH + 5, HEIGHT + 5, WIDTH, HEIGHT),
    }
    for name, box in boxes.items():
        yield f"over-{name}.gif", pack_gif(screen, pack_gif_frame(box), end)
        yield f"over-{name}-second.gif", pack_gif(screen, full, pack_gif_frame(box), end)
    for small, box in product(((0, 0), (WIDTH, 0), (0, HEIGHT), (1, 1)), (whole, boxes["both"])):
        yield f"screen-{small}-{box[0]}.gif", pack_gif(small, pack_gif_frame(box), end)
    for transparent in (0, 2, 7, 8, 200):
        frame = pack_gif_frame(whole, transparent=transparent)
        yield f"transparent-{transparent}.gif", pack_gif(screen, frame, end)
    other = pack_gif_frame(_PART, palette=COLOURS[::-1])
    yield "own-palette.gif", pack_gif(screen, other, end)
    yield "own-palette-alone.gif", pack_gif(screen, other, end, palette=b"")
    yield "no-palette.gif", pack_gif(screen, full, end, palette=b"")
    yield "interlaced.gif", pack_gif(screen, pack_gif_frame(_PART, interlaced=True), end)
    yield "no-trailer.gif", pack_gif(screen, full)
    yield "junk-behind.gif", pack_gif(screen, full, b"\x77\x77")
    lone = b"\x21\xf9\x04\x01\0\0\x02\0"
    yield "control-before-control.gif", pack_gif(screen, lone, full, end)
    yield "comment.gif", pack_gif(screen, b"\x21\xfe\x05hello\0", full, end)


def build_apng_variants() -> Iterator[Named]:
    plain = np.zeros((HEIGHT, WIDTH, 3), np.int64) + 90
    still, moving = (zlib.compress(pack_rows(rows, 8)) for rows in (plain, build_samples(2, 8)))
    part = zlib.compress(pack_rows(build_samples(2, 8)[10:42, 20:60], 8))
    data, end = build_chunk(b"IDAT", still), build_chunk(b"IEND")
    whole = (WIDTH, HEIGHT, 0, 0)
    second = (_control(2, whole), _frame_data(3, still), end)
    hidden = (data, _control(0, whole), _frame_data(1, moving), *second)
    partial = (data, _control(0, (40, 32, 20, 10)), _frame_data(1, part), *second)
    split = (_frame_data(1, moving[:100]), _frame_data(2, moving[100:]))
    for name, chunks in {
        "visible": (_count(2), _control(0, whole), *hidden[:1], _control(1, whole), *hidden[2:]),
        "hidden": (_count(2), *hidden),
        "hidden-part": (_count(2), *partial),
        "hidden-split": (_count(2), data, _control(0, whole), *split, *second),
        "hidden-linear": (gama(100_000), _count(2), *hidden),
        "uncounted": hidden,
        "count-0": (_count(0), *hidden),
        "count-spoilt": (spoil(_count(2)), *hidden),
        "count-late": (data, _count(2), *hidden[1:]),
        "fewer": (_count(9), *hidden),
    }.items():
        header = build_header(WIDTH, HEIGHT)
        yield f"apng-{name}.png", SIGNATURE + header + b"".join(chunks)


def _count(frames: int) -> bytes:
    return build_chunk(b"acTL", struct.pack(">II", frames, 0))


def _control(number: int, box: tuple[int, int, int, int]) -> bytes:
    return build_chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, *box, 1, 10, 0, 0))


def _frame_data(number: int, data: bytes) -> bytes:
    return build_chunk(b"fdAT", struct.pack(">I", number) + data)


def build_webp_variants() -> Iterator[Named]:
    for background, flag, blending in product((0, 0xFF0000FF, 0x80FF00FF), (0, 16), range(4)):
        frames = [_webp_frame(_PART, blending), _webp_frame((0, 0, WIDTH, HEIGHT), 0)]
        name = f"part-{background:x}-{flag}-{blending}.webp"
        yield name, _pack_webp(2 | flag, background, b"", *frames)
    profile = _webp_chunk(b"ICCP", PROFILES["wide"])
    frames = [_webp_frame((0, 0, WIDTH, HEIGHT), 0)] * 2
    yield "moving-profile.webp", _pack_webp(2 | 16 | 32, 0, profile, *frames)
    for quality, mode in product((40, 90), ("RGB", "RGBA")):
        webp = save_picture(draw_pattern(mode), "WEBP", quality=quality)
        yield f"lossy-{quality}-{mode}.webp", webp
    webp = save_picture(draw_pattern(), "WEBP", lossless=True, icc_profile=PROFILES["wide"])
    yield "profile-unflagged.webp", webp[:20] + b"\0" + webp[21:]


def _webp_chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) & 1)


def _webp_frame(box: tuple[int, int, int, int], flags: int) -> bytes:
    left, top, width, height = box
    picture = draw_pattern().crop((0, 0, width, height))
    numbers = (left // 2, top // 2, width - 1, height - 1, 100)
    header = b"".join(number.to_bytes(3, "little") for number in numbers) + bytes((flags,))
    return _webp_chunk(b"ANMF", header + save_picture(picture, "WEBP", lossless=True)[12:])


def _pack_webp(flags: int, background: int, *parts: bytes) -> bytes:
    size = (WIDTH - 1).to_bytes(3, "little") + (HEIGHT - 1).to_bytes(3, "little")
    extended = _webp_chunk(b"VP8X", bytes((flags, 0, 0, 0)) + size)
    animation = _webp_chunk(b"ANIM", struct.pack("<IH", background, 0))
    body = b"WEBP" + extended + parts[0] + animation + b"".join(parts[1:])
    return b"RIFF" + struct.pack("<I", len(body)) + body
