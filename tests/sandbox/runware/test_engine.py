"""What holds for every picture that the engine extends."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.domain.geometry import Margins
from sandbox.runware.engine import patches
from sandbox.runware.engine.completion import compiled
from sandbox.runware.engine.completion.complete import MAX_HOLE, reduction
from sandbox.runware.engine.completion.grid import Grid
from tests.runware.bed import encoded, photo

Pixels = NDArray[np.uint8]
SEED = np.asarray(photo(160, 120))
ONE_SIDE = [Margins(64, 0, 0, 0), Margins(0, 64, 0, 0), Margins(0, 0, 64, 0), Margins(0, 0, 0, 64)]
SHAPES = [*ONE_SIDE, Margins.uniform(64), Margins(64, 0, 128, 192)]


def extended(seed: Pixels, margins: Margins, noise_seed: int = 1) -> Pixels:
    work = patches.begin(seed, margins)
    assert work is not None
    return patches.finish(work, noise_seed=noise_seed, progress=lambda _: None)


def inside(canvas: Pixels, seed: Pixels, margins: Margins) -> Pixels:
    height, width = seed.shape[:2]
    return canvas[margins.top : margins.top + height, margins.left : margins.left + width]


@pytest.mark.parametrize("margins", SHAPES, ids=str)
def test_the_interior_is_the_seed_image_bit_for_bit(margins: Margins) -> None:
    made = extended(SEED, margins)
    assert np.array_equal(inside(made, SEED, margins), SEED)
    assert made.shape == (
        120 + margins.top + margins.bottom,
        160 + margins.left + margins.right,
        3,
    )


@pytest.mark.parametrize(
    ("width", "height", "margins"),
    [
        (8, 8, Margins.uniform(64)),
        (8, 200, Margins(64, 0, 0, 64)),
        (201, 9, Margins(0, 0, 128, 0)),
        (24, 120, Margins(64, 64, 0, 0)),
        (31, 17, Margins.uniform(64)),
        (64, 64, Margins(right=2048)),
    ],
)
def test_odd_shapes_keep_their_interior(width: int, height: int, margins: Margins) -> None:
    seed = np.asarray(photo(width, height))
    made = extended(seed, margins)
    assert np.array_equal(inside(made, seed, margins), seed)
    assert made.shape[:2] == (
        height + margins.top + margins.bottom,
        width + margins.left + margins.right,
    )


def test_a_seed_image_too_thin_to_be_searched_is_left_to_the_simple_margin() -> None:
    assert patches.begin(np.asarray(photo(8, 8)), Margins.uniform(2048)) is None


def test_a_translucent_seed_image_keeps_its_alpha_and_gets_an_opaque_margin() -> None:
    seed = np.asarray(photo(96, 80, mode="RGBA")).copy()
    seed[10:40, 20:60, 3] = 7
    made = extended(seed, Margins(64, 0, 0, 64))
    assert np.array_equal(made[64:, 64:], seed)
    assert (made[:64, :, 3] == 255).all()
    assert (made[:, :64, 3] == 255).all()


def test_what_alpha_hides_does_not_bleed_into_the_margin() -> None:
    seed = np.zeros((64, 64, 4), np.uint8)
    seed[16:48, 16:48] = (0, 200, 0, 255)
    seed[:16, :, :3] = (255, 0, 255)
    made = extended(seed, Margins(64, 0, 0, 0))
    assert made[:64, :, 0].max() < 10


def test_grey_stays_grey() -> None:
    seed = np.asarray(photo(120, 90, mode="L").convert("RGB"))
    made = extended(seed, Margins.uniform(64)).astype(int)
    assert (made.max(axis=2) - made.min(axis=2)).max() <= 1


def test_a_flat_image_stays_flat() -> None:
    seed = np.full((64, 64, 3), 117, np.uint8)
    made = extended(seed, Margins.uniform(64)).astype(int)
    assert np.abs(made - 117).max() <= 1


def test_the_same_noise_seed_gives_the_same_bytes_and_another_gives_others() -> None:
    margins = Margins(64, 128, 0, 0)
    one, same, other = (extended(SEED, margins, seed) for seed in (5, 5, 6))
    assert np.array_equal(one, same)
    differs = np.abs(one.astype(int) - other).max(axis=2) > 8
    hole = 1 - SEED.shape[0] * SEED.shape[1] / differs.size
    assert differs.mean() / hole > 0.2


def test_one_thread_and_several_give_the_same_bytes() -> None:
    margins = Margins(64, 128, 64, 64)
    several = extended(SEED, margins)
    threads = compiled.threads()
    compiled.use_threads(1)
    try:
        alone = extended(SEED, margins)
    finally:
        compiled.use_threads(threads)
    assert np.array_equal(several, alone)


def test_results_of_one_study_are_those_of_studies_of_their_own() -> None:
    work = patches.begin(SEED, ONE_SIDE[1])
    assert work is not None
    second = [patches.finish(work, noise_seed=n, progress=lambda _: None) for n in (1, 2)][1]
    assert np.array_equal(second, extended(SEED, ONE_SIDE[1], 2))


def test_a_large_canvas_is_searched_reduced_and_painted_in_full() -> None:
    seed = np.asarray(photo(400, 300))
    margins = Margins(top=0, right=1024, bottom=512, left=0)
    assert reduction(Grid(300, 400, 0, 1024, 0, 512)) > 1
    made = extended(seed, margins)
    assert made.shape == (812, 1424, 3)
    assert np.array_equal(inside(made, seed, margins), seed)


def test_what_is_searched_is_bounded() -> None:
    for side in (64, 512, 2048):
        grid = Grid(side, side, 2048, 2048, 2048, 2048)
        assert grid.hole_area / reduction(grid) ** 2 <= MAX_HOLE


def test_there_is_no_step_at_the_frame_and_no_mirror_behind_it() -> None:
    seed = np.asarray(photo(256, 192))
    made = extended(seed, Margins(0, 128, 0, 0)).astype(float)
    steps = np.abs(np.diff(made, axis=1)).mean(axis=(0, 2))
    assert steps[255] < 1.5 * steps[200:255].mean()
    rng = np.random.default_rng(3)
    noisy = rng.integers(0, 256, (96, 128, 3), np.uint8)
    beyond = extended(noisy, Margins(0, 128, 0, 0))[:, 128 + 16 : 128 + 80].astype(float)
    mirrored = noisy[:, ::-1][:, 16:80].astype(float)
    assert abs(np.corrcoef(beyond.ravel(), mirrored.ravel())[0, 1]) < 0.2


def test_sky_stays_above_and_ground_below() -> None:
    rng = np.random.default_rng(5)
    seed = np.empty((120, 160, 3), np.uint8)
    seed[:70], seed[70:] = (150, 190, 235), (70, 110, 40)
    seed[70:] += rng.integers(0, 30, (50, 160, 1), np.uint8)
    made = extended(seed, Margins.uniform(64)).astype(float)
    above, below = made[:110].mean(axis=(0, 1)), made[160:].mean(axis=(0, 1))
    assert np.abs(above - (150, 190, 235)).max() < 12
    assert np.abs(below - (85, 125, 55)).max() < 12


def test_without_its_libraries_the_simple_margin_is_used_and_named() -> None:
    program = """
import sys
sys.modules["numba"] = None
from bot.domain.geometry import Margins
from sandbox.runware.engine.render import Order, engine, render
made = render(Order(sys.stdin.buffer.read(), Margins(right=64), 1, "PNG", 95))
print(engine(), made.engine, len(made.data) > 0)
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, input=encoded(photo()), capture_output=True, check=True)  # noqa: S603 - our own interpreter
    assert done.stdout.split() == [b"mirror", b"mirror", b"True"]


def test_progress_is_told_and_never_goes_back() -> None:
    told: list[float] = []
    work = patches.begin(SEED, Margins.uniform(64))
    assert work is not None
    patches.finish(work, noise_seed=1, progress=told.append)
    assert told == sorted(told)
    assert 0 < told[0] <= told[-1] <= 1
