from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from bot.domain.geometry import Margins, Size, plan
from bot.domain.order import OutputFormat
from bot.errors import ResultUnusable
from bot.images.compose import NOTE_RESCALED, compose, master, provider_image
from bot.images.encode import NOTE_RECODED, NOTE_REDUCED
from bot.images.measure import changed_pixels
from bot.images.seam import REACH
from bot.images.stored import dump
from tests.house import photograph

LARGE = 50_000_000
sides = st.integers(0, 200)


def saved(image: Image.Image, path: Path, fmt: str = "PNG") -> Path:
    image.save(path, fmt)
    return path


def rendered(seed: Image.Image, margins: Margins, shift: int = 0) -> Image.Image:
    """Play the provider: margins of one colour, and the seed's part shifted in brightness."""
    canvas = Image.new(
        "RGB",
        (
            seed.width + margins.left + margins.right,
            seed.height + margins.top + margins.bottom,
        ),
        (90 + shift, 120 + shift, 60 + shift),
    )
    canvas.paste(seed.convert("RGB").point(lambda v: v + shift), (margins.left, margins.top))
    return canvas


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.builds(Margins, sides, sides, sides, sides).filter(lambda m: m.total > 0))
def test_the_original_is_untouched_and_the_size_is_exact(tmp_path: Path, asked: Margins) -> None:
    seed = photograph(96, 80)
    made = plan(Size(96, 80), asked, max_canvas_pixels=LARGE)
    delivery = compose(
        saved(seed, tmp_path / "seed"),
        saved(rendered(seed, made.rendered, shift=11), tmp_path / "raw"),
        made,
        OutputFormat.PNG,
        max_bytes=LARGE,
    )
    assert delivery.size == made.canvas
    assert changed_pixels(tmp_path / "seed", delivery.data, asked) == 0


@settings(
    max_examples=100,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.builds(Margins, sides, sides, sides, sides).filter(lambda m: m.total > 0),
    st.integers(64, 160),
    st.integers(64, 160),
    st.integers(-25, 25),
)
def test_outside_the_feather_nothing_is_changed_and_inside_the_original_nothing_at_all(
    tmp_path: Path, asked: Margins, width: int, height: int, shift: int
) -> None:
    image = photograph(width, height)
    made = plan(Size(width, height), asked, max_canvas_pixels=LARGE)
    raw = rendered(image, made.rendered, shift)
    (tmp_path / "seed").write_bytes(dump(image))
    paths = tmp_path / "seed", saved(raw, tmp_path / "raw")
    delivery = compose(*paths, made, OutputFormat.PNG, max_bytes=LARGE)
    assert changed_pixels(tmp_path / "seed", delivery.data, asked) == 0
    picture = Image.open(io.BytesIO(delivery.data))
    left, top = made.crop.left, made.crop.top
    expected = raw.crop((left, top, left + picture.width, top + picture.height))
    difference = ImageChops.difference(picture, expected)
    feather = (
        max(asked.left - REACH, 0),
        max(asked.top - REACH, 0),
        min(asked.left + width + REACH, picture.width),
        min(asked.top + height + REACH, picture.height),
    )
    difference.paste((0, 0, 0), feather)
    assert difference.getbbox() is None
    # what is delivered as JPEG can be had without loss at any time
    compose(*paths, made, OutputFormat.JPG, max_bytes=LARGE)
    lossless = master(*paths, made)
    assert changed_pixels(tmp_path / "seed", lossless, asked) == 0
    assert Image.open(io.BytesIO(lossless)).tobytes() == picture.tobytes()


def test_no_metadata_of_the_providers_file_is_delivered(tmp_path: Path) -> None:
    seed = photograph()
    made = plan(Size(320, 240), Margins(right=64), max_canvas_pixels=LARGE)
    exif = Image.Exif()
    exif[0x010F] = "canary"
    (tmp_path / "seed").write_bytes(dump(seed))
    for kind in ("JPEG", "PNG", "WEBP"):
        options = {"exif": exif.tobytes(), "icc_profile": b"canary" * 9, "comment": b"canary"}
        rendered(seed, made.rendered, 3).save(tmp_path / "raw", kind, **options)
        for fmt in OutputFormat:
            paths = tmp_path / "seed", tmp_path / "raw"
            delivery = compose(*paths, made, fmt, max_bytes=LARGE)
            assert b"canary" not in delivery.data
            assert not Image.open(io.BytesIO(delivery.data)).getexif()


def test_a_shift_of_colour_is_levelled_in_the_margin_and_fades_out(tmp_path: Path) -> None:
    seed = Image.new("RGB", (200, 200), (100, 100, 100))
    made = plan(Size(200, 200), Margins.uniform(128), max_canvas_pixels=LARGE)
    raw = Image.new("RGB", (456, 456), (120, 120, 120))
    delivery = compose(
        saved(seed, tmp_path / "seed"),
        saved(raw, tmp_path / "raw"),
        made,
        OutputFormat.PNG,
        max_bytes=LARGE,
    )
    picture = Image.open(io.BytesIO(delivery.data)).convert("L")
    row = [picture.getpixel((x, 228)) for x in range(328, 456)]
    column = [picture.getpixel((228, y)) for y in range(127, -1, -1)]
    diagonal = [picture.getpixel((328 + d, 328 + d)) for d in range(128)]
    for line in (row, column, diagonal):
        levels = [value for value in line if isinstance(value, int | float)]
        assert levels[0] <= 102
        assert levels == sorted(levels)
        assert levels[-1] == 120


def test_margins_are_as_rendered_where_the_provider_kept_the_original(tmp_path: Path) -> None:
    seed = photograph()
    made = plan(Size(320, 240), Margins(left=64, bottom=64), max_canvas_pixels=LARGE)
    raw = rendered(seed, made.rendered)
    delivery = compose(
        saved(seed, tmp_path / "seed"),
        saved(raw, tmp_path / "raw"),
        made,
        OutputFormat.PNG,
        max_bytes=LARGE,
    )
    assert Image.open(io.BytesIO(delivery.data)).tobytes() == raw.tobytes()


def test_a_smaller_rendering_is_scaled_up_and_noted(tmp_path: Path) -> None:
    seed = photograph()
    made = plan(Size(320, 240), Margins(right=64), max_canvas_pixels=LARGE)
    raw = rendered(seed, made.rendered).resize((192, 120))
    delivery = compose(
        saved(seed, tmp_path / "seed"),
        saved(raw, tmp_path / "raw"),
        made,
        OutputFormat.PNG,
        max_bytes=LARGE,
    )
    assert (delivery.size, delivery.note) == (Size(384, 240), NOTE_RESCALED)
    assert changed_pixels(tmp_path / "seed", delivery.data, made.delivered) == 0


@pytest.mark.parametrize("size", [(384, 239), (320, 240), (10, 6), (768, 480), (1, 1)])
def test_any_other_size_is_unusable(tmp_path: Path, size: tuple[int, int]) -> None:
    made = plan(Size(320, 240), Margins(right=64), max_canvas_pixels=LARGE)
    seed = saved(photograph(), tmp_path / "seed")
    raw = saved(Image.new("RGB", size), tmp_path / "raw")
    if size == (384, 239):
        # one pixel of rounding at nearly full scale is still the same shape
        assert compose(seed, raw, made, OutputFormat.PNG, max_bytes=LARGE).note == NOTE_RESCALED
        return
    with pytest.raises(ResultUnusable, match="wrong_size"):
        compose(seed, raw, made, OutputFormat.PNG, max_bytes=LARGE)


def test_what_is_no_picture_is_unusable(tmp_path: Path) -> None:
    made = plan(Size(320, 240), Margins(right=64), max_canvas_pixels=LARGE)
    seed = saved(photograph(), tmp_path / "seed")
    (tmp_path / "raw").write_bytes(b"<html>Bad gateway</html>")
    with pytest.raises(ResultUnusable, match="not_an_image"):
        compose(seed, tmp_path / "raw", made, OutputFormat.PNG, max_bytes=LARGE)


def test_transparency_survives_where_the_format_has_it(tmp_path: Path) -> None:
    image = photograph(mode="RGBA")
    made = plan(Size(320, 240), Margins(right=64), max_canvas_pixels=LARGE)
    seed = saved(image, tmp_path / "seed")
    raw = saved(rendered(image, made.rendered), tmp_path / "raw")
    delivery = compose(seed, raw, made, OutputFormat.PNG, max_bytes=LARGE)
    picture = Image.open(io.BytesIO(delivery.data))
    assert picture.crop((0, 0, 320, 240)).tobytes() == image.tobytes()
    assert picture.getchannel("A").crop((320, 0, 384, 240)).getextrema() == (255, 255)
    flat = compose(seed, raw, made, OutputFormat.JPG, max_bytes=LARGE)
    assert Image.open(io.BytesIO(flat.data)).mode == "RGB"


@pytest.mark.parametrize("fmt", list(OutputFormat))
def test_a_result_over_the_upload_limit_steps_down_and_says_so(
    tmp_path: Path, fmt: OutputFormat
) -> None:
    image = Image.effect_noise((320, 240), 90).convert("RGB")
    made = plan(Size(320, 240), Margins(right=64), max_canvas_pixels=LARGE)
    seed = saved(image, tmp_path / "seed")
    raw = saved(rendered(image, made.rendered), tmp_path / "raw")
    notes = set()
    for limit in (90_000, 40_000, 5_000):
        delivery = compose(seed, raw, made, fmt, max_bytes=limit)
        assert len(delivery.data) <= limit
        notes.add(delivery.note)
    assert notes >= {NOTE_REDUCED}
    assert notes <= {NOTE_RECODED, NOTE_REDUCED, ""}


def test_a_limit_that_nothing_meets_is_unusable(tmp_path: Path) -> None:
    image = photograph()
    made = plan(Size(320, 240), Margins(right=64), max_canvas_pixels=LARGE)
    seed = saved(image, tmp_path / "seed")
    raw = saved(rendered(image, made.rendered), tmp_path / "raw")
    with pytest.raises(ResultUnusable, match="does_not_fit"):
        compose(seed, raw, made, OutputFormat.PNG, max_bytes=100)


def test_the_provider_gets_the_picture_lossless_or_as_a_fine_jpeg(tmp_path: Path) -> None:
    seed = saved(photograph(), tmp_path / "seed")
    assert provider_image(seed, LARGE).startswith("data:image/png;base64,")
    assert provider_image(seed, 1000).startswith("data:image/jpeg;base64,")


def test_changed_pixels_are_counted_in_any_channel(tmp_path: Path) -> None:
    seed = photograph()
    hurt = seed.copy()
    for x, channel in ((3, (1, 0, 0)), (7, (0, 0, 1))):
        dot = Image.new("RGB", (1, 1), channel)
        hurt.paste(ImageChops.add_modulo(hurt.crop((x, 5, x + 1, 6)), dot), (x, 5))
    out = io.BytesIO()
    hurt.save(out, "PNG")
    assert changed_pixels(saved(seed, tmp_path / "seed"), out.getvalue(), Margins()) == 2
