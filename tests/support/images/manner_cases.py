"""Results with a known truth: what the provider returns of a synthetic world, in each manner.

The seed image is a window of the world, the truth its surroundings; what is delivered is compared
with them.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageChops

from bot.domain.geometry import Margins, Size
from bot.domain.model import DEFAULT_MODEL
from bot.domain.order import Note, OutputFormat
from bot.domain.plan import Plan, plan_expansion
from bot.images.compose import compose_result
from bot.images.registration.placement import Placement
from bot.images.registration.registration import register_seed
from bot.images.seed_format import encode_seed
from sandbox.runware.media.manners import GRID, Manner, ReturnedFrame, compute_frame
from tests.support.images.world import Pixels, draw_world

NATIVE: Final = Size(1603, 1205)
"""The size that is sent unscaled, so that its canvas is larger than the model renders."""
SIZES: Final = (
    Size(96, 128),
    Size(333, 500),
    Size(768, 1024),
    Size(1201, 805),
    Size(1600, 1200),
    NATIVE,
)
DIRECTIONS: Final = {
    "left": Margins(left=200),
    "right": Margins(right=200),
    "up": Margins(top=200),
    "down": Margins(bottom=200),
}
CLAMP_MEGAPIXELS: Final = 1.6
"""Where the model clamps: 1536×2048 was seen to come back as 1088×1456."""
MANNERS: Final = {
    "exact": Manner(),
    "grid": Manner(grid=GRID),
    "clamp_megapixels": Manner(clamp_megapixels=CLAMP_MEGAPIXELS),
    "shift": Manner(shift=(7.0, -5.0)),
    "scale": Manner(scale=(1.02, 0.985)),
    "cut": Manner(grid=GRID, cut=True),
    "clamp_and_move": Manner(
        clamp_megapixels=CLAMP_MEGAPIXELS, scale=(1.01, 1.01), shift=(-6.5, 9.25)
    ),
    "cut_and_move": Manner(grid=GRID, cut=True, scale=(0.99, 0.99), shift=(11.0, 4.5)),
}
WORLD: Final = Size(2200, 2200)
"""Large enough for every case, and drawn in half the time of the usual one."""
_LARGE: Final = 10**8
_JPEG_QUALITY: Final = 95


@dataclass(frozen=True, slots=True)
class MannerCase:
    """A seed image's size, a direction, and the manner in which the result comes back."""

    size: Size
    direction: str
    manner: str

    @property
    def plan(self) -> Plan:
        best = None if self.size == NATIVE else DEFAULT_MODEL.best_pixels
        margins = DIRECTIONS[self.direction]
        return plan_expansion(self.size, margins, max_canvas_pixels=_LARGE, best_pixels=best)


@dataclass(frozen=True, slots=True)
class Returned:
    """A seed image, what came back for it, what should be delivered, and where the seed lies."""

    seed: Image.Image
    result: Image.Image
    truth: Image.Image
    place: Placement


@dataclass(frozen=True, slots=True)
class Measured:
    """How far a delivered picture is from the truth in the new area, in levels.

    `registration_error` is in pixels of the result, `cpu_ms` the time of registration alone.
    """

    mean: float
    percentile_95: float
    registration_error: float
    cpu_ms: float
    is_untouched: bool
    notes: tuple[Note, ...]


def list_cases() -> Iterator[MannerCase]:
    """Yield each size in each direction and each manner."""
    for size, direction, manner in product(SIZES, DIRECTIONS, MANNERS):
        yield MannerCase(size, direction, manner)


def render_case(case: MannerCase) -> Returned:
    return render_world(case.plan, MANNERS[case.manner])


def render_world(plan: Plan, manner: Manner, number: int = 0) -> Returned:
    """Let the provider continue a window in the middle of the world, as JPEG."""
    world = draw_world(number, WORLD)
    left = (WORLD.width - plan.seed.width) // 2
    top = (WORLD.height - plan.seed.height) // 2
    seed_box = (left, top, left + plan.seed.width, top + plan.seed.height)
    truth_box = (
        left - plan.delivered.left,
        top - plan.delivered.top,
        left + plan.seed.width + plan.delivered.right,
        top + plan.seed.height + plan.delivered.bottom,
    )
    frame = compute_frame(plan.rendered_canvas, manner)
    across = plan.seed.width / plan.sent_seed.width
    down = plan.seed.height / plan.sent_seed.height
    shown = (
        left + (frame.box[0] - plan.rendered.left) * across,
        top + (frame.box[1] - plan.rendered.top) * down,
        left + (frame.box[2] - plan.rendered.left) * across,
        top + (frame.box[3] - plan.rendered.top) * down,
    )
    return Returned(
        world.image.crop(seed_box),
        encode_jpeg(world.show(shown, frame.size)),
        world.image.crop(truth_box),
        _compute_place(plan, frame),
    )


def encode_jpeg(image: Image.Image, quality: int = _JPEG_QUALITY) -> Image.Image:
    """Return a picture as it is after a JPEG file."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(out).convert("RGB")


def measure_case(case: MannerCase, folder: Path) -> Measured:
    """Compose a case's picture as PNG, and compare it with the truth."""
    plan, returned = case.plan, render_case(case)
    (folder / "seed").write_bytes(encode_seed(returned.seed.copy()))
    returned.result.save(folder / "raw", "PNG", compress_level=0)
    paths = folder / "seed", folder / "raw"
    composed = compose_result(*paths, plan, OutputFormat.PNG, max_bytes=_LARGE)
    picture = Image.open(io.BytesIO(composed.data)).convert("RGB")
    at = plan.delivered.left, plan.delivered.top
    box = (*at, at[0] + plan.seed.width, at[1] + plan.seed.height)
    untouched = ImageChops.difference(picture.crop(box), returned.seed).getbbox() is None
    errors = _list_errors(picture, returned.truth, box)
    error, cpu_ms = measure_registration(plan, returned)
    return Measured(
        mean=float(errors.mean()),
        percentile_95=float(np.percentile(errors, 95)),
        registration_error=error,
        cpu_ms=cpu_ms,
        is_untouched=untouched,
        notes=composed.notes,
    )


def measure_registration(plan: Plan, returned: Returned) -> tuple[float, float]:
    """Return how far the seed image is found from its true place, in pixels, and the CPU ms."""
    size = (plan.sent_seed.width, plan.sent_seed.height)
    sent = returned.seed.resize(size, Image.Resampling.LANCZOS)
    start = time.process_time()
    found = register_seed(sent, returned.result, plan)
    cpu_ms = (time.process_time() - start) * 1000
    if found is None:
        return float("inf"), cpu_ms
    return found.placement.measure_distance(returned.place, plan.sent_seed), cpu_ms


def _list_errors(
    picture: Image.Image, truth: Image.Image, seed_box: tuple[int, int, int, int]
) -> Pixels:
    """Return the mean difference of the channels at each pixel of the new area."""
    difference = np.abs(np.asarray(picture, np.float32) - np.asarray(truth, np.float32))
    is_new = np.ones(difference.shape[:2], bool)
    is_new[seed_box[1] : seed_box[3], seed_box[0] : seed_box[2]] = False
    levels: Pixels = difference.mean(axis=2)[is_new]
    return levels


def _compute_place(plan: Plan, frame: ReturnedFrame) -> Placement:
    left, top, right, bottom = frame.box
    across, down = frame.size.width / (right - left), frame.size.height / (bottom - top)
    return Placement(
        across, down, (plan.rendered.left - left) * across, (plan.rendered.top - top) * down
    )
