from __future__ import annotations

import io
import stat
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from bot.domain.geometry import Margins, Size
from bot.errors import ResultUnusable
from bot.images.film.animation import FrameSequence, Movie, MovieFormat, fit_movie
from bot.images.film.film import (
    CameraWindow,
    PlacedPicture,
    compute_camera_path,
    place_pictures,
    render_film,
)
from bot.images.film.mp4 import find_encoder
from tests.support.app_fixture import draw_photograph

FIRST = Size(256, 192)
STEPS = [Margins(right=128, top=64), Margins(64, 64, 128, 192)]
LARGE = 8 * 2**20
margins = st.builds(Margins, *[st.integers(0, 2048)] * 4).filter(lambda m: m.total_pixels > 0)


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> list[PlacedPicture]:
    folder = tmp_path_factory.mktemp("chain")
    placed = place_pictures([folder / str(i) for i in range(3)], FIRST, STEPS)
    whole = draw_photograph(round(placed[-1].box.width), round(placed[-1].box.height))
    for shot in placed:
        box = shot.box
        cut = whole.crop((round(box.left), round(box.top), round(box.right), round(box.bottom)))
        cut.save(shot.path, "PNG")
    return placed


def read_frames(movie: Movie) -> list[Image.Image]:
    image = Image.open(io.BytesIO(movie.data))
    found = []
    for index in range(getattr(image, "n_frames", 1)):
        image.seek(index)
        found.append(image.convert("RGB"))
    return found


def test_a_chain_is_placed_in_the_last_picture() -> None:
    placed = place_pictures([Path("a"), Path("b"), Path("c")], FIRST, STEPS)
    assert [shot.box for shot in placed] == [
        CameraWindow(192, 128, 448, 320),
        CameraWindow(192, 64, 576, 320),
        CameraWindow(0, 0, 640, 448),
    ]


@settings(max_examples=60)
@given(st.builds(Size, st.integers(64, 2000), st.integers(64, 2000)), st.lists(margins, min_size=1))
def test_the_camera_never_leaves_the_picture_and_ends_on_it(
    first: Size, steps: list[Margins]
) -> None:
    steps = steps[:6]
    placed = place_pictures([Path()] * (len(steps) + 1), first, steps)
    way = compute_camera_path(placed, 40)
    last = placed[-1].box
    assert all(last.has_within(window) for window in way)
    assert placed[0].box.has_within(way[0])
    shape = way[-1].width / way[-1].height
    assert all(abs(w.width / w.height - shape) < 0.001 * shape for w in way)
    if 0.25 <= last.width / last.height <= 4:
        assert way[-1].has_within(last)


def test_the_camera_moves_without_a_jerk() -> None:
    way = compute_camera_path(place_pictures([Path()] * 3, FIRST, STEPS), 60)
    zooms = [after.width / before.width for before, after in pairwise(way)]
    assert all(zoom >= 1 for zoom in zooms)
    assert all(abs(after - before) < 0.01 for before, after in pairwise(zooms))
    assert zooms[0] < 1.005
    assert zooms[-1] < 1.005


@pytest.mark.parametrize("fmt", [MovieFormat.WEBP, MovieFormat.GIF])
def test_a_film_pulls_back_from_the_first_picture_to_the_last(
    shots: list[PlacedPicture], fmt: MovieFormat
) -> None:
    movie = render_film(shots, fmt, LARGE)
    seen = read_frames(movie)
    assert len(seen) > 20
    assert {frame.size for frame in seen} == {(movie.size.width, movie.size.height)}
    assert 3 < movie.seconds < 10
    whole = Image.open(shots[-1].path).convert("RGB").resize(seen[-1].size)
    assert _measure_distance(seen[-1], whole) < 12
    start = compute_camera_path(shots, 10)[0]
    box = (start.left, start.top, start.right, start.bottom)
    near = Image.open(shots[-1].path).convert("RGB").resize(seen[0].size, box=box)
    assert _measure_distance(seen[0], near) < 12


@pytest.mark.parametrize("fmt", [MovieFormat.WEBP, MovieFormat.GIF])
def test_a_movie_is_fitted_to_its_limit(fmt: MovieFormat) -> None:
    whole = draw_photograph(400, 300)
    reel = FrameSequence(
        [whole.crop((i, i, i + 320, i + 240)) for i in range(0, 40, 5)], 500, 50, 500
    )
    large = fit_movie(reel, fmt, LARGE)
    assert large.size == Size(320, 240)
    for part in (1.2, 2, 6, 12):
        limit = round(len(large.data) / part)
        small = fit_movie(reel, fmt, limit)
        # as much of the limit is used as a ladder of seven steps can use
        assert limit / 6 < len(small.data) <= limit
        assert len(read_frames(small)) == len(read_frames(large))
    with pytest.raises(ResultUnusable, match="does_not_fit"):
        fit_movie(reel, fmt, 500)


def test_a_sharper_early_picture_is_used_where_the_last_was_reduced(tmp_path: Path) -> None:
    placed = place_pictures(
        [tmp_path / "a", tmp_path / "b"], Size(512, 512), [Margins.from_pixels(512)]
    )
    Image.effect_noise((512, 512), 120).convert("RGB").save(placed[0].path, "PNG")
    Image.new("RGB", (192, 192), "gray").save(placed[1].path, "PNG")
    seen = read_frames(render_film(placed, MovieFormat.WEBP, LARGE))
    assert ImageStat.Stat(seen[0]).stddev[0] > 20
    assert ImageStat.Stat(seen[-1]).stddev[0] < 2


def test_without_an_encoder_there_is_no_mp4(shots: list[PlacedPicture]) -> None:
    with pytest.raises(ResultUnusable, match="no_encoder"):
        render_film(shots[:2], MovieFormat.MP4, LARGE)


def test_an_encoder_that_fails_is_said_to(shots: list[PlacedPicture], tmp_path: Path) -> None:
    broken = tmp_path / "encoder"
    broken.write_text(f"#!{sys.executable}\nraise SystemExit('no such codec')\n")
    broken.chmod(stat.S_IRWXU)
    with pytest.raises(ResultUnusable, match="no such codec"):
        render_film(shots[:2], MovieFormat.MP4, LARGE, broken)


@pytest.mark.skipif(find_encoder() is None, reason="needs an installed ffmpeg")
def test_an_mp4_is_made_where_ffmpeg_is_installed(shots: list[PlacedPicture]) -> None:
    movie = render_film(shots, MovieFormat.MP4, LARGE, find_encoder())
    assert movie.data[4:8] == b"ftyp"
    assert len(movie.data) <= LARGE


def _measure_distance(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)
