"""Orientation tags: whole, damaged, doubled, in Exif, XMP and other places."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from tests.support.images.raw_png import build_chunk
from tests.support.images.shown.colours import Named, spoil
from tests.support.images.shown.patterns import draw_pattern, save_picture

PREFIX = b"Exif\0\0"
Entry = tuple[int, int, int, bytes]
XMP = (
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
    b"xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description "
    b"xmlns:tiff='http://ns.adobe.com/tiff/1.0/' tiff:Orientation='6'/></rdf:RDF></x:xmpmeta>"
)
_HEADER_END = 33
"""Bytes of a PNG file up to the end of its first chunk."""


def pack_tiff(
    entries: Sequence[Entry], order: str = "<", *, start: int = 8, more: int = 0
) -> bytes:
    """Pack one directory; `start` is where it stands, `more` is added to its count."""
    mark = b"II" if order == "<" else b"MM"
    data = mark + struct.pack(order + "HI", 42, start) + bytes(start - 8)
    data += struct.pack(order + "H", len(entries) + more)
    for tag, kind, count, value in entries:
        data += struct.pack(order + "HHI", tag, kind, count) + value.ljust(4, b"\0")[:4]
    return data + bytes(4)


def pack_orientation(value: int, order: str = "<", kind: int = 3, count: int = 1) -> Entry:
    forms = {3: "H", 4: "I", 8: "h", 9: "i"}
    packed = struct.pack(order + forms[kind], value) if kind in forms else bytes((value,))
    return 0x0112, kind, count, b"%d\0" % value if kind == 2 else packed


def build_tiffs() -> dict[str, bytes]:
    six, maker = pack_orientation(6), (0x010F, 2, 4, b"abc\0")
    whole = pack_tiff([six])
    found = {f"value-{value}": pack_tiff([pack_orientation(value)]) for value in range(10)}
    found |= {
        f"kind-{kind}": pack_tiff([pack_orientation(6, kind=kind)]) for kind in (1, 2, 4, 7, 8)
    }
    found |= {f"count-{n}": pack_tiff([pack_orientation(6, count=n)]) for n in (0, 2, 1000)}
    return found | {
        "big-endian": pack_tiff([pack_orientation(8, ">")], ">"),
        "second": pack_tiff([maker, six]),
        "unsorted": pack_tiff([(0x8298, 2, 4, b"abc\0"), six]),
        "twice": pack_tiff([six, pack_orientation(3)]),
        "one-first": pack_tiff([pack_orientation(1), six]),
        "not-tiff": whole.replace(b"\x2a", b"\x2b", 1),
        "further-on": pack_tiff([six], start=20),
        "beyond": whole.replace(struct.pack("<I", 8), struct.pack("<I", 5000), 1),
        "more-promised": pack_tiff([six], more=499),
        "no-next": whole[:-4],
        "cut-value": whole[:-6],
        "no-order": b"XX" + whole[2:],
        "bad-neighbour": pack_tiff([(0x010F, 2, 400_000, struct.pack("<I", 99_999)), six]),
        "bad-gps": pack_tiff([(0x8825, 4, 1, struct.pack("<I", 9999)), six]),
        "empty": b"",
    }


def pack_segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def build_orientation_variants() -> Iterator[Named]:
    jpeg = save_picture(draw_pattern(), "JPEG", quality=95, subsampling=0)
    png = save_picture(draw_pattern(), "PNG")

    def put_jpeg(*segments: bytes) -> bytes:
        return jpeg[:2] + b"".join(segments) + jpeg[2:]

    def put_png(*chunks: bytes) -> bytes:
        return png[:_HEADER_END] + b"".join(chunks) + png[_HEADER_END:]

    for name, tiff in build_tiffs().items():
        yield f"exif-{name}.jpg", put_jpeg(pack_segment(0xE1, PREFIX + tiff))
        yield f"exif-{name}.png", put_png(build_chunk(b"eXIf", tiff))
    six, three = pack_tiff([pack_orientation(6)]), pack_tiff([pack_orientation(3)])
    exif, other = pack_segment(0xE1, PREFIX + six), pack_segment(0xE1, PREFIX + three)
    scan = jpeg.index(b"\xff\xda")
    yield "exif-two.jpg", put_jpeg(exif, other)
    yield "exif-damaged-first.jpg", put_jpeg(pack_segment(0xE1, PREFIX + b"II"), exif)
    yield "exif-behind-xmp.jpg", put_jpeg(pack_segment(0xE1, b"http://x/\0" + XMP), exif)
    yield "exif-other-pad.jpg", put_jpeg(pack_segment(0xE1, b"Exif\0\1" + six))
    yield "exif-short-prefix.jpg", put_jpeg(pack_segment(0xE1, b"Exif\0" + six))
    yield "exif-app2.jpg", put_jpeg(pack_segment(0xE2, PREFIX + six))
    yield "exif-before-scan.jpg", jpeg[:scan] + exif + jpeg[scan:]
    yield "exif-at-end.jpg", jpeg[:-2] + exif + jpeg[-2:]
    chunk = build_chunk(b"eXIf", six)
    yield "exif-two.png", put_png(chunk, build_chunk(b"eXIf", three))
    yield "exif-prefixed.png", put_png(build_chunk(b"eXIf", PREFIX + six))
    yield "exif-spoilt.png", put_png(spoil(chunk))
    yield "exif-at-end.png", png[:-12] + chunk + png[-12:]
    yield "exif-alpha.png", save_picture(draw_pattern("RGBA"), "PNG", exif=PREFIX + six)
    yield "xmp.webp", save_picture(draw_pattern(), "WEBP", lossless=True, xmp=XMP)
    for prefix in (b"", PREFIX):
        webp = save_picture(draw_pattern(), "WEBP", lossless=True, exif=prefix + six)
        yield f"exif-{len(prefix)}.webp", webp
