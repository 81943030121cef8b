"""Files with junk before, between and behind, wrong checksums, and ends that are missing."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from tests.support.images.raw_png import SIGNATURE, build_chunk, build_header
from tests.support.images.shown.colours import Named, iccp, spoil
from tests.support.images.shown.orientations import pack_segment
from tests.support.images.shown.patterns import (
    HEIGHT,
    WIDTH,
    build_samples,
    draw_pattern,
    pack_pattern,
    pack_rows,
    save_picture,
)
from tests.support.images.shown.profiles import PROFILES

_EXTRA = b"\0\1\2\3abc"
_ANCILLARY = (
    *(b"tEXt", b"zTXt", b"iTXt", b"pHYs", b"bKGD", b"tIME", b"hIST", b"sPLT"),
    *(b"acTL", b"eXIf", b"gAMA", b"sBIT", b"cHRM", b"cICP", b"iCCP", b"abCd"),
)


def build_whole_files() -> dict[str, bytes]:
    picture, moving = draw_pattern(), {"save_all": True, "duration": 90}
    frames = {**moving, "append_images": [picture.rotate(180)]}
    return {
        "plain.jpg": save_picture(picture, "JPEG", quality=90),
        "fine.jpg": save_picture(picture, "JPEG", quality=90, subsampling=0),
        "wide.jpg": save_picture(picture, "JPEG", quality=90, subsampling=1),
        "progressive.jpg": save_picture(picture, "JPEG", progressive=True),
        "grey.jpg": save_picture(draw_pattern("L"), "JPEG"),
        "restarts.jpg": save_picture(picture, "JPEG", restart_marker_rows=1),
        "plain.png": save_picture(picture, "PNG"),
        "interlaced.png": pack_pattern(2, 8, interlaced=True),
        "palette.png": pack_pattern(3, 4),
        "moving.png": save_picture(picture, "PNG", **frames),
        "lossless.webp": save_picture(picture, "WEBP", lossless=True),
        "lossy.webp": save_picture(picture, "WEBP"),
        "moving.webp": save_picture(picture, "WEBP", lossless=True, **frames),
        "plain.gif": save_picture(picture, "GIF"),
        "moving.gif": save_picture(picture, "GIF", **frames),
    }


def build_end_variants() -> Iterator[Named]:
    """Build files with something behind them, or whose end marker is missing."""
    missing = {"jpg": (1, 2), "png": (1, 4, 8, 12), "gif": (1,), "webp": ()}
    for name, data in build_whole_files().items():
        extras = {"zeros": bytes(500), "ones": b"\xff" * 50, "itself": data, "text": b"hello"}
        for extra, behind in extras.items():
            yield f"behind-{extra}-{name}", data + behind
        for lost in missing[name.partition(".")[2]]:
            yield f"less-{lost}-{name}", data[:-lost]


def build_png_damage() -> Iterator[Named]:
    header, end = build_header(WIDTH, HEIGHT), build_chunk(b"IEND")
    packed = zlib.compress(pack_rows(build_samples(2, 8), 8))
    data = build_chunk(b"IDAT", packed)
    thirds = [
        packed[at : at + len(packed) // 3 + 1] for at in range(0, len(packed), len(packed) // 3 + 1)
    ]
    parts = [build_chunk(b"IDAT", part) for part in thirds]
    for kind in _ANCILLARY:
        name = kind.decode()
        wrong = build_chunk(kind, _EXTRA, crc=7)
        yield f"crc-{name}.png", SIGNATURE + header + wrong + data + end
        yield f"odd-{name}.png", SIGNATURE + header + build_chunk(kind, _EXTRA) + data + end
        yield f"crc-behind-{name}.png", SIGNATURE + header + data + wrong + end
    endless = struct.pack(">I", 2**31 - 1) + b"tEXtabcd"
    for name, chunks in {
        "data-crc": [spoil(data), end],
        "end-crc": [data, spoil(end)],
        "no-adler": [build_chunk(b"IDAT", packed[:-4]), end],
        "bad-adler": [build_chunk(b"IDAT", packed[:-4] + b"abcd"), end],
        "split": [*parts, end],
        "split-last-crc": [*parts[:-1], spoil(parts[-1]), end],
        "junk-in-data": [build_chunk(b"IDAT", packed + b"junk"), end],
        "endless-text": [data, endless, end],
        "many-texts": [*[build_chunk(b"tEXt", b"a\0b")] * 3000, data, end],
        "large-text": [build_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(5 << 20))), data, end],
        "large-icc": [iccp(PROFILES["wide"] + bytes(3 << 20)), data, end],
        "raw-profile": [build_chunk(b"tEXt", b"Raw profile type exif\0\nexif\n x\n"), data, end],
    }.items():
        yield f"png-{name}.png", SIGNATURE + header + b"".join(chunks)


def build_jpeg_variants() -> Iterator[Named]:
    """Build every colour model with and without the markers that tell it, and profiles in parts."""
    yield from _build_colour_models()
    jpeg = save_picture(draw_pattern(), "JPEG", quality=95)
    scan = jpeg.index(b"\xff\xda")
    yield "fill-bytes.jpg", jpeg[:2] + b"\xff\xff\xff" + jpeg[2:]
    yield "junk-between.jpg", jpeg[:scan] + b"\1\2\3" + jpeg[scan:]
    yield "length-0.jpg", jpeg[:2] + b"\xff\xe5\0\0" + jpeg[2:]
    wide = PROFILES["wide"]
    half = len(wide) // 2
    for name, parts in {
        "whole": [(1, 1, wide)],
        "two": [(1, 2, wide[:half]), (2, 2, wide[half:])],
        "turned": [(2, 2, wide[half:]), (1, 2, wide[:half])],
        "missing": [(1, 2, wide[:half])],
        "number-0": [(0, 1, wide)],
        "count-0": [(1, 0, wide)],
        "double": [(1, 1, wide), (1, 1, PROFILES["swapped"])],
        "other-count": [(1, 2, wide[:half]), (2, 3, wide[half:])],
    }.items():
        segments = [
            pack_segment(0xE2, b"ICC_PROFILE\0" + bytes((number, count)) + part)
            for number, count, part in parts
        ]
        yield f"parts-{name}.jpg", jpeg[:20] + b"".join(segments) + jpeg[20:]


def _build_colour_models() -> Iterator[Named]:
    for mode, progressive in ((m, p) for m in ("RGB", "L", "CMYK") for p in (False, True)):
        jpeg = save_picture(draw_pattern(mode), "JPEG", quality=95, progressive=progressive)
        bare = _remove_segments(jpeg, {0xE0, 0xEE})
        jfif = pack_segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
        profile = pack_segment(0xE2, b"ICC_PROFILE\0\1\1" + PROFILES["cmyk-lut"])
        yield f"model-{mode}-{progressive}-bare.jpg", bare
        yield f"model-{mode}-{progressive}-jfif.jpg", bare[:2] + jfif + bare[2:]
        for transform in (0, 1, 2):
            adobe = pack_segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes((transform,)))
            name = f"model-{mode}-{progressive}-adobe-{transform}"
            yield f"{name}.jpg", bare[:2] + adobe + bare[2:]
            yield f"{name}-jfif.jpg", bare[:2] + jfif + adobe + bare[2:]
            yield f"{name}-icc.jpg", bare[:2] + adobe + profile + bare[2:]


def _remove_segments(jpeg: bytes, markers: set[int]) -> bytes:
    kept, at = jpeg[:2], 2
    while jpeg[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4])
        kept += b"" if jpeg[at + 1] in markers else jpeg[at:end]
        at = end
    return kept + jpeg[at:]
