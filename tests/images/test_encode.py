from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.domain.geometry import Size
from bot.domain.order import Note, OutputFormat
from bot.errors import ResultUnusable
from bot.images.encode import encode_image, encode_to_fit
from tests.support.app_fixture import draw_photograph


@pytest.mark.parametrize(
    ("fmt", "mode"),
    [(fmt, "RGB") for fmt in OutputFormat] + [(OutputFormat.PNG, "RGBA")],
)
def test_a_large_picture_uses_what_its_limit_allows(fmt: OutputFormat, mode: str) -> None:
    image = draw_photograph(2400, 1700, mode)
    whole = len(encode_image(image, fmt).data)
    for part in (0.9, 4):
        limit = round(whole / part)
        encoded = encode_to_fit(image, fmt, limit)
        assert len(encoded.data) <= limit
        assert Image.open(io.BytesIO(encoded.data)).size == (
            encoded.size.width,
            encoded.size.height,
        )
        if part < 1:
            assert (encoded.note, encoded.format) == (None, fmt)
        if encoded.size == Size(2400, 1700) and part > 1:
            assert encoded.note is Note.RECODED


def test_a_side_that_webp_cannot_hold_is_delivered_smaller() -> None:
    encoded = encode_to_fit(Image.new("RGB", (20_000, 64), "teal"), OutputFormat.WEBP, 10**6)
    assert (encoded.size, encoded.note) == (Size(15_000, 48), Note.REDUCED)


def test_nothing_fits_into_nothing() -> None:
    with pytest.raises(ResultUnusable, match="does_not_fit"):
        encode_to_fit(draw_photograph(2400, 1700), OutputFormat.PNG, 1000)
