"""The mark of AI: read back by the containers' specifications, and without a trace in pixels."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from bot.domain.geometry import Margins, Size
from bot.domain.order import Note, OutputFormat
from bot.domain.plan import Plan
from bot.images.compose import build_master, compose_result
from bot.images.encode import encode_image, encode_to_fit
from bot.images.film.animation import FrameSequence, Movie, MovieFormat, fit_movie
from bot.images.film.before_after import animate_wipe, draw_pair
from bot.images.marking import mark_mp4
from bot.images.seed_format import encode_seed
from bot.images.validation import normalise_seed_image
from tests.support.app_fixture import draw_photograph
from tests.support.images.corpus import LIMITS
from tests.support.images.xmp_reader import read_source_type, read_xmp

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
LARGE = 8 * 2**20
MARGINS = Margins(right=64)


def read_frames(data: bytes) -> list[tuple[bytes, object]]:
    """Return pixels and duration of every frame."""
    with Image.open(io.BytesIO(data)) as image:
        found = []
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            found.append((image.convert("RGBA").tobytes(), image.info.get("duration")))
        return found


def build_movie(fmt: MovieFormat, max_bytes: int = LARGE, *, is_marked: bool) -> Movie:
    whole = draw_photograph(200, 150)
    frames = [whole.crop((i, i, i + 160, i + 120)) for i in range(0, 40, 5)]
    return fit_movie(FrameSequence(frames, 500, 50, 800), fmt, max_bytes, is_marked=is_marked)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("fmt", OutputFormat)
def test_a_picture_is_marked_and_its_pixels_are_the_same(fmt: OutputFormat, mode: str) -> None:
    image = draw_photograph(mode=mode)
    marked, plain = (encode_image(image, fmt, is_marked=each).data for each in (True, False))
    assert read_source_type(marked) == SOURCE_TYPE
    assert read_xmp(plain) is None
    assert read_frames(marked) == read_frames(plain)
    with Image.open(io.BytesIO(marked)) as opened:
        assert SOURCE_TYPE in str(opened.info["xmp"])


@pytest.mark.parametrize("fmt", [MovieFormat.WEBP, MovieFormat.GIF])
def test_a_film_is_marked_and_its_frames_are_the_same(fmt: MovieFormat) -> None:
    marked, plain = (build_movie(fmt, is_marked=each) for each in (True, False))
    assert read_source_type(marked.data) == SOURCE_TYPE
    assert read_xmp(plain.data) is None
    assert read_frames(marked.data) == read_frames(plain.data)
    with Image.open(io.BytesIO(marked.data)) as opened:
        assert opened.info["loop"] == 0
        assert opened.n_frames == 8  # type: ignore[attr-defined] # both formats move


def test_an_mp4_is_marked_behind_everything_that_has_its_place() -> None:
    boxes = b"\0\0\0\x10ftypisom\0\0\2\0" + b"\0\0\0\x0cmdat1234"
    marked = mark_mp4(boxes)
    assert marked.startswith(boxes)
    assert read_source_type(marked) == SOURCE_TYPE
    assert read_xmp(boxes) is None


def test_the_mark_counts_towards_an_upload_limit() -> None:
    image = draw_photograph(400, 300)
    for fmt in OutputFormat:
        whole = encode_image(image, fmt).data
        fitted = encode_to_fit(image, fmt, len(whole), is_marked=True)
        assert len(fitted.data) <= len(whole)
        assert fitted.note is not None
        assert read_source_type(fitted.data) == SOURCE_TYPE
    for kind in (MovieFormat.WEBP, MovieFormat.GIF):
        limit = len(build_movie(kind, is_marked=False).data)
        assert len(build_movie(kind, limit, is_marked=True).data) <= limit


def test_results_masters_and_comparisons_are_marked(tmp_path: Path) -> None:
    photograph = draw_photograph()
    plan = Plan(Size(*photograph.size), MARGINS, MARGINS, MARGINS)
    seed, raw, delivered = (tmp_path / name for name in ("seed", "raw", "delivered"))
    seed.write_bytes(encode_seed(draw_photograph()))
    canvas = photograph.resize((plan.canvas.width, plan.canvas.height))
    canvas.paste(photograph, (0, 0))
    canvas.save(raw, "PNG")
    result = compose_result(seed, raw, plan, OutputFormat.PNG, max_bytes=LARGE, is_marked=True)
    delivered.write_bytes(result.data)
    assert Note.MADE_WITH_AI in result.notes
    files = [
        result.data,
        build_master(seed, raw, plan, is_marked=True),
        draw_pair(seed, delivered, MARGINS, LARGE, is_marked=True).data,
        animate_wipe(seed, delivered, MARGINS, LARGE, is_marked=True).data,
    ]
    assert [read_source_type(data) for data in files] == [SOURCE_TYPE] * 4
    plain = compose_result(seed, raw, plan, OutputFormat.PNG, max_bytes=LARGE, is_marked=False)
    assert Note.MADE_WITH_AI not in plain.notes
    assert read_xmp(plain.data) is None
    assert read_frames(plain.data) == read_frames(result.data)


@pytest.mark.parametrize("fmt", OutputFormat)
def test_a_marked_result_is_a_seed_image_like_any_other(fmt: OutputFormat) -> None:
    image = draw_photograph()
    marked, plain = (
        normalise_seed_image(encode_image(image, fmt, is_marked=each).data, LIMITS)
        for each in (True, False)
    )
    assert marked == plain
    assert b"xmp" not in marked.data.lower()
