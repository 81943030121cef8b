"""Hundreds of hostile and unusual files, the same at each run, with their allowed outcomes.

The families are those of the input tests: bombs, truncations, damage, foreign formats, polyglots,
all modes and depths, all kinds of metadata. `CANARY` is wherever text can be hidden.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from PIL import Image, ImageCms

from bot.images.validation import ImageLimits
from tests.support.app_fixture import draw_photograph
from tests.support.images.raw_png import SIGNATURE, build_chunk, build_header, build_png

CANARY = b"CaNaRy-7f3a91"
LIMITS = ImageLimits(25 * 2**20, 4096 * 4096, 64, 8192)
CLEAN, REFUSED, EITHER = {"clean"}, {"refused"}, {"clean", "refused"}
SIZE = (96, 80)


@dataclass(frozen=True, slots=True)
class Case:
    """A named file and its outcomes: `clean`, `refused`, or either if both are correct."""

    name: str
    data: bytes
    allowed_outcomes: frozenset[str]


def encode_image(image: Image.Image, fmt: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, fmt, **options)
    return out.getvalue()


def draw_small(mode: str = "RGB") -> Image.Image:
    picture = draw_photograph(*SIZE, mode="RGBA" if "A" in mode else "RGB")
    return picture if picture.mode == mode else picture.convert(mode)


def build_bases() -> dict[str, bytes]:
    frames = [draw_small(), draw_small().rotate(90), draw_small().rotate(180)]
    moving: dict[str, Any] = {"save_all": True, "append_images": frames[1:], "duration": 90}
    return {
        "jpeg": encode_image(draw_small(), "JPEG", quality=90),
        "progressive": encode_image(draw_small(), "JPEG", progressive=True),
        "png": encode_image(draw_small(), "PNG"),
        "interlaced": build_png(interlaced=True),
        "webp": encode_image(draw_small(), "WEBP"),
        "lossless": encode_image(draw_small("RGBA"), "WEBP", lossless=True),
        "gif": encode_image(draw_small(), "GIF"),
        "gif-moving": encode_image(frames[0], "GIF", **moving),
        "webp-moving": encode_image(frames[0], "WEBP", **moving),
        "apng": encode_image(frames[0], "PNG", **moving),
    }


def build_modes() -> Iterator[tuple[str, bytes, set[str]]]:
    for mode, quality, progressive in product(("L", "RGB", "CMYK"), (1, 50, 100), (False, True)):
        options = {"quality": quality, "progressive": progressive}
        name = f"jpeg-{mode}-{quality}-{progressive}"
        yield name, encode_image(draw_small(mode), "JPEG", **options), CLEAN
    for subsampling in (0, 1, 2):
        data = encode_image(draw_small(), "JPEG", subsampling=subsampling, restart_marker_rows=1)
        yield f"jpeg-sampling-{subsampling}", data, CLEAN
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
        yield f"png-{mode}", encode_image(draw_small(mode), "PNG", optimize=True), CLEAN
        yield f"webp-{mode}", encode_image(draw_small(mode).convert("RGBA"), "WEBP"), CLEAN
        yield f"gif-{mode}", encode_image(draw_small(mode), "GIF", interlace=1), CLEAN


def build_depths() -> Iterator[tuple[str, bytes, set[str]]]:
    allowed = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
    for colour, bits in allowed.items():
        for depth in bits:
            for interlaced in (False, True):
                name = f"png-{colour}-{depth}-{interlaced}"
                yield name, build_png(depth=depth, colour=colour, interlaced=interlaced), CLEAN
    for colour, key in ((0, b"\0\x07"), (2, b"\0\x07\0\x0c\0\x11"), (3, bytes(100))):
        transparent = [build_chunk(b"tRNS", key)]
        yield f"png-key-{colour}", build_png(colour=colour, before=transparent), CLEAN
    for depth, colour in ((3, 0), (16, 3), (4, 2), (8, 5), (32, 2), (0, 0)):
        chunks = build_header(*SIZE, depth, colour), build_chunk(b"IDAT"), build_chunk(b"IEND")
        yield f"png-impossible-{depth}-{colour}", SIGNATURE + b"".join(chunks), REFUSED


def build_sizes() -> Iterator[tuple[str, bytes, set[str]]]:
    for size in ((64, 64), (8192, 64), (64, 8192), (4096, 4096)):
        for fmt in ("PNG", "JPEG", "WEBP"):
            yield f"size-{size}-{fmt}", encode_image(Image.new("RGB", size, "teal"), fmt), CLEAN
    one_bit = SIGNATURE + build_header(4096, 4096, 1, 0)
    zeros = zlib.compress(bytes(513 * 4096), 9)
    yield "bomb-one-bit", one_bit + build_chunk(b"IDAT", zeros) + build_chunk(b"IEND"), CLEAN
    small_sides = ((1, 1), (63, 64), (64, 63), (1, 8000), (8000, 1), (16, 16))
    large = ((8193, 64), (64, 8193), (4097, 4097), (8000, 8000), (8192, 2049))
    for size, fmt in product(small_sides, ("PNG", "JPEG", "GIF", "WEBP")):
        yield f"size-{size}-{fmt}", encode_image(Image.new("L", size), fmt), REFUSED
    for size, fmt in product(large, ("PNG", "JPEG")):
        yield f"size-{size}-{fmt}", encode_image(Image.new("L", size), fmt), REFUSED


def build_false_claims() -> Iterator[tuple[str, bytes, set[str]]]:
    zeros = zlib.compress(bytes(10**6), 9)
    sides = (0, 1, 65_535, 65_536, 2**31 - 1, 2**31, 2**32 - 1)
    for wide, high in product(sides, (0, 1, 30_000, 2**31 - 1)):
        chunks = build_header(wide, high), build_chunk(b"IDAT", zeros), build_chunk(b"IEND")
        yield f"png-claims-{wide}x{high}", SIGNATURE + b"".join(chunks), REFUSED
    jpeg = encode_image(draw_small(), "JPEG")
    at = jpeg.index(b"\xff\xc0") + 5
    for high, wide in ((0, 96), (96, 0), (65_535, 65_535), (1, 1), (30_000, 30_000), (8000, 8000)):
        data = jpeg[:at] + struct.pack(">HH", high, wide) + jpeg[at + 4 :]
        yield f"jpeg-claims-{wide}x{high}", data, REFUSED
    gif = encode_image(draw_small(), "GIF")
    for wide, high in ((0, 0), (65_535, 65_535), (1, 1), (8193, 64)):
        yield (
            f"gif-claims-{wide}x{high}",
            gif[:6] + struct.pack("<HH", wide, high) + gif[10:],
            (EITHER if wide == 1 or not wide else REFUSED),
        )
    yield "too-many-bytes", SIGNATURE + bytes(26 * 2**20), REFUSED


def build_truncated() -> Iterator[tuple[str, bytes, set[str]]]:
    for name, data in build_bases().items():
        moving = name in {"gif-moving", "webp-moving", "apng"}
        for twelfth in range(12):
            part = data[: len(data) * twelfth // 12]
            yield f"cut-{name}-{twelfth}", part, EITHER if moving else REFUSED
        for lost in (1, 2, 4, 12, 40):
            yield f"cut-{name}-less-{lost}", data[:-lost], EITHER


def build_damaged() -> Iterator[tuple[str, bytes, set[str]]]:
    rng = random.Random(6)  # noqa: S311 - not for secrets
    for name, data in build_bases().items():
        for index in range(14):
            damaged = bytearray(data)
            for _ in range(1 + index % 3):
                damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
            yield f"flip-{name}-{index}", bytes(damaged), EITHER
        for index in range(6):
            start = rng.randrange(len(data))
            run = rng.randbytes(rng.randrange(4, 60))
            yield f"run-{name}-{index}", data[:start] + run + data[start + len(run) :], EITHER


def build_png_structures() -> Iterator[tuple[str, bytes, set[str]]]:
    head, body = build_header(*SIZE), build_chunk(b"IDAT", zlib.compress(bytes((96 * 3 + 1) * 80)))
    end = build_chunk(b"IEND")
    wrong = {
        "crc-head": build_chunk(b"IHDR", head[8:-4], crc=1) + body + end,
        "crc-data": head + build_chunk(b"IDAT", body[8:-4], crc=1) + end,
        "no-data": head + end,
        "no-head": body + end,
        "data-first": body + head + end,
        "no-palette": build_header(*SIZE, 8, 3) + body + end,
        "short-data": head + build_chunk(b"IDAT", zlib.compress(bytes(500))) + end,
        "not-deflate": head + build_chunk(b"IDAT", b"x" * 500) + end,
        "lengthy": head + struct.pack(">I", 2**31 - 1) + body[4:] + end,
        "length-negative": head + struct.pack(">I", 2**32 - 1) + body[4:] + end,
        "bad-interlace": build_header(*SIZE, interlace=7) + body + end,
        "unknown-critical": head + build_chunk(b"ABCD", b"x") + body + end,
        "bad-filter": head
        + build_chunk(b"IDAT", zlib.compress(b"\x09" * ((96 * 3 + 1) * 80)))
        + end,
    }
    either = {"crc-head", "crc-data", "unknown-critical", "bad-interlace", "no-palette"}
    either |= {"lengthy", "length-negative"}
    for name, data in wrong.items():
        yield f"png-{name}", SIGNATURE + data, EITHER if name in either else REFUSED
    odd = {
        "two-heads": head + head + body + end,
        "no-end": head + body,
        "crc-end": head + body + build_chunk(b"IEND", crc=1),
        "much-data": head + build_chunk(b"IDAT", zlib.compress(bytes(30 * 2**20), 9)) + end,
        "empty-data": head + build_chunk(b"IDAT") * 3000 + body + end,
        "many-frames": head + build_chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)) + body + end,
    }
    for name, data in odd.items():
        yield f"png-{name}", SIGNATURE + data, EITHER


def build_text_chunks() -> Iterator[tuple[str, bytes, set[str]]]:
    secret = b"Comment\0" + CANARY
    zipped = b"Comment\0\0" + zlib.compress(CANARY * 9)
    bomb = zlib.compress(bytes(60 * 2**20), 9)
    chunks = {
        "text": ([build_chunk(b"tEXt", secret)], CLEAN),
        "ztxt": ([build_chunk(b"zTXt", zipped)], CLEAN),
        "itxt": ([build_chunk(b"iTXt", b"Comment\0\0\0en\0k\0" + CANARY)], CLEAN),
        "xmp": ([build_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + CANARY)], CLEAN),
        "private": ([build_chunk(b"prVt", CANARY)], CLEAN),
        "time": (
            [
                build_chunk(b"tIME", b"\x07\xea\x0b\x16\x0a\x00\x00"),
                build_chunk(b"gAMA", b"\0" * 4),
            ],
            EITHER,
        ),
        "many": ([build_chunk(b"tEXt", secret)] * 10_000, EITHER),
        "ztxt-bomb": ([build_chunk(b"zTXt", b"Comment\0\0" + bomb)], EITHER),
        "itxt-bomb": ([build_chunk(b"iTXt", b"Comment\0\1\0en\0k\0" + bomb)], EITHER),
        "iccp-bomb": ([build_chunk(b"iCCP", b"icc\0\0" + bomb)], EITHER),
        "huge": ([build_chunk(b"tEXt", b"Comment\0" + CANARY * 300_000)], EITHER),
        "exif-garbage": ([build_chunk(b"eXIf", CANARY)], EITHER),
    }
    for name, (extra, allowed) in chunks.items():
        yield f"png-{name}", build_png(before=extra), allowed
        yield f"png-{name}-after", build_png(after=extra), EITHER


def build_orientations() -> Iterator[tuple[str, bytes, set[str]]]:
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        exif[0x010F] = CANARY.decode()
        exif[0x927C] = CANARY
        exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
        exif.get_ifd(0x8825)[29] = CANARY.decode()
        xmp = b'<x:xmpmeta tiff:Orientation="%d">%s</x:xmpmeta>' % (orientation, CANARY)
        for fmt in ("JPEG", "PNG", "WEBP"):
            yield (
                f"exif-{fmt}-{orientation}",
                encode_image(draw_small(), fmt, exif=exif.tobytes()),
                CLEAN,
            )
        for fmt in ("JPEG", "WEBP"):
            yield f"xmp-{fmt}-{orientation}", encode_image(draw_small(), fmt, xmp=xmp), CLEAN
    for name, data in {
        "none": b"",
        "text": CANARY,
        "header": b"Exif\0\0II*\0\xff\xff\xff\xff",
        "loop": b"Exif\0\0II*\0\x08\0\0\0\0\0\x08\0\0\0",
        "count": b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + CANARY * 40,
        "large": b"Exif\0\0II*\0\x08\0\0\0" + CANARY * 4000,
        "orientation": b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x63\0\0\0\0\0\0\0",
    }.items():
        for fmt in ("JPEG", "PNG", "WEBP"):
            yield (
                f"exif-{name}-{fmt}",
                encode_image(draw_small(), fmt, exif=data or b"Exif\0\0"),
                EITHER,
            )


def build_profiles() -> Iterator[tuple[str, bytes, set[str]]]:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    xyz = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    profiles = {
        "srgb": srgb,
        "lab": lab,
        "xyz": xyz,
        "grey": srgb[:16] + b"GRAY" + srgb[20:],
        "cmyk": srgb[:16] + b"CMYK" + srgb[20:],
        "half": srgb[: len(srgb) // 2],
        "canary": CANARY * 30,
        "named": srgb.replace(b"sRGB", CANARY[:4]) + CANARY,
        "sizes": srgb[:128] + struct.pack(">I", 2**31) + srgb[132:],
        "large": srgb + CANARY * 100_000,
    }
    for name, profile in profiles.items():
        for mode, fmt in (("RGB", "JPEG"), ("L", "JPEG"), ("CMYK", "JPEG"), ("RGBA", "PNG")):
            # Pillow ignores a PNG's profile above one mebibyte
            may = EITHER if (name, fmt) == ("large", "PNG") else CLEAN
            data = encode_image(draw_small(mode), fmt, icc_profile=profile)
            yield f"icc-{name}-{mode}-{fmt}", data, may
        yield f"icc-{name}-webp", encode_image(draw_small(), "WEBP", icc_profile=profile), CLEAN
        yield f"icc-{name}-palette", encode_image(draw_small("P"), "PNG", icc_profile=profile), may


def build_segments() -> Iterator[tuple[str, bytes, set[str]]]:
    jpeg = encode_image(draw_small(), "JPEG")

    def with_segment(marker: int, data: bytes, times: int = 1) -> bytes:
        part = struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data
        return jpeg[:2] + part * times + jpeg[2:]

    for marker in range(0xE0, 0xF0):
        yield f"jpeg-app-{marker:x}", with_segment(marker, CANARY), CLEAN
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x20\x1c\x02\x78\0\x0d" + CANARY
    yield "jpeg-iptc", with_segment(0xED, iptc), EITHER
    yield "jpeg-comment", with_segment(0xFE, CANARY), CLEAN
    yield "jpeg-many-comments", with_segment(0xFE, CANARY, 20_000), CLEAN
    yield "jpeg-large-segment", with_segment(0xE1, CANARY * 5000), CLEAN
    yield "jpeg-adobe", with_segment(0xEE, b"Adobe\0d\0\0\0\0\2"), EITHER
    for marker in (0xC1, 0xC3, 0xC9, 0xCA, 0xC5, 0xCF):
        yield f"jpeg-frame-{marker:x}", jpeg.replace(b"\xff\xc0", bytes((255, marker)), 1), EITHER
    for start in (b"\xff\xdb", b"\xff\xda", b"\xff\xc0"):
        yield f"jpeg-without-{start.hex()}", jpeg.replace(start, b"\xff\xfe"), REFUSED
    at = jpeg.index(b"\xff\xc0") + 4
    yield "jpeg-twelve-bits", jpeg[:at] + b"\x0c" + jpeg[at + 1 :], REFUSED
    yield "jpeg-twice", jpeg + jpeg, CLEAN
    yield "jpeg-with-thumbnail", with_segment(0xE1, b"Exif\0\0" + CANARY + jpeg), CLEAN
    mpo = encode_image(draw_small(), "MPO", save_all=True, append_images=[draw_small().rotate(90)])
    yield "jpeg-two-pictures", mpo, CLEAN


def build_animations() -> Iterator[tuple[str, bytes, set[str]]]:
    frames = [draw_small().rotate(turn) for turn in range(0, 360, 30)]
    for fmt, count, disposal in product(("GIF", "WEBP", "PNG"), (2, 12), (0, 1, 2)):
        options: dict[str, Any] = {"save_all": True, "append_images": frames[1:count]}
        if fmt != "WEBP":
            options["disposal"] = disposal
        yield f"moving-{fmt}-{count}-{disposal}", encode_image(frames[0], fmt, **options), CLEAN
    grey = [Image.new("L", SIZE, value % 256) for value in range(1500)]
    endless = encode_image(grey[0], "GIF", save_all=True, append_images=grey[1:])
    yield "moving-long", endless, CLEAN
    gif = encode_image(draw_small(), "GIF", comment=CANARY)
    yield "gif-comment", gif, CLEAN
    yield "gif-as-program", gif + b"*/=1;//" + CANARY, CLEAN


def build_polyglots() -> Iterator[tuple[str, bytes, set[str]]]:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as archive:
        archive.writestr("evil.js", CANARY)
    script = b"<script>" + CANARY + b"</script>"
    for name, data in build_bases().items():
        yield f"{name}-zip", data + box.getvalue(), CLEAN
        yield f"{name}-script", data + script, CLEAN
        yield f"{name}-behind-pdf", b"%PDF-1.7\n" + CANARY + b"\n" + data, REFUSED
        yield f"{name}-behind-space", b"\n" + data, REFUSED


def build_foreign_formats() -> Iterator[tuple[str, bytes, set[str]]]:
    formats = "BMP TIFF ICO PCX TGA PPM PDF EPS JPEG2000 ICNS SGI DDS MSP XBM AVIF QOI SPIDER"
    for fmt in formats.split():
        mode = {"MSP": "1", "XBM": "1", "SPIDER": "F"}.get(fmt, "RGB")
        yield f"foreign-{fmt}", encode_image(draw_small(mode), fmt), REFUSED
    starts = {
        "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "avif": b"\0\0\0\x18ftypavif\0\0\0\0mif1avif",
        "mp4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg' width='96' height='80'/>",
        "html": b"<!doctype html><img src=x>",
        "xml": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "psd": b"8BPS\0\1\0\0\0\0\0\0\0\3\0\0\0\x50\0\0\0\x60\0\x08\0\x03",
        "fits": b"SIMPLE  =                    T",
        "pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj",
        "ps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 96 80\n",
        "zip": b"PK\3\4",
        "gzip": b"\x1f\x8b\x08",
        "elf": b"\x7fELF\2\1\1",
        "exe": b"MZ\x90\0",
        "wav": b"RIFF\x24\0\0\0WAVEfmt ",
        "wmf": b"\xd7\xcd\xc6\x9a",
        "json": b'{"a": 1}',
        "script": b"#!/bin/sh\necho hello\n",
        "shell": b"<?php system($_GET['c']); ?>",
        "jpeg": b"\xff\xd8\xff",
        "jpeg-two": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
        "png": SIGNATURE,
        "gif": b"GIF89a",
        "webp": b"RIFF\x24\0\0\0WEBPVP8 ",
        "jxl": b"\xff\x0a",
    }
    for name, start in starts.items():
        yield f"starts-{name}", start, REFUSED
        yield f"starts-{name}-long", start + bytes(2000), REFUSED
    rng = random.Random(7)  # noqa: S311 - not for secrets
    for length in (0, 1, 2, 7, 8, 100, 10_000, 2**20):
        yield f"zeros-{length}", bytes(length), REFUSED
        yield f"random-{length}", rng.randbytes(length), REFUSED
    for start in (b"\xff\xd8\xff\xe0", SIGNATURE, b"GIF89a", b"RIFF\xff\xff\0\0WEBP"):
        for length in (50, 5000):
            yield f"random-{start[:4]!r}-{length}", start + rng.randbytes(length), REFUSED


FAMILIES: dict[str, Callable[[], Iterator[tuple[str, bytes, set[str]]]]] = {
    "modes": build_modes,
    "depths": build_depths,
    "sizes": build_sizes,
    "claims": build_false_claims,
    "cut": build_truncated,
    "damaged": build_damaged,
    "png_structure": build_png_structures,
    "texts": build_text_chunks,
    "turned": build_orientations,
    "profiles": build_profiles,
    "segments": build_segments,
    "moving": build_animations,
    "polyglots": build_polyglots,
    "foreign": build_foreign_formats,
}


def build_cases(family: str) -> Iterator[Case]:
    for name, data, allowed in FAMILIES[family]():
        yield Case(name, data, frozenset(allowed))
