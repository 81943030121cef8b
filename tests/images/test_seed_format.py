"""The form in which seed images are kept: exact for every picture, quick for every picture."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageOps, PngImagePlugin

from bot.images.seed_format import encode_seed, load_seed
from bot.images.validation import ImageLimits, normalise_seed_image

COMPRESSION, LZW, ZSTD = 259, 5, 50000
LARGE = (2_300, 1_800)


def draw_grainy(size: tuple[int, int], sigma: float, mode: str) -> Image.Image:
    noise = Image.effect_noise(size, sigma)
    turns = (noise, noise.transpose(Image.Transpose.ROTATE_180), ImageOps.flip(noise), noise)
    return Image.merge(mode, turns[: len(mode)])


@pytest.mark.parametrize(
    ("size", "sigma", "mode", "method"),
    [
        ((640, 480), 1.0, "RGB", ZSTD),
        (LARGE, 1.0, "RGB", LZW),
        (LARGE, 1.0, "RGBA", LZW),
        (LARGE, 40.0, "RGBA", ZSTD),
    ],
)
def test_pixels_are_stored_by_the_method_that_is_quick_for_them(
    tmp_path: Path, size: tuple[int, int], sigma: float, mode: str, method: int
) -> None:
    image = draw_grainy(size, sigma, mode)
    path = tmp_path / "seed"
    path.write_bytes(encode_seed(image.copy()))
    with Image.open(path) as kept:
        assert kept.getexif()[COMPRESSION] == method
    assert load_seed(path).tobytes() == image.tobytes()


def test_the_same_picture_is_always_the_same_bytes() -> None:
    image = draw_grainy(LARGE, 1.0, "RGB")
    assert encode_seed(image.copy()) == encode_seed(image.copy())


def test_colours_below_transparency_pass_unchanged_and_words_do_not() -> None:
    image = draw_grainy((200, 100), 60.0, "RGBA")
    out = io.BytesIO()
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "secret")
    image.save(out, "PNG", pnginfo=words)
    seed = normalise_seed_image(out.getvalue(), ImageLimits(10**7, 10**6, 16, 4000))
    assert Image.open(io.BytesIO(seed.data)).tobytes() == image.tobytes()
    assert b"secret" not in seed.data
