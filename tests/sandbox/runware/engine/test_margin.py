from __future__ import annotations

import time

import numpy as np
import pytest

from bot.domain.geometry import Margins, Size
from sandbox.runware.engine.canvas import Canvas
from sandbox.runware.engine.grain import CAP, grain_strength
from sandbox.runware.engine.margin import outpaint
from tests.support.runware.server_fixture import draw_photo

SEED = np.asarray(draw_photo(160, 120))
SHAPES = [
    Margins(0, 64, 0, 0),
    Margins(64, 0, 0, 0),
    Margins(0, 0, 0, 512),
    Margins.from_pixels(64),
    Margins(64, 128, 192, 256),
    Margins.from_pixels(256),
]


@pytest.mark.parametrize("margins", SHAPES, ids=str)
@pytest.mark.parametrize("channels", [3, 4])
def test_the_interior_is_the_seed_image_bit_for_bit(margins: Margins, channels: int) -> None:
    seed = np.asarray(draw_photo(160, 120, mode="RGBA")).copy()[..., :channels]
    seed[10:60, 20:90, 3:] = 0
    made = outpaint(seed, margins, noise_seed=1)
    inside = made[margins.top : margins.top + 120, margins.left : margins.left + 160]
    assert np.array_equal(inside, seed)
    assert made.shape == (
        120 + margins.top + margins.bottom,
        160 + margins.left + margins.right,
        channels,
    )


def test_the_same_noise_seed_gives_the_same_bytes() -> None:
    margins = Margins.from_pixels(128)
    assert np.array_equal(
        outpaint(SEED, margins, noise_seed=5), outpaint(SEED, margins, noise_seed=5)
    )


def test_another_noise_seed_gives_a_visibly_different_margin() -> None:
    one, other = (
        outpaint(SEED, Margins(0, 256, 0, 0), noise_seed=seed).astype(int) for seed in (1, 2)
    )
    differs = np.abs(one - other).max(axis=2)[:, 160:] > 8
    assert differs.mean() > 0.05


def test_there_is_no_step_at_the_frame() -> None:
    made = outpaint(SEED, Margins(0, 256, 0, 0), noise_seed=1).astype(float)
    steps = np.abs(np.diff(made, axis=1)).mean(axis=(0, 2))
    assert steps[159] < 1.5 * steps[100:159].mean()
    assert steps[160:].max() < 1.5 * steps[100:159].mean()


def test_the_margin_is_calmer_far_from_the_frame_but_never_without_grain() -> None:
    made = outpaint(SEED, Margins(0, 512, 0, 0), noise_seed=1).astype(float).mean(axis=2)
    near, far = made[:, 164:180], made[:, -100:]
    assert np.abs(np.diff(far, axis=0)).mean() < np.abs(np.diff(near, axis=0)).mean()
    assert np.abs(np.diff(far, axis=0)).mean() > 0.5


@pytest.mark.parametrize("shape", [(8, 8), (8, 300), (300, 9), (17, 31)])
def test_a_margin_may_be_many_times_longer_than_the_image(shape: tuple[int, int]) -> None:
    seed = np.asarray(draw_photo(shape[1], shape[0]))
    assert outpaint(seed, Margins.from_pixels(512), noise_seed=1).shape == (
        shape[0] + 1024,
        shape[1] + 1024,
        3,
    )


def test_a_flat_image_stays_flat() -> None:
    seed = np.full((64, 64, 3), 117, np.uint8)
    assert (outpaint(seed, Margins.from_pixels(128), noise_seed=1) == 117).all()


def test_what_alpha_hides_does_not_bleed_into_the_margin() -> None:
    seed = np.zeros((64, 64, 4), np.uint8)
    seed[16:48, 16:48] = (0, 200, 0, 255)
    seed[:16, :, :3] = (255, 0, 255)
    made = outpaint(seed, Margins(64, 0, 0, 0), noise_seed=1)
    assert (made[:64, :, 3] == 255).all()
    assert made[:64, :, 0].max() < 10


@pytest.mark.parametrize("margins", SHAPES, ids=str)
def test_the_blocks_cover_the_outside_exactly_once(margins: Margins) -> None:
    canvas = Canvas(Size(160, 120), margins)
    hits = np.zeros((canvas.size.height, canvas.size.width), int)
    for block in canvas.outside(100):
        hits[block.slices] += 1
    assert (hits[canvas.interior.slices] == 0).all()
    hits[canvas.interior.slices] = 1
    assert (hits == 1).all()


def test_grain_is_measured_near_its_true_strength() -> None:
    rng = np.random.default_rng(1)
    grey = np.clip(128 + rng.normal(0, 4, (256, 256, 1)), 0, 255).repeat(3, axis=2)
    assert 3.0 < grain_strength(grey.astype(np.uint8)) < 5.0
    wild = rng.integers(0, 256, (256, 256, 3), np.uint8)
    assert grain_strength(wild) == CAP


def test_one_megapixel_and_256_on_all_sides_takes_under_a_second() -> None:
    seed = np.asarray(draw_photo(1024, 768))
    started = time.process_time()
    outpaint(seed, Margins.from_pixels(256), noise_seed=1)
    assert time.process_time() - started < 1.0
