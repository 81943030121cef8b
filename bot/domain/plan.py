"""The plan of an expansion.

The model adds whole steps of pixels on each side, but members ask for any number. A `Plan`
separates the margins asked for, those rendered, and those delivered after cropping.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.errors import CanvasTooLarge, MarginTooLarge, NothingToAdd
from bot.domain.geometry import Margins, Size
from bot.domain.model import DEFAULT_MODEL, ImageModel


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
    def canvas(self) -> Size:
        """The size of the delivered picture."""
        return self.seed.grow_by(self.delivered)

    @property
    def rendered_canvas(self) -> Size:
        """The size of the provider's result, in pixels of what is sent."""
        return self.sent_seed.grow_by(self.rendered)

    @property
    def crop(self) -> Margins:
        """The pixels to crop from each edge of the rendered canvas."""
        return self.rendered.subtract(self.delivered)


def plan_expansion(
    seed: Size, asked: Margins, *, max_canvas_pixels: int, model: ImageModel = DEFAULT_MODEL
) -> Plan:
    """Plan an expansion of `seed` by `asked`, rendered on the grid and delivered exactly.

    `max_canvas_pixels` limits width times height of the rendered canvas. Raises `NothingToAdd`,
    `MarginTooLarge` or `CanvasTooLarge`.
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
    return Plan(seed, asked, rendered, asked)


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
