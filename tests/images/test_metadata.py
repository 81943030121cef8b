"""Nothing of a file's metadata is in anything that is stored or sent, by the containers' own rules.

Each kind of upload and of the service's file carries a mark in every place that its format has.
"""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from bot.domain.geometry import Margins, Size
from bot.domain.order import OutputFormat
from bot.domain.plan import Plan, plan_expansion
from bot.images.chart import draw_chart
from bot.images.chart_data import Figure, Series
from bot.images.compose import build_master, compose_result, encode_provider_image
from bot.images.film.animation import MovieFormat
from bot.images.film.before_after import animate_wipe, draw_pair
from bot.images.film.film import place_pictures, render_film
from bot.images.film.mp4 import find_encoder
from bot.images.preview import draw_preview, make_stored_thumbnail, make_thumbnail
from bot.images.validation import ImageLimits, normalise_seed_image
from tests.images.test_compose import render_margins
from tests.support.app_fixture import draw_photograph

LIMITS = ImageLimits(50_000_000, 50_000_000, 16, 4096)
LARGE = 100_000_000
MARK: Final = b"canary"
MARGINS = Margins(right=64)


def build_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = exif[0x010F] = exif[0x9286] = MARK.decode()  # description, maker, user comment
    exif.get_ifd(0x8825)[29] = MARK.decode()  # the date of the place
    return exif.tobytes()


def build_profile(*, is_wanted: bool) -> bytes | None:
    """Return sRGB's profile with the mark behind it, as a tool that names its user may write."""
    if not is_wanted:
        return None
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + MARK
    return struct.pack(">I", len(data)) + data[4:]


def encode_jpeg(image: Image.Image, *, has_profile: bool = True) -> bytes:
    out = io.BytesIO()
    options = {
        "exif": build_exif(),
        "icc_profile": build_profile(is_wanted=has_profile),
        "xmp": MARK,
        "dpi": (77, 77),
    }
    image.save(out, "JPEG", comment=MARK, **options)
    iptc = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(MARK)) + MARK
    segment = b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc
    data = out.getvalue()
    return data[:2] + segment + data[2:] + MARK


def encode_png(image: Image.Image, *, has_profile: bool = True) -> bytes:
    texts = PngInfo()
    texts.add_text("Comment", MARK.decode())
    texts.add_text("Author", MARK.decode(), zip=True)
    texts.add_itxt("Title", MARK.decode(), zip=True)
    texts.add_itxt("XML:com.adobe.xmp", MARK.decode())
    out = io.BytesIO()
    options = {
        "exif": build_exif(),
        "icc_profile": build_profile(is_wanted=has_profile),
        "dpi": (77, 77),
    }
    image.save(out, "PNG", pnginfo=texts, **options)
    return out.getvalue() + MARK


def encode_webp(image: Image.Image, *, has_profile: bool = True) -> bytes:
    out = io.BytesIO()
    image.save(
        out,
        "WEBP",
        exif=build_exif(),
        icc_profile=build_profile(is_wanted=has_profile),
        xmp=MARK,
    )
    data = out.getvalue() + b"CANA" + struct.pack("<I", len(MARK)) + MARK
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def encode_gif(image: Image.Image, *, has_profile: bool = True) -> bytes:
    out = io.BytesIO()
    image.save(out, "GIF", comment=MARK, save_all=True, append_images=[image.rotate(90)])
    data = out.getvalue()
    extension = b"\x21\xff\x0bXMP DataXMP" + bytes([len(MARK)]) + MARK + b"\0"
    at = 13 + 3 * 2 ** ((data[10] & 7) + 1)  # behind the global colours
    return data[:at] + extension + data[at:]


UPLOADS: Final[dict[str, Callable[..., bytes]]] = {
    "JPEG": encode_jpeg,
    "PNG": encode_png,
    "WEBP": encode_webp,
    "GIF": encode_gif,
}
SERVICE_FILES = ("JPEG", "PNG", "WEBP")


def iterate_png(data: bytes) -> Iterator[tuple[str, bytes]]:
    at = 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 8].decode(), data[at + 8 : at + 8 + length]
        at += length + 12


def iterate_jpeg(data: bytes) -> Iterator[tuple[str, bytes]]:
    at = 2
    while True:
        marker, length = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        yield f"{marker:02x}", data[at + 4 : at + 2 + length]
        at += length + 2
        if marker == 0xDA:
            break
    end = data.index(b"\xff\xd9", at)
    if end + 2 < len(data):
        yield "tail", data[end + 2 :]


def iterate_riff(data: bytes, at: int = 12) -> Iterator[tuple[str, bytes]]:
    while at < len(data):
        name, length = data[at : at + 4].decode(), struct.unpack_from("<I", data, at + 4)[0]
        yield name, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def iterate_gif(data: bytes) -> Iterator[tuple[str, bytes]]:
    at = 13 + (3 * 2 ** ((data[10] & 7) + 1) if data[10] & 0x80 else 0)
    while data[at] != 0x3B:
        if data[at] == 0x21:
            name, at = f"extension {data[at + 1]:02x}", at + 2
        else:
            flags = data[at + 9]
            name, at = "frame", at + 11 + (3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0)
        start = at
        while data[at]:
            at += data[at] + 1
        at += 1
        yield name, data[start:at]
    if at + 1 < len(data):
        yield "tail", data[at + 1 :]


def iterate_tiff(data: bytes) -> Iterator[tuple[str, bytes]]:
    order = "<" if data[:2] == b"II" else ">"
    (at,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, at)
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        yield str(struct.unpack_from(f"{order}H", data, entry)[0]), data[entry : entry + 12]


ALLOWED: Final[dict[str, set[str]]] = {
    "png": {"IHDR", "IDAT", "IEND", "tRNS", "PLTE"},
    # JFIF, tables, frame, scan
    "jpeg": {"e0", "db", "c0", "c2", "c4", "da", "dd"},
    "webp": {"VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF"},
    "gif": {"frame", "extension f9", "extension ff"},
    # width, height, bits, compression, photometric, strips, samples, rows, counts, planes,
    # predictor, extra samples
    "tiff": {"256", "257", "258", "259", "262", "273", "277", "278", "279", "284", "317", "338"},
}


def list_parts(data: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """Return a file's container and its parts by the container's own structure."""
    if data.startswith(b"\x89PNG"):
        return "png", list(iterate_png(data))
    if data.startswith(b"\xff\xd8"):
        return "jpeg", list(iterate_jpeg(data))
    if data.startswith(b"RIFF"):
        return "webp", list(iterate_riff(data))
    if data.startswith(b"GIF8"):
        return "gif", list(iterate_gif(data))
    assert data[:4] in {b"II*\0", b"MM\0*"}
    return "tiff", list(iterate_tiff(data))


def expect_clean(data: bytes) -> None:
    """Check that a file has no part but its pixels, and the mark nowhere."""
    assert MARK not in data
    container, parts = list_parts(data)
    assert {name for name, _ in parts} <= ALLOWED[container]
    for name, content in parts:
        if name == "extension ff":
            assert content.startswith(b"\x0bNETSCAPE2.0"), "only how often it is repeated"
        if name == "e0":
            assert content[:5] == b"JFIF\0"
            assert content[7:12] == b"\0\0\1\0\1", "no resolution, which tells the device"


def test_the_marks_are_in_the_uploads_and_the_check_finds_them() -> None:
    for encode in UPLOADS.values():
        data = encode(draw_photograph(96, 64))
        parts = list_parts(data)[1]
        marked = {name for name, content in parts if MARK in content or MARK in inflate(content)}
        assert marked
        with pytest.raises(AssertionError):
            expect_clean(data)
        with Image.open(io.BytesIO(data)) as opened:
            opened.load()


def inflate(content: bytes) -> bytes:
    """Return the compressed text behind a name, if there is any."""
    for at in range(min(len(content), 40)):
        try:
            return zlib.decompress(content[at:])
        except zlib.error:
            continue
    return b""


@pytest.mark.parametrize("kind", UPLOADS)
@pytest.mark.parametrize("has_profile", [True, False], ids=["profile", "sRGB"])
@pytest.mark.parametrize("size", [(96, 64), (900, 640)], ids=["small", "large"])
def test_what_is_made_of_an_upload_has_none_of_its_metadata(
    tmp_path: Path, kind: str, size: tuple[int, int], *, has_profile: bool
) -> None:
    data = UPLOADS[kind](draw_photograph(*size), has_profile=has_profile)
    seed, path = normalise_seed_image(data, LIMITS).data, tmp_path / "seed"
    path.write_bytes(seed)
    plan = plan_expansion(Size(*size), MARGINS, max_canvas_pixels=LARGE)
    thumb = make_thumbnail(data, LIMITS)
    outputs = (
        seed,
        thumb.data,
        make_stored_thumbnail(path).data,
        draw_preview(thumb, plan).data,
        base64.b64decode(encode_provider_image(path, LARGE).partition(",")[2]),
        base64.b64decode(encode_provider_image(path, 5_000).partition(",")[2]),
    )
    for output in outputs:
        expect_clean(output)


def make_results(tmp_path: Path, kind: str) -> tuple[Plan, Path, Path]:
    """Return a plan with a marked upload's seed and a marked file of the service, stored."""
    seed, raw = tmp_path / "seed", tmp_path / "raw"
    picture = draw_photograph(160, 120)
    plan = plan_expansion(Size(160, 120), MARGINS, max_canvas_pixels=LARGE)
    seed.write_bytes(normalise_seed_image(UPLOADS["JPEG"](picture), LIMITS).data)
    raw.write_bytes(UPLOADS[kind](render_margins(picture, plan.rendered, 3)))
    return plan, seed, raw


@pytest.mark.parametrize("kind", SERVICE_FILES)
def test_what_is_made_of_the_services_file_has_none_of_its_metadata(
    tmp_path: Path, kind: str
) -> None:
    plan, seed, raw = make_results(tmp_path, kind)
    expect_clean(build_master(seed, raw, plan))
    # also of a file that an older version stored with its metadata
    for stored in (None, *SERVICE_FILES):
        for fmt in OutputFormat:
            result = compose_result(seed, raw, plan, fmt, max_bytes=LARGE)
            expect_clean(result.data)
        path = tmp_path / "delivered"
        with Image.open(io.BytesIO(result.data)) as opened:
            path.write_bytes(result.data if stored is None else UPLOADS[stored](opened))
        expect_clean(draw_pair(seed, path, MARGINS, LARGE).data)
        shots = place_pictures([path, path], Size(224, 120), [MARGINS])
        for movie in MovieFormat:
            if movie is not MovieFormat.MP4:
                expect_clean(animate_wipe(seed, path, MARGINS, LARGE, movie).data)
                expect_clean(render_film(shots, movie, LARGE).data)
            elif (encoder := find_encoder()) is not None:
                assert MARK not in render_film(shots, movie, LARGE, encoder).data


def test_a_chart_is_its_pixels_only() -> None:
    days = tuple(date(2026, 1, 1) + timedelta(days=each) for each in range(3))
    figure = Figure("Pictures", tuple(map(str, days)), (Series("all", (1, 2, 3)),))
    expect_clean(draw_chart([figure]).png)
