"""What comes back of a canvas: size and content by the formulae that clients report."""

import pytest
from PIL import Image

from bot.domain.geometry import Size
from sandbox.runware.media.manners import (
    MANNERS,
    Manner,
    ReturnedFrame,
    apply_manner,
    compute_frame,
)


def test_the_clamped_size_is_the_one_that_was_seen() -> None:
    frame = compute_frame(Size(1536, 2048), MANNERS["clamp_megapixels"])
    assert frame == ReturnedFrame(Size(1088, 1456), (0, 0, 1536, 2048))


def test_a_canvas_below_the_limit_is_not_clamped() -> None:
    frame = compute_frame(Size(1001, 1003), MANNERS["clamp_megapixels"])
    assert frame == ReturnedFrame(Size(1001, 1003), (0, 0, 1001, 1003))


def test_the_grid_squeezes_or_cuts() -> None:
    canvas = Size(1000, 776)
    assert compute_frame(canvas, MANNERS["grid"]) == ReturnedFrame(
        Size(992, 768), (0, 0, 1000, 776)
    )
    assert compute_frame(canvas, MANNERS["cut"]) == ReturnedFrame(Size(992, 768), (0, 0, 992, 768))


def test_a_clamped_canvas_that_is_cut_keeps_one_scale() -> None:
    frame = compute_frame(Size(1536, 2048), Manner(clamp_megapixels=1.6, cut=True))
    assert frame.size == Size(1088, 1456)
    zoom = (1.6e6 / (1536 * 2048)) ** 0.5
    assert frame.box == pytest.approx((0, 0, 1088 / zoom, 1456 / zoom))


def test_scale_keeps_the_middle_and_shift_moves_right_and_down() -> None:
    frame = compute_frame(Size(800, 600), Manner(scale=(1.25, 1.0), shift=(10, -5)))
    # x returned = 400 + (x - 400) * 1.25 + 10, y returned = y - 5
    assert frame == ReturnedFrame(Size(800, 600), (72, 5, 712, 605))


def test_a_whole_shift_keeps_pixels_and_mirrors_the_edge() -> None:
    image = Image.effect_noise((40, 30), 60).convert("RGB")
    moved = apply_manner(image, Manner(shift=(3, -2)))
    assert moved.crop((3, 0, 40, 28)).tobytes() == image.crop((0, 2, 37, 30)).tobytes()
    mirrored = image.crop((0, 2, 3, 30)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert moved.crop((0, 0, 3, 28)).tobytes() == mirrored.tobytes()


def test_an_exact_manner_changes_nothing() -> None:
    image = Image.effect_noise((41, 33), 60).convert("RGB")
    assert apply_manner(image, Manner()).tobytes() == image.tobytes()


@pytest.mark.parametrize("name", MANNERS)
@pytest.mark.parametrize("size", [Size(1, 1), Size(5, 70), Size(64, 64)])
def test_tiny_canvases_come_back_as_something(name: str, size: Size) -> None:
    image = Image.new("RGB", (size.width, size.height), "teal")
    assert min(apply_manner(image, MANNERS[name]).size) >= 1


def test_impossible_manners_are_refused() -> None:
    for broken in ({"grid": 0}, {"clamp_megapixels": 0.0}, {"scale": (0.0, 1.0)}):
        with pytest.raises(ValueError, match="must be positive"):
            Manner(**broken)
