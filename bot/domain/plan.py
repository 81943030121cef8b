"""The plan of an expansion.

The model adds whole steps of pixels on each side, but members ask for any number. A `Plan`
separates the margins asked for, those rendered, and those delivered after cropping. Where the
canvas is larger than the model renders well, seed image and margins are sent at a smaller scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.errors import CanvasTooLarge, MarginTooLarge, NothingToAdd
from bot.domain.geometry import Margins, Size
from bot.domain.model import DEFAULT_MODEL, ImageModel

_SMALLER_SCALES: Final = 8
"""Percent by which a seed image may be sent smaller than it could be, to keep its shape."""
_SHAPE_WEIGHT: Final = 4
"""A percent of distortion weighs as much as so many percent of scale."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Margins asked for, rendered by the provider and delivered, for one seed size.

    `asked` and `delivered` are in pixels of the seed image. `rendered` is in pixels of what is
    sent, on the model's grid and within its bounds, and covers at least `delivered`.
    `reduced_seed` is the size at which the seed image is sent if it is sent smaller than it is.
    """

    seed: Size
    asked: Margins
    rendered: Margins
    delivered: Margins
    reduced_seed: Size | None = None

    def __post_init__(self) -> None:
        if not self.rendered.total_pixels:
            raise ValueError("rendered margins must not all be zero")
        if not self._covers_delivered():
            raise ValueError("delivered margins must lie within the rendered ones")

    def _covers_delivered(self) -> bool:
        sent, rendered, delivered = self.sent_seed, self.rendered, self.delivered
        across, down = (self.seed.width, sent.width), (self.seed.height, sent.height)
        pairs = (
            (rendered.top, delivered.top, down),
            (rendered.bottom, delivered.bottom, down),
            (rendered.left, delivered.left, across),
            (rendered.right, delivered.right, across),
        )
        return all(ours * full >= theirs * small for ours, theirs, (full, small) in pairs)

    @property
    def sent_seed(self) -> Size:
        """The size of the seed image as it is sent."""
        return self.reduced_seed or self.seed

    @property
    def is_reduced(self) -> bool:
        """Whether less is rendered than is delivered, so that the margins are scaled up."""
        return self.reduced_seed is not None

    @property
    def canvas(self) -> Size:
        """The size of the delivered picture."""
        return self.seed.grow_by(self.delivered)

    @property
    def rendered_canvas(self) -> Size:
        """The size of the provider's result, in pixels of what is sent."""
        return self.sent_seed.grow_by(self.rendered)


def plan_expansion(
    seed: Size,
    asked: Margins,
    *,
    max_canvas_pixels: int,
    model: ImageModel = DEFAULT_MODEL,
    best_pixels: int | None = None,
) -> Plan:
    """Plan an expansion of `seed` by `asked`, rendered on the grid and delivered exactly.

    `max_canvas_pixels` limits width times height of the canvas at the seed image's own scale.
    Above `best_pixels` it is rendered at a smaller scale, with None always at its own. Raises
    `NothingToAdd`, `MarginTooLarge` or `CanvasTooLarge`.
    """
    if not asked.total_pixels:
        raise NothingToAdd(seed)
    for side, value in asked.get_by_side().items():
        if value > model.margin.maximum:
            raise MarginTooLarge(side, value, model.margin.maximum)
    step = model.margin.step
    rendered = asked.round_up(step)
    canvas = seed.grow_by(rendered)
    if canvas.pixel_count > max_canvas_pixels:
        fits = _find_largest_fit(seed, asked, max_canvas_pixels, step)
        raise CanvasTooLarge(canvas, max_canvas_pixels, fits)
    if best_pixels is not None and canvas.pixel_count > best_pixels:
        reduced = _find_best_scale(seed, asked, model, best_pixels)
        if reduced is not None and reduced != seed:
            return Plan(seed, asked, _scale_margins(seed, asked, reduced, step), asked, reduced)
    return Plan(seed, asked, rendered, asked)


def _find_best_scale(
    seed: Size, asked: Margins, model: ImageModel, best_pixels: int
) -> Size | None:
    """Return the size at which to send a seed image, with sides on the canvas grid.

    It is the largest with which the canvas has at most `best_pixels`, or one slightly smaller of a
    better shape. If even the smallest needs a larger canvas, that one is sent. None if the seed
    image is too small to be scaled at all.
    """
    sizes = _list_scaled_sizes(seed, model.canvas_grid)
    if not sizes:
        return None
    low, high = 0, len(sizes)
    # binary search is valid because a larger seed image never makes the canvas smaller
    while low < high:
        middle = (low + high) // 2
        margins = _scale_margins(seed, asked, sizes[middle], model.margin.step)
        if sizes[middle].grow_by(margins).pixel_count <= best_pixels:
            low = middle + 1
        else:
            high = middle
    if not low:
        return sizes[0]
    largest = max(sizes[low - 1].width, sizes[low - 1].height)
    near = [
        each
        for each in sizes[:low]
        if 100 * max(each.width, each.height) >= (100 - _SMALLER_SCALES) * largest
    ]
    return min(near, key=lambda size: _rate_size(seed, size, largest))


def _list_scaled_sizes(seed: Size, grid: int) -> list[Size]:
    """Return the sizes on a grid that have the seed image's shape, from the smallest."""
    long, short = max(seed.width, seed.height), min(seed.width, seed.height)
    most, first = short // grid, -(-long // short)
    pairs = [
        (units * grid, min(most, (2 * units * short + long) // (2 * long)) * grid)
        for units in range(first, long // grid + 1)
    ]
    wide = seed.width >= seed.height
    return [Size(*(pair if wide else pair[::-1])) for pair in pairs if pair[1]]


def _rate_size(seed: Size, size: Size, largest: int) -> float:
    """Return how much shape and scale are lost by a size, compared with the largest one."""
    distortion = abs(size.width * seed.height / (size.height * seed.width) - 1)
    return _SHAPE_WEIGHT * distortion + 1 - max(size.width, size.height) / largest


def _scale_margins(seed: Size, asked: Margins, size: Size, step: int) -> Margins:
    """Return the margins in pixels of a smaller seed image, rounded up to cover what was asked."""
    across, down = step * seed.width, step * seed.height
    return Margins(
        top=-(-asked.top * size.height // down) * step,
        right=-(-asked.right * size.width // across) * step,
        bottom=-(-asked.bottom * size.height // down) * step,
        left=-(-asked.left * size.width // across) * step,
    )


def _find_largest_fit(seed: Size, asked: Margins, max_pixels: int, step: int) -> Margins | None:
    """Return `asked`, reduced proportionally as little as makes the rendered canvas fit."""
    # binary search is valid because a longer margin never makes the canvas smaller
    parts = max(asked.get_by_side().values())
    low, high = 0, parts
    while low < high:
        middle = (low + high + 1) // 2
        if seed.grow_by(asked.scale_by(middle, parts).round_up(step)).pixel_count <= max_pixels:
            low = middle
        else:
            high = middle - 1
    fits = asked.scale_by(low, parts)
    return fits if fits.total_pixels else None
