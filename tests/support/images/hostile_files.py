"""Small files that declare endless work, built when they are needed."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from PIL import Image

from bot.images.reading.icc import SRGB_CURVE, build_profile
from bot.images.reading.primaries import SRGB
from tests.support.images.hostile_webp import build_vp8l
from tests.support.images.raw_png import SIGNATURE, build_chunk, build_header, build_png, build_rows

MEGA = 10**6
LARGEST = (4096, 4096)
_GREY = 128


def encode(image: Image.Image, fmt: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, fmt, **options)
    return out.getvalue()


def build_progressive(size: tuple[int, int], scans: int, *, is_ended: bool = True) -> bytes:
    """Return an even grey JPEG of `scans` scans by a legal script (ITU-T T.81, annex G).

    Behind the one of DC, 63 have one coefficient each, and 63 more refine them. They hold runs
    without coefficients only; a size has a power of two of blocks.
    """
    whole = encode(Image.new("L", size, _GREY), "JPEG", progressive=True)
    first = whole.index(b"\xff\xda")
    head = whole[: whole.index(b"\xff", first + 2)]
    blocks = (size[0] // 8) * (size[1] // 8)
    power = min(blocks.bit_length() - 1, 14)
    bits = ("0" + "0" * power) * (blocks >> power)
    bits += "1" * (-len(bits) % 8)
    coded = int(bits, 2).to_bytes(len(bits) // 8)
    table = b"\xff\xc4" + struct.pack(">H", 20) + b"\x10\x01" + bytes(15) + bytes((power << 4,))
    rest = b"".join(
        b"\xff\xda\0\x08\x01\x01\x00"
        + bytes((1 + n % 63, 1 + n % 63, 0x01 if n < 63 else 0x10))
        + coded
        for n in range(scans - 1)
    )
    return head + table + rest + (b"\xff\xd9" if is_ended else b"")


def insert_behind_start(jpeg: bytes, parts: bytes) -> bytes:
    return jpeg[:2] + parts + jpeg[2:]


def insert_before_end(data: bytes, parts: bytes, length: int) -> bytes:
    """Insert before the last `length` bytes."""
    return data[:-length] + parts + data[-length:]


def build_riff(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def build_riff_chunk(name: bytes, body: bytes = b"") -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def build_extended_webp(extra: Sequence[bytes] = ()) -> bytes:
    """Return a picture of 96 by 80 with further chunks before its pixels."""
    still = encode(Image.new("RGB", (96, 80), "teal"), "WEBP")[12:]
    header = bytes(4) + struct.pack("<I", 95)[:3] + struct.pack("<I", 79)[:3]
    return build_riff(build_riff_chunk(b"VP8X", header), *extra, still)


def build_animated_webp(frames: int) -> bytes:
    """Return an animation of the largest canvas, whose frames have one pixel each."""
    dot = encode(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    frame = build_riff_chunk(b"ANMF", bytes(12) + struct.pack("<I", 10) + dot)
    header = (
        b"\x02\0\0\0"
        + struct.pack("<I", LARGEST[0] - 1)[:3]
        + struct.pack("<I", LARGEST[1] - 1)[:3]
    )
    start = build_riff_chunk(b"VP8X", header) + build_riff_chunk(b"ANIM", bytes(6))
    return build_riff(start, frame * frames)


def build_lossless_webp(groups: int) -> bytes:
    """Return a picture of the largest size with all transforms and so many groups of codes."""
    return build_riff(build_riff_chunk(b"VP8L", build_vp8l(LARGEST, groups)))


def build_gif(extra: bytes = b"", frames: int = 1) -> bytes:
    """Return a GIF with further blocks before its frames."""
    whole = encode(Image.new("P", (96, 80)), "GIF")
    start = whole.index(b"\x2c", 13 + (3 << (whole[10] & 7) + 1))
    return whole[:start] + extra + whole[start:-1] * frames + b";"


def build_apng(frames: int, data_chunks: int = 0) -> bytes:
    """Return an animation whose hidden first frame has `data_chunks` empty chunks."""
    rows = zlib.compress(build_rows(96, 80, 8, 2))
    control = build_chunk(b"fcTL", struct.pack(">5I2H2B", 0, 96, 80, 0, 0, 1, 10, 0, 0))
    empty, whole = build_chunk(b"fdAT", bytes(4)), build_chunk(b"fdAT", bytes(4) + rows)
    return b"".join(
        (
            *(SIGNATURE, build_header(96, 80), build_chunk(b"acTL", struct.pack(">II", frames, 0))),
            *(build_chunk(b"IDAT", rows), control, empty * data_chunks, whole),
            *((control + whole) * (frames - 1), build_chunk(b"IEND")),
        )
    )


def build_element_profile(count: int) -> bytes:
    """Return an sRGB profile with a chain of `count` matrices (ICC.1:2022, section 10.16).

    Each adds a sixteenth to red, so that their effect is visible.
    """
    plain = build_profile(SRGB, SRGB_CURVE)
    assert plain is not None
    (known,) = struct.unpack_from(">I", plain, 128)
    entries = [struct.unpack_from(">4sII", plain, 132 + 12 * index) for index in range(known)]
    parts = [(name, plain[at : at + length]) for name, at, length in entries]
    numbers = struct.pack(">12f", *(1, 0, 0, 0, 1, 0, 0, 0, 1), 1 / 16, 0, 0)
    matrix = b"matf\0\0\0\0" + struct.pack(">HH", 3, 3) + numbers
    places = struct.pack(">II", 16 + 8 * count, len(matrix)) * count
    chain = b"mpet\0\0\0\0" + struct.pack(">HHI", 3, 3, count) + places + matrix
    parts += [(b"D2B0", chain), (b"D2B1", chain)]
    start = 132 + 12 * len(parts)
    table, body = struct.pack(">I", len(parts)), b""
    for name, data in parts:
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data
    return struct.pack(">I", start + len(body)) + plain[4:128] + table + body


def build_refused_files() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield files that are refused by what they declare, before any pixel is decoded."""
    jpeg = encode(Image.new("RGB", (96, 80), "teal"), "JPEG")
    comment, exif = b"\xff\xfe\0\x02", b"\xff\xe1\0\x02"
    scan = b"\xff\xda\0\x08\x01\x01\0\x01\x3f\x10"
    large = build_progressive(LARGEST, 2)
    yield "jpeg of 12,000 empty scans", lambda: insert_before_end(large, scan * 12_000, 2)
    yield "jpeg of 99 scans of the largest size", lambda: insert_before_end(large, scan * 97, 2)
    yield "jpeg of 6 million comments", lambda: insert_behind_start(jpeg, comment * 6 * MEGA)
    yield "jpeg of 6 million exifs", lambda: insert_behind_start(jpeg, exif * 6 * MEGA)
    yield "jpeg of comments behind a scan", lambda: insert_before_end(jpeg, comment * 6 * MEGA, 2)
    yield (
        "jpeg of fill bytes and stuffing",
        lambda: insert_before_end(jpeg, b"\xff\xff\0" * 8 * MEGA, 2),
    )
    yield "jpeg with arithmetic coding", lambda: jpeg.replace(b"\xff\xc0", b"\xff\xc9", 1)
    yield "jpeg without loss", lambda: jpeg.replace(b"\xff\xc0", b"\xff\xc3", 1)
    yield "gif of 8 million extensions", lambda: build_gif(b"\x21\xfe\0" * 8 * MEGA)
    yield "gif of 12 million blocks", lambda: build_gif(b"\x21\xfe" + b"\x01a" * 12 * MEGA + b"\0")
    yield (
        "gif of extensions before the second frame",
        lambda: insert_before_end(build_gif(), b"\x21\xfe\0" * 8 * MEGA, 1),
    )
    text = build_chunk(b"tEXt", b"a\0b")
    yield "png of 100,000 texts", lambda: build_png(before=[text * 100_000])
    yield "png of 2 million chunks", lambda: build_png(before=[build_chunk(b"tEXt") * 2 * MEGA])
    yield "png of 2 million parts", lambda: build_png(before=[build_chunk(b"IDAT") * 2 * MEGA])
    yield "apng of a million parts", lambda: build_apng(2, MEGA)
    yield "webp of 400,000 frames", lambda: build_animated_webp(400_000)
    yield (
        "webp of 3 million chunks",
        lambda: build_extended_webp([build_riff_chunk(b"ABCD") * 3 * MEGA]),
    )


def build_hard_files() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield files that are read, and are the hardest of their kind within the limits."""
    jpeg = encode(Image.new("RGB", (96, 80), "teal"), "JPEG")
    yield "jpeg of all that scans may be", lambda: build_progressive(LARGEST, 64)
    yield "jpeg of scans without an end", lambda: build_progressive(LARGEST, 21, is_ended=False)
    yield "jpeg of 24 MB of fill bytes", lambda: insert_before_end(jpeg, b"\xff" * 24 * MEGA, 2)
    yield "jpeg of 12 million restarts", lambda: insert_before_end(jpeg, b"\xff\xd1" * 12 * MEGA, 2)
    yield "jpeg with a profile of 100,000 elements", _build_jpeg_of_elements
    yield "png with a profile of 256 MiB", _build_png_of_profile
    yield "png with far more rows than it has", lambda: _build_zeros((96, 80), 2**28)
    yield "png of 16 bits with a key in HDR", _build_deep_png
    yield "gif of 20,000 frames", lambda: build_gif(frames=20_000)
    yield "webp of 20,000 frames", lambda: build_animated_webp(20_000)
    yield "webp without loss of all transforms", lambda: build_lossless_webp(1)
    yield "webp without loss of 2,600 groups", lambda: build_lossless_webp(2600)


def _build_jpeg_of_elements() -> bytes:
    picture = Image.new("RGB", (96, 80), "teal")
    return encode(picture, "JPEG", icc_profile=build_element_profile(100_000))


def _build_png_of_profile() -> bytes:
    zeros = zlib.compress(bytes(2**28), 1)
    return build_png(before=[build_chunk(b"iCCP", b"a\0\0" + zeros)])


def _build_deep_png() -> bytes:
    declared = build_chunk(b"cICP", b"\x09\x10\0\x01"), build_chunk(b"tRNS", bytes(6))
    return _build_zeros(LARGEST, (LARGEST[0] * 6 + 1) * LARGEST[1], 16, declared)


def _build_zeros(
    size: tuple[int, int], length: int, depth: int = 8, before: Sequence[bytes] = ()
) -> bytes:
    data = build_chunk(b"IDAT", zlib.compress(bytes(length), 1))
    return SIGNATURE + build_header(*size, depth) + b"".join(before) + data + build_chunk(b"IEND")
