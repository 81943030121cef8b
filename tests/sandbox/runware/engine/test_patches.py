"""What holds for every picture that the engine extends."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.domain.geometry import Margins
from sandbox.runware.engine import patches
from sandbox.runware.engine.completion import compiled
from sandbox.runware.engine.completion.complete import MAX_HOLE, get_reduction
from sandbox.runware.engine.completion.grid import Grid
from tests.support.runware.server_fixture import draw_photo, encode_image

Pixels = NDArray[np.uint8]
SEED = np.asarray(draw_photo(96, 72))
ONE_SIDE = [Margins(64, 0, 0, 0), Margins(0, 64, 0, 0), Margins(0, 0, 64, 0), Margins(0, 0, 0, 64)]
CORNER = Margins(64, 64, 0, 0)
ROUND = Margins.from_pixels(64)
SHAPES = [*ONE_SIDE, CORNER, ROUND, Margins(64, 0, 128, 64)]


def extend_seed(seed: Pixels, margins: Margins, noise_seed: int = 1) -> Pixels:
    work = patches.study_seed(seed, margins)
    assert work is not None
    return patches.finish_picture(work, noise_seed=noise_seed, progress=lambda _: None)


@cache
def extend_first(margins: Margins) -> Pixels:
    """Return what most tests look at, made once."""
    return extend_seed(SEED, margins)


def crop_inside(canvas: Pixels, seed: Pixels, margins: Margins) -> Pixels:
    height, width = seed.shape[:2]
    return canvas[margins.top : margins.top + height, margins.left : margins.left + width]


@pytest.mark.parametrize("margins", SHAPES, ids=str)
def test_the_interior_is_the_seed_image_bit_for_bit(margins: Margins) -> None:
    made = extend_first(margins)
    assert np.array_equal(crop_inside(made, SEED, margins), SEED)
    assert made.shape == (
        72 + margins.top + margins.bottom,
        96 + margins.left + margins.right,
        3,
    )


@pytest.mark.parametrize(
    ("width", "height", "margins"),
    [
        (8, 8, ROUND),
        (8, 100, Margins(64, 0, 0, 64)),
        (121, 9, Margins(0, 0, 64, 0)),
        (24, 120, Margins(64, 64, 0, 0)),
        (31, 17, Margins(64, 64, 0, 64)),
        (32, 32, Margins(right=1024)),
    ],
)
def test_odd_shapes_keep_their_interior(width: int, height: int, margins: Margins) -> None:
    seed = np.asarray(draw_photo(width, height))
    made = extend_seed(seed, margins)
    assert np.array_equal(crop_inside(made, seed, margins), seed)
    assert made.shape[:2] == (
        height + margins.top + margins.bottom,
        width + margins.left + margins.right,
    )


def test_a_seed_image_too_thin_to_be_searched_is_left_to_the_simple_margin() -> None:
    assert patches.study_seed(np.asarray(draw_photo(8, 8)), Margins.from_pixels(2048)) is None


def test_a_translucent_seed_image_keeps_its_alpha_and_gets_an_opaque_margin() -> None:
    seed = np.asarray(draw_photo(96, 80, mode="RGBA")).copy()
    seed[10:40, 20:60, 3] = 7
    made = extend_seed(seed, Margins(64, 0, 0, 64))
    assert np.array_equal(made[64:, 64:], seed)
    assert (made[:64, :, 3] == 255).all()
    assert (made[:, :64, 3] == 255).all()


def test_what_alpha_hides_does_not_bleed_into_the_margin() -> None:
    seed = np.zeros((64, 64, 4), np.uint8)
    seed[16:48, 16:48] = (0, 200, 0, 255)
    seed[:16, :, :3] = (255, 0, 255)
    made = extend_seed(seed, Margins(64, 0, 0, 0))
    assert made[:64, :, 0].max() < 10


def test_grey_stays_grey() -> None:
    seed = np.asarray(draw_photo(96, 72, mode="L").convert("RGB"))
    made = extend_seed(seed, ONE_SIDE[1]).astype(int)
    assert (made.max(axis=2) - made.min(axis=2)).max() <= 1


def test_a_flat_image_stays_flat() -> None:
    seed = np.full((64, 64, 3), 117, np.uint8)
    made = extend_seed(seed, CORNER).astype(int)
    assert np.abs(made - 117).max() <= 1


def measure_changed(one: Pixels, other: Pixels, seed: Pixels) -> float:
    """Return the share of the area outside the seed image that differs by more than 8 levels."""
    differs = np.abs(one.astype(int) - other).max(axis=2) > 8
    hole = 1 - seed.shape[0] * seed.shape[1] / differs.size
    return float(differs.mean() / hole)


def test_the_same_noise_seed_gives_the_same_bytes_and_another_gives_other_texture() -> None:
    stones = np.random.default_rng(3).integers(40, 216, (18, 24, 3), np.uint8)
    textured = stones.repeat(4, axis=0).repeat(4, axis=1)
    one, same, other = (extend_seed(textured, CORNER, noise_seed) for noise_seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert measure_changed(one, other, textured) > 0.5


def test_in_a_plain_area_another_noise_seed_gives_other_grain_and_the_same_colours() -> None:
    one, other = extend_first(CORNER), extend_seed(SEED, CORNER, 2)
    assert not np.array_equal(one, other)
    assert measure_changed(one, other, SEED) < 0.2


def test_one_thread_and_several_give_the_same_bytes() -> None:
    several = extend_first(CORNER)
    threads = compiled.count_threads()
    compiled.use_threads(1)
    try:
        alone = extend_seed(SEED, CORNER)
    finally:
        compiled.use_threads(threads)
    assert np.array_equal(several, alone)


def test_results_of_one_study_are_those_of_studies_of_their_own() -> None:
    work = patches.study_seed(SEED, ONE_SIDE[1])
    assert work is not None
    second = [patches.finish_picture(work, noise_seed=n, progress=lambda _: None) for n in (1, 2)][
        1
    ]
    assert np.array_equal(second, extend_seed(SEED, ONE_SIDE[1], 2))


def test_a_large_canvas_is_searched_reduced_and_painted_in_full() -> None:
    seed = np.asarray(draw_photo(400, 300))
    margins = Margins(top=0, right=1024, bottom=256, left=0)
    assert get_reduction(Grid(300, 400, 0, 1024, 0, 256)) > 1
    made = extend_seed(seed, margins)
    assert made.shape == (556, 1424, 3)
    assert np.array_equal(crop_inside(made, seed, margins), seed)


def test_what_is_searched_is_bounded() -> None:
    for side in (64, 512, 2048):
        grid = Grid(side, side, 2048, 2048, 2048, 2048)
        assert grid.hole_area / get_reduction(grid) ** 2 <= MAX_HOLE


def test_there_is_no_step_at_the_frame_and_no_mirror_behind_it() -> None:
    seed = np.asarray(draw_photo(160, 96))
    made = extend_seed(seed, Margins(0, 64, 0, 0)).astype(float)
    steps = np.abs(np.diff(made, axis=1)).mean(axis=(0, 2))
    assert steps[159] < 1.5 * steps[110:159].mean()
    rng = np.random.default_rng(3)
    noisy = rng.integers(0, 256, (96, 128, 3), np.uint8)
    beyond = extend_seed(noisy, Margins(0, 128, 0, 0))[:, 128 + 16 : 128 + 80].astype(float)
    mirrored = noisy[:, ::-1][:, 16:80].astype(float)
    assert abs(np.corrcoef(beyond.ravel(), mirrored.ravel())[0, 1]) < 0.2


def test_sky_stays_above_and_ground_below() -> None:
    rng = np.random.default_rng(5)
    seed = np.empty((72, 96, 3), np.uint8)
    seed[:40], seed[40:] = (150, 190, 235), (70, 110, 40)
    seed[40:] += rng.integers(0, 30, (32, 96, 1), np.uint8)
    made = extend_seed(seed, ROUND).astype(float)
    above, below = made[:90].mean(axis=(0, 1)), made[120:].mean(axis=(0, 1))
    assert np.abs(above - (150, 190, 235)).max() < 12
    assert np.abs(below - (85, 125, 55)).max() < 12


def test_a_thin_layer_goes_on_straight_beside_the_frame() -> None:
    rng = np.random.default_rng(7)
    sky, sea, sand = (120, 160, 230), (20, 60, 120), (230, 220, 190)
    seed = np.empty((96, 96, 3), np.uint8)
    seed[:50], seed[50:66], seed[66:] = sky, sea, sand
    seed += rng.integers(0, 8, (96, 96, 1), np.uint8)
    beyond = extend_seed(seed, Margins(left=64))[:, :48].astype(int)
    for rows, colour in ((slice(0, 44), sky), (slice(55, 61), sea), (slice(72, 96), sand)):
        assert np.abs(beyond[rows].mean(axis=(0, 1)) - colour).max() < 40


def test_a_narrow_thing_that_the_frame_cuts_does_not_fill_the_margin_below() -> None:
    seed = np.full((72, 96, 3), (150, 190, 235), np.uint8)
    seed[30:, 44:52] = (90, 20, 10)
    below = extend_seed(seed, Margins(bottom=64))[96:].astype(int)
    assert np.abs(below - (150, 190, 235)).max(axis=2).mean() < 10


def test_without_its_libraries_the_simple_margin_is_used_and_named() -> None:
    program = """
import sys
sys.modules["numba"] = None
from bot.domain.geometry import Margins
from sandbox.runware.engine.render import RenderOrder, choose_engine, render_order
made = render_order(RenderOrder(sys.stdin.buffer.read(), Margins(right=64), 1, "PNG", 95))
print(choose_engine(), made.engine, len(made.data) > 0)
"""
    command = [sys.executable, "-c", program]
    photo = encode_image(draw_photo())
    done = subprocess.run(command, input=photo, capture_output=True, check=True)  # noqa: S603 - our own interpreter
    assert done.stdout.split() == [b"mirror", b"mirror", b"True"]


def test_progress_is_reported_and_never_goes_back() -> None:
    told: list[float] = []
    work = patches.study_seed(SEED, ONE_SIDE[0])
    assert work is not None
    patches.finish_picture(work, noise_seed=1, progress=told.append)
    assert told == sorted(told)
    assert 0 < told[0] <= told[-1] <= 1
