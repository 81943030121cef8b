"""Finding the seed image, or not: against places that are known and pictures that are wrong."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from bot.domain.geometry import Margins, Size
from bot.domain.plan import Plan, plan_expansion
from bot.images.registration.placement import Placement
from bot.images.registration.registration import register_seed
from sandbox.runware.media.manners import Manner, apply_manner
from sandbox.web.samples import FOLDER
from tests.support.images.manner_cases import WORLD, Returned, encode_jpeg, render_world
from tests.support.images.world import draw_world

MARGINS = Margins(top=128, right=192, bottom=64, left=256)
Change = Callable[[Image.Image], Image.Image]


def make_plan() -> Plan:
    return plan_expansion(Size(500, 400), MARGINS, max_canvas_pixels=10**8)


def put_on_canvas(seed: Image.Image, plan: Plan) -> Image.Image:
    canvas = Image.new("RGB", (plan.rendered_canvas.width, plan.rendered_canvas.height), "olive")
    canvas.paste(seed, (plan.rendered.left, plan.rendered.top))
    return canvas


def find_error(returned: Returned, plan: Plan, change: Change) -> float:
    found = register_seed(returned.seed, change(returned.result), plan)
    assert found is not None
    assert found.is_located
    return found.placement.measure_distance(returned.place, plan.seed)


def shift_colours(image: Image.Image) -> Image.Image:
    pixels = np.asarray(image, np.float32) + np.array([30, -30, 20])
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def add_grain(image: Image.Image) -> Image.Image:
    pixels = np.asarray(image, np.float32)
    noisy = pixels + np.random.default_rng(7).normal(0, 8, pixels.shape)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def repaint_parts(image: Image.Image) -> Image.Image:
    """Blur everything, and paint over some of it."""
    painted = image.filter(ImageFilter.GaussianBlur(1.5))
    draw = ImageDraw.Draw(painted)
    for x, y in ((300, 200), (420, 350), (600, 260)):
        draw.ellipse((x, y, x + 70, y + 50), fill="orange")
    return painted


@pytest.mark.parametrize(
    ("change", "most"),
    [
        (lambda image: image, 0.1),
        (lambda image: encode_jpeg(image, 70), 0.3),
        (shift_colours, 0.3),
        (add_grain, 0.35),
        (repaint_parts, 0.5),
    ],
    ids=["clean", "jpeg", "colours", "grain", "repainted"],
)
@pytest.mark.parametrize(
    "manner",
    [
        Manner(),
        Manner(shift=(-14.3, 9.6)),
        Manner(scale=(1.05, 0.96), shift=(12, -15)),
        Manner(clamp_megapixels=0.2, scale=(1.02, 1.02), shift=(-4.5, 3)),
        Manner(grid=32, cut=True, shift=(15, 15)),
    ],
    ids=["exact", "shift", "scale", "small", "cut"],
)
def test_the_seed_image_is_found_to_a_fraction_of_a_pixel(
    manner: Manner, change: Change, most: float
) -> None:
    plan = make_plan()
    assert find_error(render_world(plan, manner), plan, change) <= most


def test_where_the_canvas_is_exact_the_place_is_exactly_the_planned_one() -> None:
    plan = make_plan()
    returned = render_world(plan, Manner())
    found = register_seed(returned.seed, returned.result, plan)
    assert found is not None
    assert found.placement == Placement(1.0, 1.0, 256.0, 128.0)


def test_a_whole_shift_is_found_as_one() -> None:
    plan = make_plan()
    returned = render_world(plan, Manner(shift=(-9, 4)))
    found = register_seed(returned.seed, returned.result, plan)
    assert found is not None
    assert found.placement == Placement(1.0, 1.0, 247.0, 132.0)


def test_a_seed_image_shrunk_before_the_margins_were_added_is_found() -> None:
    plan = plan_expansion(Size(2400, 300), Margins(right=128, top=64), max_canvas_pixels=10**8)
    seed = draw_world(0, WORLD).image.crop((0, 0, 2400, 300))
    shrunk = seed.resize((2048, 256), Image.Resampling.BOX)
    result = Image.new("RGB", (2048 + 128, 256 + 64), "olive")
    result.paste(shrunk, (0, 64))
    found = register_seed(seed, result, plan)
    assert found is not None
    assert found.placement == Placement(2048 / 2400, 256 / 300, 0, 64)


@pytest.mark.parametrize("share", [0.5, 0.75])
def test_a_seed_image_scaled_to_any_size_in_full_margins_is_found(share: float) -> None:
    plan = make_plan()
    seed = draw_world().image.crop((300, 300, 800, 700))
    size = (round(500 * share), round(400 * share))
    result = Image.new("RGB", (size[0] + 448, size[1] + 192), "olive")
    result.paste(seed.resize(size, Image.Resampling.BOX), (256, 128))
    found = register_seed(seed, result, plan)
    assert found is not None
    assert found.placement == Placement(share, share, 256, 128)


@pytest.mark.parametrize(("scale", "shift"), [((1.03, 0.98), (13, -9)), ((0.965, 1.03), (-8, 12))])
def test_a_page_of_text_is_found_although_its_lines_look_alike(
    scale: tuple[float, float], shift: tuple[float, float]
) -> None:
    plan = plan_expansion(Size(1200, 800), Margins(right=320), max_canvas_pixels=10**8)
    page = draw_page(Size(1520, 800))
    result = apply_manner(page, Manner(scale=scale, shift=shift))
    found = register_seed(page.crop((0, 0, 1200, 800)), result, plan)
    assert found is not None
    left, top = 760 - 760 * scale[0] + shift[0], 400 - 400 * scale[1] + shift[1]
    expected = Placement(scale[0], scale[1], left, top)
    assert found.placement.measure_distance(expected, plan.seed) <= 0.5


def draw_page(size: Size) -> Image.Image:
    """Draw lines of random letters, 20 pixels apart."""
    page = Image.new("RGB", (size.width, size.height), "white")
    draw = ImageDraw.Draw(page)
    random = np.random.default_rng(3)
    for y in range(5, size.height, 20):
        letters = "".join(random.choice([*"abcdefghijklmnopqrstuvwxyz   "], size.width // 6))
        draw.text((10, y), letters, fill="black", font_size=14)
    return page


@pytest.mark.parametrize("shift", [(2.5, -1.5), (5, 3)])
def test_grain_does_not_hide_that_content_has_moved(shift: tuple[float, float]) -> None:
    plan = plan_expansion(Size(1200, 900), Margins(right=256), max_canvas_pixels=10**8)
    returned = render_world(plan, Manner(shift=shift))
    seed, result = make_dark(returned.seed, 1), make_dark(returned.result, 2)
    found = register_seed(seed, result, plan)
    assert found is not None
    assert found.placement.measure_distance(returned.place, plan.seed) <= 0.5


def make_dark(image: Image.Image, number: int) -> Image.Image:
    """Show a picture as at night: a fifth of the contrast, and grain that differs by number."""
    smooth = np.asarray(image.filter(ImageFilter.GaussianBlur(2)), np.float32)
    grain = np.random.default_rng(number).normal(0, 2.5, (image.height, image.width, 1))
    return Image.fromarray(np.clip(smooth * 0.2 + 5 + grain, 0, 255).astype(np.uint8))


def draw_photographs() -> list[Image.Image]:
    photographs = [Image.open(path) for path in sorted(FOLDER.glob("*.jpg"))]
    return [image.convert("RGB").resize((500, 400)) for image in photographs]


WRONG: dict[str, Change] = {
    "black": lambda canvas: Image.new("RGB", canvas.size),
    "noise": lambda canvas: Image.fromarray(
        np.random.default_rng(7).integers(0, 256, (canvas.height, canvas.width, 3), np.uint8)
    ),
    "other": lambda canvas: draw_world(1, WORLD).image.crop((0, 0, *canvas.size)),
    "mirrored": ImageOps.mirror,
    "upside down": ImageOps.flip,
    "1x1": lambda canvas: canvas.resize((1, 1)),
    "one colour": lambda canvas: Image.new("RGB", canvas.size, "gray"),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("number", range(3))
def test_another_picture_is_refused(wrong: str, number: int) -> None:
    seeds = [*draw_photographs(), draw_world(0, WORLD).image.crop((300, 300, 800, 700))]
    plan = make_plan()
    result = WRONG[wrong](put_on_canvas(seeds[number], plan))
    assert register_seed(seeds[number], result, plan) is None


def test_a_mirrored_inside_is_refused() -> None:
    plan = make_plan()
    for seed in draw_photographs():
        assert register_seed(seed, put_on_canvas(ImageOps.mirror(seed), plan), plan) is None


def test_one_of_the_photographs_is_not_the_other() -> None:
    plan = make_plan()
    first, second = draw_photographs()
    for seed, other in ((first, second), (second, first)):
        assert register_seed(seed, put_on_canvas(other, plan), plan) is None


@pytest.mark.parametrize("colour", ["black", "white", "teal"])
def test_a_seed_image_of_one_colour_lies_as_planned(colour: str) -> None:
    plan = make_plan()
    seed = Image.new("RGB", (500, 400), colour)
    canvas = apply_manner(put_on_canvas(seed, plan), Manner(shift=(5, 5)))
    found = register_seed(seed, add_grain(canvas), plan)
    assert found is not None
    assert not found.is_located
    assert found.placement == Placement(1.0, 1.0, 256.0, 128.0)
    assert register_seed(seed, ImageOps.invert(canvas), plan) is None or colour == "teal"


def test_stripes_and_slopes_lie_as_planned_along_them() -> None:
    plan = make_plan()
    x = np.tile(np.arange(500, dtype=np.float32), (400, 1))
    for pattern in (x / 2, 60 + 100 * (x // 25 % 2)):
        seed = Image.fromarray(pattern.astype(np.uint8)).convert("RGB")
        canvas = apply_manner(put_on_canvas(seed, plan), Manner(shift=(6, 0)))
        found = register_seed(seed, encode_jpeg(canvas), plan)
        assert found is not None
        assert not found.is_located
        assert (found.placement.top, found.placement.down) == (128.0, 1.0)


def test_in_a_pattern_the_nearest_place_is_meant() -> None:
    plan = make_plan()
    y, x = np.mgrid[0:400, 0:500]
    seed = Image.fromarray((40 + 160 * ((x // 40 + y // 40) % 2)).astype(np.uint8)).convert("RGB")
    canvas = apply_manner(put_on_canvas(seed, plan), Manner(shift=(7, -5)))
    found = register_seed(seed, encode_jpeg(canvas), plan)
    assert found is not None
    assert found.placement == Placement(1.0, 1.0, 263.0, 123.0)


def test_lines_of_text_are_told_apart() -> None:
    plan = make_plan()
    seed = Image.new("RGB", (500, 400), "white")
    draw = ImageDraw.Draw(seed)
    for line in range(20):
        draw.text((20, 10 + 18 * line), f"{line * line * 37} words of a page, {line}", fill="black")
    for shift in ((9, 0), (0, -14)):
        canvas = apply_manner(put_on_canvas(seed, plan), Manner(shift=shift))
        found = register_seed(seed, encode_jpeg(canvas), plan)
        assert found is not None
        assert found.placement == Placement(1.0, 1.0, 256.0 + shift[0], 128.0 + shift[1])


def test_colours_of_one_brightness_are_told_apart() -> None:
    plan = make_plan()
    y, x = np.mgrid[0:400, 0:500]
    wave = np.sin(x / 17 + y / 40) * np.sin(y / 23)
    bands = [128 + 60 * wave, 128 - 30.6 * wave, np.full(wave.shape, 128.0)]
    seed = Image.fromarray(np.stack(bands, axis=-1).astype(np.uint8))
    canvas = apply_manner(put_on_canvas(seed, plan), Manner(shift=(8, 6)))
    found = register_seed(seed, encode_jpeg(canvas), plan)
    assert found is not None
    assert found.placement == Placement(1.0, 1.0, 264.0, 134.0)


def test_four_megapixels_are_registered_in_bounded_time() -> None:
    plan = plan_expansion(Size(1800, 1800), Margins(right=192), max_canvas_pixels=10**8)
    times = []
    for manner in (Manner(), Manner(shift=(9, 9)), Manner(clamp_megapixels=1.6, shift=(3, -8))):
        returned = render_world(plan, manner)
        start = time.process_time()
        assert register_seed(returned.seed, returned.result, plan) is not None
        times.append(time.process_time() - start)
    assert max(times) < 0.6  # the target is 0.15 s; shared machines take several times as long


@pytest.mark.parametrize("manner", [Manner(), Manner(grid=16), Manner(shift=(7, -5))])
def test_a_tiny_seed_image_is_never_refused_but_in_a_black_frame(manner: Manner) -> None:
    plan = plan_expansion(
        Size(64, 64),
        Margins(2048, 2048, 2048, 2048),
        max_canvas_pixels=10**8,
        best_pixels=1_500_000,
    )
    canvas = draw_world(0, plan.rendered_canvas).image
    seed, result = canvas.crop((512, 512, 528, 528)), apply_manner(canvas, manner)
    assert plan.sent_seed == Size(16, 16)
    assert register_seed(seed, result, plan) is not None
    white, black = Image.new("RGB", (16, 16), "white"), Image.new("RGB", result.size)
    assert register_seed(white, black, plan) is None
