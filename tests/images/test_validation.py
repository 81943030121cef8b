from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageCms

from bot.domain.geometry import Size
from bot.domain.order import Note, OutputFormat
from bot.errors import ImageReason, ImageRefused
from bot.images.validation import (
    ImageLimits,
    SeedImage,
    normalise_seed_image,
)
from tests.support.app_fixture import draw_photograph
from tests.support.images.heavy_jpegs import build_endless_jpegs

LIMITS = ImageLimits(max_bytes=2_000_000, max_pixels=4_000_000, min_side=64, max_side=4000)

PIXEL_TAGS = {256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 317, 338}
"""TIFF's tags of size, depth, compression and layout: what a reader needs, and no more."""


def encode_image(image: Image.Image, fmt: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, fmt, **options)
    return out.getvalue()


def open_seed(seed: SeedImage) -> Image.Image:
    return Image.open(io.BytesIO(seed.data))


def catch_refusal(data: bytes) -> ImageRefused:
    with pytest.raises(ImageRefused) as caught:
        normalise_seed_image(data, LIMITS)
    return caught.value


@pytest.mark.parametrize(
    ("fmt", "delivered"),
    [
        ("JPEG", OutputFormat.JPG),
        ("PNG", OutputFormat.PNG),
        ("WEBP", OutputFormat.WEBP),
        ("GIF", OutputFormat.PNG),
    ],
)
def test_every_allowed_format_becomes_plain_colour(fmt: str, delivered: OutputFormat) -> None:
    seed = normalise_seed_image(encode_image(draw_photograph(), fmt), LIMITS)
    assert seed.size == Size(320, 240)
    assert seed.format is delivered
    assert open_seed(seed).mode == "RGB"


def test_lossless_pixels_pass_unchanged() -> None:
    image = draw_photograph()
    seed = normalise_seed_image(encode_image(image, "PNG"), LIMITS)
    assert open_seed(seed).tobytes() == image.tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_is_set_upright_and_its_metadata_is_gone(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretMaker"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    seed = normalise_seed_image(encode_image(draw_photograph(), "JPEG", exif=exif), LIMITS)
    assert seed.size == (Size(240, 320) if orientation > 4 else Size(320, 240))
    assert b"SecretMaker" not in seed.data
    assert set(open_seed(seed).getexif()) <= PIXEL_TAGS


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK", "I;16", "LA", "RGBA"])
def test_every_mode_becomes_eight_bit_colour(mode: str) -> None:
    image = draw_photograph(mode="RGBA" if mode in {"LA", "RGBA"} else "RGB")
    deep = Image.new("I;16", (320, 240), 40_000)
    image = deep if mode == "I;16" else image.convert(mode)
    seed = normalise_seed_image(encode_image(image, "JPEG" if mode == "CMYK" else "PNG"), LIMITS)
    assert open_seed(seed).mode == ("RGBA" if mode in {"LA", "RGBA"} else "RGB")
    if mode == "I;16":
        assert open_seed(seed).getpixel((0, 0)) == (156, 156, 156)


def test_transparency_is_preserved_and_noted_and_full_opacity_is_not_transparency() -> None:
    seed = normalise_seed_image(encode_image(draw_photograph(mode="RGBA"), "PNG"), LIMITS)
    assert seed.notes == (Note.TRANSPARENT,)
    opaque = draw_photograph()
    opaque.putalpha(255)
    assert normalise_seed_image(encode_image(opaque, "PNG"), LIMITS).notes == ()


def test_an_animation_gives_its_first_frame_and_says_so() -> None:
    red, blue = Image.new("RGB", (100, 100), "red"), Image.new("RGB", (100, 100), "blue")
    for fmt in ("GIF", "WEBP", "PNG"):
        data = encode_image(red, fmt, save_all=True, append_images=[blue], lossless=True)
        seed = normalise_seed_image(data, LIMITS)
        assert seed.notes[0] is Note.FIRST_FRAME
        assert open_seed(seed).convert("RGB").getpixel((50, 50)) == (255, 0, 0)


def test_a_colour_profile_is_applied_and_dropped() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for data in (
        encode_image(draw_photograph(), "PNG", icc_profile=profile),
        encode_image(draw_photograph(), "PNG", icc_profile=b"not a profile"),
    ):
        seed = normalise_seed_image(data, LIMITS)
        assert "icc_profile" not in open_seed(seed).info


def test_a_picture_over_the_byte_cap_is_refused_with_both_numbers() -> None:
    error = catch_refusal(b"\x89PNG" + bytes(LIMITS.max_bytes))
    assert (error.reason, error.found, error.limit) == ("too_many_bytes", "1.9 MiB", "1.9 MiB")


def test_a_picture_over_the_pixel_cap_is_refused_by_its_header() -> None:
    error = catch_refusal(encode_image(Image.new("L", (3000, 3000)), "PNG"))
    assert (error.reason, error.found) == ("too_many_pixels", "3000x3000")


@pytest.mark.parametrize("size", [(1, 1), (63, 500), (500, 1)])
def test_a_picture_with_a_short_side_is_refused(size: tuple[int, int]) -> None:
    assert catch_refusal(encode_image(Image.new("RGB", size), "PNG")).reason == "too_small"


PROGRESSIVE = encode_image(Image.new("RGB", (100, 80), "teal"), "JPEG", progressive=True)


@pytest.mark.parametrize(("name", "data"), [*build_endless_jpegs(PROGRESSIVE)])
def test_a_picture_that_would_take_minutes_to_decode_is_refused(name: str, data: bytes) -> None:
    assert catch_refusal(data).reason is ImageReason.TOO_HARD, name


def test_what_stands_behind_a_picture_does_not_count_as_its_scans() -> None:
    seed = normalise_seed_image(PROGRESSIVE + b"\xff\xda" * 5000, LIMITS)
    assert seed.size == Size(100, 80)


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    data = (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(header))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + b"\x00\x00\x00\x00IEND\xaeB`\x82"
    )
    assert catch_refusal(data).reason == "too_many_pixels"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"BM" + bytes(100),
        b"\x00" * 1000,
    ],
)
def test_what_is_no_allowed_picture_is_refused(data: bytes) -> None:
    assert catch_refusal(data).reason == "not_an_image"


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_cut_off_anywhere_is_refused(fmt: str) -> None:
    whole = encode_image(draw_photograph(), fmt)
    for part in (0.05, 0.3, 0.6, 0.95):
        assert catch_refusal(whole[: int(len(whole) * part)]).reason in {"broken", "not_an_image"}


def test_flipped_bytes_never_raise_anything_but_a_refusal() -> None:
    whole = bytearray(encode_image(draw_photograph(), "PNG"))
    for position in range(8, len(whole), 997):
        hurt = whole.copy()
        hurt[position] ^= 0xFF
        try:
            normalise_seed_image(bytes(hurt), LIMITS)
        except ImageRefused:
            continue
