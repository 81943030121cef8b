"""What a picture is made of is read from its pixels, however it is encoded, scaled or arranged."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.support.walks.picture_codes import CODES, encode_picture, read_codes


def draw_picture(*codes: int) -> Image.Image:
    """Draw areas of these codes side by side."""
    whole = Image.new("RGB", (64 * len(codes), 64))
    for at, code in enumerate(codes):
        whole.paste(Image.open(io.BytesIO(encode_picture(code, (64, 64)))), (64 * at, 0))
    return whole


def encode(image: Image.Image, file_format: str, **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


def test_every_code_is_read() -> None:
    assert len(CODES) == 210
    assert all(read_codes(encode_picture(code, (64, 64))) == {code} for code in CODES)


@pytest.mark.parametrize(
    ("file_format", "quality"), [("PNG", 0), ("JPEG", 75), ("JPEG", 95), ("WEBP", 80)]
)
def test_codes_outlive_lossy_encodings(file_format: str, quality: int) -> None:
    for at in range(0, 200, 10):
        codes = CODES[at], CODES[-1 - at], CODES[(at * 7 + 50) % len(CODES)]
        assert read_codes(encode(draw_picture(*codes), file_format, quality=quality)) >= {*codes}


@pytest.mark.parametrize("scale", [0.5, 0.8, 1.7])
def test_codes_outlive_scaling(scale: float) -> None:
    codes = CODES[5], CODES[120], CODES[200]
    image = draw_picture(*codes)
    smaller = image.resize((round(image.width * scale), round(image.height * scale)))
    assert read_codes(encode(smaller, "JPEG", quality=85)) >= {*codes}


def test_a_films_frames_are_all_read() -> None:
    frames = [draw_picture(CODES[at]) for at in (3, 60, 90)]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert read_codes(out.getvalue()) == {CODES[3], CODES[60], CODES[90]}


def test_greys_are_nobodys() -> None:
    assert read_codes(encode(Image.linear_gradient("L").convert("RGB"), "PNG")) == frozenset()
