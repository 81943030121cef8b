from __future__ import annotations

import io
import time

import numpy as np
import pytest
from PIL import Image

from sandbox.runware.engine.pixels import SeedUnusableError, decode_seed, encode_pixels
from tests.support.runware.server_fixture import draw_photo, encode_image

SEED = np.asarray(draw_photo(160, 120))


@pytest.mark.parametrize(("file_format", "exact"), [("PNG", True), ("JPG", False), ("WEBP", False)])
def test_results_are_files_of_the_asked_format(file_format: str, *, exact: bool) -> None:
    data = encode_pixels(SEED, file_format=file_format, quality=90)
    image = Image.open(io.BytesIO(data))
    assert image.format == {"JPG": "JPEG"}.get(file_format, file_format)
    assert np.array_equal(np.asarray(image), SEED) is exact


@pytest.mark.parametrize("mode", ["L", "LA", "P", "CMYK", "1", "I;16", "RGBA"])
def test_every_kind_of_pixel_becomes_colour(mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.full((20, 30), 0x8080, np.uint16))
    else:
        image = draw_photo(30, 20).convert(mode)
    data = encode_image(image, "JPEG" if mode == "CMYK" else "PNG")
    pixels = decode_seed(data)
    assert pixels.shape == (20, 30, 4 if mode.endswith("A") else 3)
    assert pixels.dtype == np.uint8
    if mode == "I;16":
        assert (pixels == 0x80).all()


def test_a_picture_is_turned_upright() -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    draw_photo(30, 20).save(out, "JPEG", exif=exif)
    assert decode_seed(out.getvalue()).shape == (30, 20, 3)


UNUSABLE = {
    "nothing": b"",
    "text": b"not a picture",
    "gif": encode_image(draw_photo(), "GIF"),
    "bmp": encode_image(draw_photo(), "BMP"),
    "tiff": encode_image(draw_photo(), "TIFF"),
    "half a png": encode_image(draw_photo(), "PNG")[:-200],
    "half a jpeg": encode_image(draw_photo(), "JPEG")[:-200],
    "half a webp": encode_image(draw_photo(), "WEBP")[:-200],
    "one pixel": encode_image(draw_photo(1, 1)),
    "too narrow": encode_image(draw_photo(7, 100)),
    "too many pixels": encode_image(Image.new("1", (5000, 5000))),
    "a bomb": encode_image(Image.new("1", (12_000, 12_000))),
    "too long": encode_image(Image.new("1", (30_000, 10))),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_is_no_usable_picture_is_refused_at_once(name: str) -> None:
    started = time.process_time()
    with pytest.raises(SeedUnusableError):
        decode_seed(UNUSABLE[name])
    assert time.process_time() - started < 0.5
