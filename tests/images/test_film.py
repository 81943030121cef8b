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
from bot.images.animate import Movie, MovieFormat, Reel, fit_movie
from bot.images.film import Shot, Window, chain, film, windows
from bot.images.movie import find_encoder
from tests.house import photograph

FIRST = Size(256, 192)
STEPS = [Margins(right=128, top=64), Margins(64, 64, 128, 192)]
LARGE = 8 * 2**20
margins = st.builds(Margins, *[st.integers(0, 2048)] * 4).filter(lambda m: m.total > 0)


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> list[Shot]:
    folder = tmp_path_factory.mktemp("chain")
    placed = chain([folder / str(i) for i in range(3)], FIRST, STEPS)
    whole = photograph(round(placed[-1].box.width), round(placed[-1].box.height))
    for shot in placed:
        box = shot.box
        cut = whole.crop((round(box.left), round(box.top), round(box.right), round(box.bottom)))
        cut.save(shot.path, "PNG")
    return placed


def frames(movie: Movie) -> list[Image.Image]:
    image = Image.open(io.BytesIO(movie.data))
    found = []
    for index in range(getattr(image, "n_frames", 1)):
        image.seek(index)
        found.append(image.convert("RGB"))
    return found


def test_a_chain_is_placed_in_the_last_picture() -> None:
    placed = chain([Path("a"), Path("b"), Path("c")], FIRST, STEPS)
    assert [shot.box for shot in placed] == [
        Window(192, 128, 448, 320),
        Window(192, 64, 576, 320),
        Window(0, 0, 640, 448),
    ]


@settings(max_examples=60)
@given(st.builds(Size, st.integers(64, 2000), st.integers(64, 2000)), st.lists(margins, min_size=1))
def test_the_camera_never_leaves_the_picture_and_ends_on_it(
    first: Size, steps: list[Margins]
) -> None:
    steps = steps[:6]
    placed = chain([Path()] * (len(steps) + 1), first, steps)
    way = windows(placed, 40)
    last = placed[-1].box
    assert all(last.holds(window) for window in way)
    assert placed[0].box.holds(way[0])
    shape = way[-1].width / way[-1].height
    assert all(abs(w.width / w.height - shape) < 0.001 * shape for w in way)
    if 0.25 <= last.width / last.height <= 4:
        assert way[-1].holds(last)


def test_the_camera_moves_without_a_jerk() -> None:
    way = windows(chain([Path()] * 3, FIRST, STEPS), 60)
    zooms = [after.width / before.width for before, after in pairwise(way)]
    assert all(zoom >= 1 for zoom in zooms)
    assert all(abs(after - before) < 0.01 for before, after in pairwise(zooms))
    assert zooms[0] < 1.005
    assert zooms[-1] < 1.005


@pytest.mark.parametrize("fmt", [MovieFormat.WEBP, MovieFormat.GIF])
def test_a_film_pulls_back_from_the_first_picture_to_the_last(
    shots: list[Shot], fmt: MovieFormat
) -> None:
    movie = film(shots, fmt, LARGE)
    seen = frames(movie)
    assert len(seen) > 20
    assert {frame.size for frame in seen} == {(movie.size.width, movie.size.height)}
    assert 3 < movie.seconds < 10
    whole = Image.open(shots[-1].path).convert("RGB").resize(seen[-1].size)
    assert _distance(seen[-1], whole) < 12
    start = windows(shots, 10)[0]
    box = (start.left, start.top, start.right, start.bottom)
    near = Image.open(shots[-1].path).convert("RGB").resize(seen[0].size, box=box)
    assert _distance(seen[0], near) < 12


@pytest.mark.parametrize("fmt", [MovieFormat.WEBP, MovieFormat.GIF])
def test_a_movie_is_fitted_to_its_limit(fmt: MovieFormat) -> None:
    whole = photograph(400, 300)
    reel = Reel([whole.crop((i, i, i + 320, i + 240)) for i in range(0, 40, 5)], 500, 50, 500)
    large = fit_movie(reel, fmt, LARGE)
    assert large.size == Size(320, 240)
    for part in (1.2, 2, 6, 12):
        limit = round(len(large.data) / part)
        small = fit_movie(reel, fmt, limit)
        # as much of the limit is used as a ladder of seven steps can use
        assert limit / 6 < len(small.data) <= limit
        assert len(frames(small)) == len(frames(large))
    with pytest.raises(ResultUnusable, match="does_not_fit"):
        fit_movie(reel, fmt, 500)


def test_a_sharper_early_picture_is_used_where_the_last_was_reduced(tmp_path: Path) -> None:
    placed = chain([tmp_path / "a", tmp_path / "b"], Size(512, 512), [Margins.uniform(512)])
    Image.effect_noise((512, 512), 120).convert("RGB").save(placed[0].path, "PNG")
    Image.new("RGB", (192, 192), "gray").save(placed[1].path, "PNG")
    seen = frames(film(placed, MovieFormat.WEBP, LARGE))
    assert ImageStat.Stat(seen[0]).stddev[0] > 20
    assert ImageStat.Stat(seen[-1]).stddev[0] < 2


def test_without_an_encoder_there_is_no_mp4(shots: list[Shot]) -> None:
    with pytest.raises(ResultUnusable, match="no_encoder"):
        film(shots[:2], MovieFormat.MP4, LARGE)


def test_an_encoder_that_fails_is_said_to(shots: list[Shot], tmp_path: Path) -> None:
    broken = tmp_path / "encoder"
    broken.write_text(f"#!{sys.executable}\nraise SystemExit('no such codec')\n")
    broken.chmod(stat.S_IRWXU)
    with pytest.raises(ResultUnusable, match="no such codec"):
        film(shots[:2], MovieFormat.MP4, LARGE, broken)


@pytest.mark.skipif(find_encoder() is None, reason="needs an installed ffmpeg")
def test_an_mp4_is_made_where_ffmpeg_is_installed(shots: list[Shot]) -> None:
    movie = film(shots, MovieFormat.MP4, LARGE, find_encoder())
    assert movie.data[4:8] == b"ftyp"
    assert len(movie.data) <= LARGE


def _distance(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)
