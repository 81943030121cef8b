"""The plan of an expansion.

The provider adds multiples of 64 pixels on each side, but members ask for any number. A `Plan`
separates the margins asked for, those rendered, and those delivered after cropping.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.errors import CanvasTooLarge, MarginTooLarge, NothingToAdd
from bot.domain.geometry import MARGIN_STEP, MAX_MARGIN, Margins, Size


@dataclass(frozen=True, slots=True)
class Plan:
    """Margins asked for, rendered by the provider and delivered, for one seed size.

    `rendered` is on the grid and at most `MAX_MARGIN` on a side; it is cropped to `delivered`.
    """

    seed: Size
    asked: Margins
    rendered: Margins
    delivered: Margins

    def __post_init__(self) -> None:
        if self.rendered.round_up_to_grid() != self.rendered or not self.rendered.total_pixels:
            msg = f"rendered margins must be on the grid of {MARGIN_STEP} and not all zero"
            raise ValueError(msg)
        if not self.delivered.is_within(self.rendered):
            raise ValueError("delivered margins must lie within the rendered ones")

    @property
    def canvas(self) -> Size:
        """The size of the delivered picture."""
        return self.seed.grow_by(self.delivered)

    @property
    def rendered_canvas(self) -> Size:
        """The size of the provider's result."""
        return self.seed.grow_by(self.rendered)

    @property
    def crop(self) -> Margins:
        """The pixels to crop from each edge of the rendered canvas."""
        return self.rendered.subtract(self.delivered)


def plan_expansion(seed: Size, asked: Margins, *, max_canvas_pixels: int) -> Plan:
    """Plan an expansion of `seed` by `asked`, rendered on the grid and delivered exactly.

    `max_canvas_pixels` limits width times height of the rendered canvas. Raises `NothingToAdd`,
    `MarginTooLarge` or `CanvasTooLarge`.
    """
    if not asked.total_pixels:
        raise NothingToAdd(seed)
    for side, value in asked.get_by_side().items():
        if value > MAX_MARGIN:
            raise MarginTooLarge(side, value, MAX_MARGIN)
    rendered = asked.round_up_to_grid()
    canvas = seed.grow_by(rendered)
    if canvas.pixel_count > max_canvas_pixels:
        fits = _find_largest_fit(seed, asked, max_canvas_pixels)
        raise CanvasTooLarge(canvas, max_canvas_pixels, fits)
    return Plan(seed, asked, rendered, asked)


def _find_largest_fit(seed: Size, asked: Margins, max_pixels: int) -> Margins | None:
    """Return `asked`, reduced proportionally as little as makes the rendered canvas fit."""
    # binary search is valid because a longer margin never makes the canvas smaller
    parts = max(asked.get_by_side().values())
    low, high = 0, parts
    while low < high:
        middle = (low + high + 1) // 2
        if seed.grow_by(asked.scale_by(middle, parts).round_up_to_grid()).pixel_count <= max_pixels:
            low = middle
        else:
            high = middle - 1
    fits = asked.scale_by(low, parts)
    return fits if fits.total_pixels else None
