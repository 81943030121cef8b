from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from bot.domain.geometry import Margins, Size
from bot.domain.order import Note, OutputFormat
from bot.domain.plan import plan_expansion
from bot.errors import ResultUnusable
from bot.images.compose import build_master, compose_result, encode_provider_image
from bot.images.pixel_diff import count_changed_pixels
from bot.images.seam import FADE_PIXELS
from bot.images.seed_format import encode_seed
from tests.support.app_fixture import draw_photograph
from tests.support.images.raw_png import SIGNATURE, build_chunk, build_header

LARGE = 50_000_000
sides = st.integers(0, 200)


def save_image(image: Image.Image, path: Path, fmt: str = "PNG") -> Path:
    image.save(path, fmt)
    return path


def render_margins(seed: Image.Image, margins: Margins, shift: int = 0) -> Image.Image:
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
@given(st.builds(Margins, sides, sides, sides, sides).filter(lambda m: m.total_pixels > 0))
def test_the_original_is_untouched_and_the_size_is_exact(tmp_path: Path, asked: Margins) -> None:
    seed = draw_photograph(96, 80)
    made = plan_expansion(Size(96, 80), asked, max_canvas_pixels=LARGE)
    delivery = compose_result(
        save_image(seed, tmp_path / "seed"),
        save_image(render_margins(seed, made.rendered, shift=11), tmp_path / "raw"),
        made,
        OutputFormat.PNG,
        max_bytes=LARGE,
    )
    assert delivery.size == made.canvas
    assert count_changed_pixels(tmp_path / "seed", delivery.data, asked) == 0


@settings(
    max_examples=100,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.builds(Margins, sides, sides, sides, sides).filter(lambda m: m.total_pixels > 0),
    st.integers(64, 160),
    st.integers(64, 160),
    st.integers(-25, 25),
)
def test_outside_the_feather_nothing_is_changed_and_inside_the_original_nothing_at_all(
    tmp_path: Path, asked: Margins, width: int, height: int, shift: int
) -> None:
    image = draw_photograph(width, height)
    made = plan_expansion(Size(width, height), asked, max_canvas_pixels=LARGE)
    raw = render_margins(image, made.rendered, shift)
    (tmp_path / "seed").write_bytes(encode_seed(image))
    paths = tmp_path / "seed", save_image(raw, tmp_path / "raw")
    delivery = compose_result(*paths, made, OutputFormat.PNG, max_bytes=LARGE)
    assert count_changed_pixels(tmp_path / "seed", delivery.data, asked) == 0
    picture = Image.open(io.BytesIO(delivery.data))
    left, top = made.rendered.left - asked.left, made.rendered.top - asked.top
    expected = raw.crop((left, top, left + picture.width, top + picture.height))
    difference = ImageChops.difference(picture, expected)
    feather = (
        max(asked.left - FADE_PIXELS, 0),
        max(asked.top - FADE_PIXELS, 0),
        min(asked.left + width + FADE_PIXELS, picture.width),
        min(asked.top + height + FADE_PIXELS, picture.height),
    )
    difference.paste((0, 0, 0), feather)
    assert difference.getbbox() is None
    # what is delivered as JPEG can be had without loss at any time
    compose_result(*paths, made, OutputFormat.JPG, max_bytes=LARGE)
    lossless = build_master(*paths, made)
    assert count_changed_pixels(tmp_path / "seed", lossless, asked) == 0
    assert Image.open(io.BytesIO(lossless)).tobytes() == picture.tobytes()


def test_no_metadata_of_the_providers_file_is_delivered(tmp_path: Path) -> None:
    seed = draw_photograph()
    made = plan_expansion(Size(320, 240), Margins(right=64), max_canvas_pixels=LARGE)
    exif = Image.Exif()
    exif[0x010F] = "canary"
    (tmp_path / "seed").write_bytes(encode_seed(seed))
    for kind in ("JPEG", "PNG", "WEBP"):
        options = {"exif": exif.tobytes(), "icc_profile": b"canary" * 9, "comment": b"canary"}
        render_margins(seed, made.rendered, 3).save(tmp_path / "raw", kind, **options)
        for fmt in OutputFormat:
            paths = tmp_path / "seed", tmp_path / "raw"
            delivery = compose_result(*paths, made, fmt, max_bytes=LARGE)
            assert b"canary" not in delivery.data
            assert not Image.open(io.BytesIO(delivery.data)).getexif()


def test_a_shift_of_colour_is_levelled_in_the_margin_and_fades_out(tmp_path: Path) -> None:
    seed = Image.new("RGB", (200, 200), (100, 100, 100))
    made = plan_expansion(Size(200, 200), Margins.from_pixels(128), max_canvas_pixels=LARGE)
    raw = Image.new("RGB", (456, 456), (120, 120, 120))
    delivery = compose_result(
        save_image(seed, tmp_path / "seed"),
        save_image(raw, tmp_path / "raw"),
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


def test_margins_are_as_rendered_where_the_provider_preserved_the_original(tmp_path: Path) -> None:
    seed = draw_photograph()
    made = plan_expansion(Size(320, 240), Margins(left=64, bottom=64), max_canvas_pixels=LARGE)
    raw = render_margins(seed, made.rendered)
    delivery = compose_result(
        save_image(seed, tmp_path / "seed"),
        save_image(raw, tmp_path / "raw"),
        made,
        OutputFormat.PNG,
        max_bytes=LARGE,
    )
    assert Image.open(io.BytesIO(delivery.data)).tobytes() == raw.tobytes()


def test_a_smaller_rendering_is_scaled_up_and_noted(tmp_path: Path) -> None:
    seed = draw_photograph()
    made = plan_expansion(Size(320, 240), Margins(right=64), max_canvas_pixels=LARGE)
    raw = render_margins(seed, made.rendered).resize((192, 120))
    delivery = compose_result(
        save_image(seed, tmp_path / "seed"),
        save_image(raw, tmp_path / "raw"),
        made,
        OutputFormat.PNG,
        max_bytes=LARGE,
    )
    assert (delivery.size, delivery.notes) == (Size(384, 240), (Note.RESCALED,))
    assert count_changed_pixels(tmp_path / "seed", delivery.data, made.delivered) == 0


@pytest.mark.parametrize("size", [(10, 6), (769, 481), (1, 1), (9000, 9000)])
def test_a_size_that_cannot_be_the_canvas_is_unusable(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    made = plan_expansion(Size(320, 240), Margins(right=64), max_canvas_pixels=LARGE)
    seed = save_image(draw_photograph(), tmp_path / "seed")
    (tmp_path / "raw").write_bytes(
        SIGNATURE + build_header(*size) + build_chunk(b"IDAT")
    )  # refused by its header alone
    with pytest.raises(ResultUnusable, match="wrong_size"):
        compose_result(seed, tmp_path / "raw", made, OutputFormat.PNG, max_bytes=LARGE)


def test_the_seed_image_returned_alone_has_no_margins(tmp_path: Path) -> None:
    image = draw_photograph()
    made = plan_expansion(Size(320, 240), Margins(right=64), max_canvas_pixels=LARGE)
    paths = save_image(image, tmp_path / "seed"), save_image(image, tmp_path / "raw")
    with pytest.raises(ResultUnusable, match="no_margins"):
        compose_result(*paths, made, OutputFormat.PNG, max_bytes=LARGE)


def test_what_is_no_picture_is_unusable(tmp_path: Path) -> None:
    made = plan_expansion(Size(320, 240), Margins(right=64), max_canvas_pixels=LARGE)
    seed = save_image(draw_photograph(), tmp_path / "seed")
    (tmp_path / "raw").write_bytes(b"<html>Bad gateway</html>")
    with pytest.raises(ResultUnusable, match="not_an_image"):
        compose_result(seed, tmp_path / "raw", made, OutputFormat.PNG, max_bytes=LARGE)


def test_transparency_survives_where_the_format_has_it(tmp_path: Path) -> None:
    image = draw_photograph(mode="RGBA")
    made = plan_expansion(Size(320, 240), Margins(right=64), max_canvas_pixels=LARGE)
    seed = save_image(image, tmp_path / "seed")
    raw = save_image(render_margins(image, made.rendered), tmp_path / "raw")
    delivery = compose_result(seed, raw, made, OutputFormat.PNG, max_bytes=LARGE)
    picture = Image.open(io.BytesIO(delivery.data))
    assert picture.crop((0, 0, 320, 240)).tobytes() == image.tobytes()
    assert picture.getchannel("A").crop((320, 0, 384, 240)).getextrema() == (255, 255)
    flat = compose_result(seed, raw, made, OutputFormat.JPG, max_bytes=LARGE)
    assert Image.open(io.BytesIO(flat.data)).mode == "RGB"


@pytest.mark.parametrize("fmt", list(OutputFormat))
def test_a_result_over_the_upload_limit_steps_down_and_says_so(
    tmp_path: Path, fmt: OutputFormat
) -> None:
    image = Image.effect_noise((320, 240), 90).convert("RGB")
    made = plan_expansion(Size(320, 240), Margins(right=64), max_canvas_pixels=LARGE)
    seed = save_image(image, tmp_path / "seed")
    raw = save_image(render_margins(image, made.rendered), tmp_path / "raw")
    notes = set()
    for limit in (90_000, 40_000, 5_000):
        delivery = compose_result(seed, raw, made, fmt, max_bytes=limit)
        assert len(delivery.data) <= limit
        notes.add(delivery.notes)
    assert notes >= {(Note.REDUCED,)}
    assert notes <= {(Note.RECODED,), (Note.REDUCED,), ()}


def test_a_limit_that_nothing_meets_is_unusable(tmp_path: Path) -> None:
    image = draw_photograph()
    made = plan_expansion(Size(320, 240), Margins(right=64), max_canvas_pixels=LARGE)
    seed = save_image(image, tmp_path / "seed")
    raw = save_image(render_margins(image, made.rendered), tmp_path / "raw")
    with pytest.raises(ResultUnusable, match="does_not_fit"):
        compose_result(seed, raw, made, OutputFormat.PNG, max_bytes=100)


def test_the_provider_gets_the_picture_lossless_or_as_a_fine_jpeg(tmp_path: Path) -> None:
    seed = save_image(draw_photograph(), tmp_path / "seed")
    assert encode_provider_image(seed, LARGE).startswith("data:image/png;base64,")
    assert encode_provider_image(seed, 1000).startswith("data:image/jpeg;base64,")


def test_the_provider_gets_the_picture_at_the_size_of_the_plan(tmp_path: Path) -> None:
    image = draw_photograph(320, 240)
    seed = save_image(image, tmp_path / "seed")
    sent = encode_provider_image(seed, LARGE, Size(160, 112))
    shown = Image.open(io.BytesIO(base64.b64decode(sent.partition(",")[2])))
    assert shown.size == (160, 112)
    # by another filter, which differs at sharp edges alone
    other = image.resize((160, 112), Image.Resampling.BOX)
    assert max(ImageStat.Stat(ImageChops.difference(shown, other)).mean) < 4
    assert encode_provider_image(seed, LARGE, Size(320, 240)) == encode_provider_image(seed, LARGE)


def test_changed_pixels_are_counted_in_any_channel(tmp_path: Path) -> None:
    seed = draw_photograph()
    hurt = seed.copy()
    for x, channel in ((3, (1, 0, 0)), (7, (0, 0, 1))):
        dot = Image.new("RGB", (1, 1), channel)
        hurt.paste(ImageChops.add_modulo(hurt.crop((x, 5, x + 1, 6)), dot), (x, 5))
    out = io.BytesIO()
    hurt.save(out, "PNG")
    assert count_changed_pixels(save_image(seed, tmp_path / "seed"), out.getvalue(), Margins()) == 2
