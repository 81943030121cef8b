from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from bot.domain.geometry import Margins
from bot.errors import ResultUnusable
from bot.images.film.animation import MovieFormat
from bot.images.film.before_after import animate_wipe, draw_pair
from bot.images.seed_format import encode_seed
from tests.support.app_fixture import draw_photograph

MARGINS = Margins(61, 127, 33, 90)
LARGE = 8 * 2**20


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    whole = draw_photograph(903, 701)
    seed = whole.crop((MARGINS.left, MARGINS.top, 903 - MARGINS.right, 701 - MARGINS.bottom))
    (tmp_path / "seed").write_bytes(encode_seed(seed))
    whole.save(tmp_path / "delivered", "PNG")
    return tmp_path / "seed", tmp_path / "delivered"


def test_the_pair_shows_the_original_in_the_same_place_twice(files: tuple[Path, Path]) -> None:
    sheet = Image.open(io.BytesIO(draw_pair(*files, MARGINS, LARGE).data)).convert("RGB")
    assert sheet.height > sheet.width
    half = sheet.height // 2 + 8
    inside = (16 + 100, 16 + 120, 16 + 760, 16 + 650)
    moved = (inside[0], inside[1] - 16 + half, inside[2], inside[3] - 16 + half)
    difference = ImageChops.difference(sheet.crop(inside), sheet.crop(moved))
    assert max(ImageStat.Stat(difference).mean) < 2
    corner = (30, sheet.height // 2 - 40, 80, sheet.height // 2 - 20)
    assert ImageStat.Stat(sheet.crop(corner)).mean[0] < 140


@pytest.mark.parametrize("fmt", [MovieFormat.WEBP, MovieFormat.GIF])
def test_the_wipe_goes_from_before_to_after_and_back(
    files: tuple[Path, Path], fmt: MovieFormat
) -> None:
    movie = animate_wipe(*files, MARGINS, LARGE, fmt)
    image = Image.open(io.BytesIO(movie.data))
    whole = Image.open(files[1]).convert("RGB").resize(image.size)
    gaps = []
    for index in range(getattr(image, "n_frames", 1)):
        image.seek(index)
        gaps.append(max(ImageStat.Stat(ImageChops.difference(image.convert("RGB"), whole)).mean))
    middle = gaps.index(min(gaps))
    assert gaps[middle] < 8 < gaps[0]
    assert gaps[: middle + 1] == sorted(gaps[: middle + 1], reverse=True)
    assert gaps[-1] > gaps[middle]
    assert movie.seconds < 6


def test_both_are_fitted_to_their_limit(files: tuple[Path, Path]) -> None:
    assert len(draw_pair(*files, MARGINS, 30_000).data) <= 30_000
    assert len(animate_wipe(*files, MARGINS, 60_000).data) <= 60_000
    with pytest.raises(ResultUnusable, match="does_not_fit"):
        animate_wipe(*files, MARGINS, 300)


def test_a_sliver_can_be_compared(tmp_path: Path) -> None:
    (tmp_path / "seed").write_bytes(encode_seed(Image.new("RGB", (4000, 64), "red")))
    Image.new("RGB", (4000, 128), "red").save(tmp_path / "delivered", "JPEG")
    made = Margins(bottom=64)
    assert draw_pair(tmp_path / "seed", tmp_path / "delivered", made, LARGE).size.width > 1000
    assert animate_wipe(tmp_path / "seed", tmp_path / "delivered", made, LARGE).size.width > 1000
