from __future__ import annotations

import io
import time

import numpy as np
import pytest
from PIL import Image

from sandbox.runware.engine.pixels import SeedUnusableError, decode, encode
from tests.runware.bed import encoded, photo

SEED = np.asarray(photo(160, 120))


@pytest.mark.parametrize(("file_format", "exact"), [("PNG", True), ("JPG", False), ("WEBP", False)])
def test_results_are_files_of_the_asked_format(file_format: str, *, exact: bool) -> None:
    data = encode(SEED, file_format=file_format, quality=90)
    image = Image.open(io.BytesIO(data))
    assert image.format == {"JPG": "JPEG"}.get(file_format, file_format)
    assert np.array_equal(np.asarray(image), SEED) is exact


@pytest.mark.parametrize("mode", ["L", "LA", "P", "CMYK", "1", "I;16", "RGBA"])
def test_every_kind_of_pixel_becomes_colour(mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.full((20, 30), 0x8080, np.uint16))
    else:
        image = photo(30, 20).convert(mode)
    data = encoded(image, "JPEG" if mode == "CMYK" else "PNG")
    pixels = decode(data)
    assert pixels.shape == (20, 30, 4 if mode.endswith("A") else 3)
    assert pixels.dtype == np.uint8
    if mode == "I;16":
        assert (pixels == 0x80).all()


def test_a_picture_is_turned_upright() -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    photo(30, 20).save(out, "JPEG", exif=exif)
    assert decode(out.getvalue()).shape == (30, 20, 3)


UNUSABLE = {
    "nothing": b"",
    "text": b"not a picture",
    "gif": encoded(photo(), "GIF"),
    "bmp": encoded(photo(), "BMP"),
    "tiff": encoded(photo(), "TIFF"),
    "half a png": encoded(photo(), "PNG")[:-200],
    "half a jpeg": encoded(photo(), "JPEG")[:-200],
    "half a webp": encoded(photo(), "WEBP")[:-200],
    "one pixel": encoded(photo(1, 1)),
    "too narrow": encoded(photo(7, 100)),
    "too many pixels": encoded(Image.new("1", (5000, 5000))),
    "a bomb": encoded(Image.new("1", (12_000, 12_000))),
    "too long": encoded(Image.new("1", (30_000, 10))),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_is_no_usable_picture_is_refused_at_once(name: str) -> None:
    started = time.process_time()
    with pytest.raises(SeedUnusableError):
        decode(UNUSABLE[name])
    assert time.process_time() - started < 0.5
