"""Places of the seed image in a result, and those that the plan leads one to expect."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from bot.domain.geometry import Size
from bot.domain.plan import Plan

Box = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels; edges, not centres, of pixels are whole numbers."""

_PROVIDER_SIDE: Final = 2048
"""Longest side at which the provider stores uploads (vendor's page on image upload); whether it
shrinks inline seed images too is not documented."""
_LARGEST_CUT: Final = 64
"""Pixels by which a canvas may be cut to a grid: the widest that any service is known to use."""
SAME_PIXELS: Final = 0.3
"""Distance in pixels that no eye sees at the seam; measurements of grainy results err as much."""
_SAME_SCALE_PIXELS: Final = 0.3
"""How far a scale may move an edge against the middle, in pixels, to count as the expected one."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the seed image, as sent, lies in a result, in pixels of the result.

    A point (x, y) of the seed image is at (left + x * across, top + y * down).
    """

    across: float
    down: float
    left: float
    top: float

    def locate_box(self, box: Box) -> Box:
        """Map a box (left, top, right, bottom) of the seed image to the result."""
        return (
            self.left + box[0] * self.across,
            self.top + box[1] * self.down,
            self.left + box[2] * self.across,
            self.top + box[3] * self.down,
        )

    def find_box(self, box: Box) -> Box:
        """Map a box of the result back to the seed image."""
        return (
            (box[0] - self.left) / self.across,
            (box[1] - self.top) / self.down,
            (box[2] - self.left) / self.across,
            (box[3] - self.top) / self.down,
        )

    def locate_seed(self, seed: Size) -> Box:
        """Return the box that a seed image of this size covers."""
        return self.locate_box((0, 0, seed.width, seed.height))

    def measure_distance(self, other: Placement, seed: Size) -> float:
        """Return how far an edge of the seed image moves from one place to the other, at most."""
        pairs = zip(self.locate_seed(seed), other.locate_seed(seed), strict=True)
        return max(abs(ours - theirs) for ours, theirs in pairs)


def list_expected(plan: Plan, result: Size) -> tuple[Placement, ...]:
    """List the places where the seed image may be expected, the likeliest first.

    The canvas that was asked for is scaled to the result's size; or it is cut at the right and
    bottom or on all sides, either unscaled or scaled to fill the result; or the provider scaled
    the seed image before it added the margins, likeliest to the size at which it stores uploads.
    """
    canvas, margins = plan.rendered_canvas, plan.rendered
    across, down = result.width / canvas.width, result.height / canvas.height
    found = [Placement(across, down, margins.left * across, margins.top * down)]
    zooms = [max(across, down)]
    if max(canvas.width - result.width, canvas.height - result.height) <= _LARGEST_CUT:
        zooms.insert(0, 1.0)
    for zoom in zooms:
        left, top = margins.left * zoom, margins.top * zoom
        over_x, over_y = canvas.width * zoom - result.width, canvas.height * zoom - result.height
        found.append(Placement(zoom, zoom, left, top))
        found.append(Placement(zoom, zoom, left - over_x / 2, top - over_y / 2))
    rescaled = _find_rescaled(plan, result)
    if rescaled is not None:
        longest = max(plan.sent_seed.width * rescaled.across, plan.sent_seed.height * rescaled.down)
        found.insert(0 if abs(longest - _PROVIDER_SIDE) <= 1 else len(found), rescaled)
    return tuple(dict.fromkeys(found))


def _find_rescaled(plan: Plan, result: Size) -> Placement | None:
    """Return the place if the result's size is that of a rescaled seed image in full margins."""
    seed, margins = plan.sent_seed, plan.rendered
    width = result.width - margins.left - margins.right
    height = result.height - margins.top - margins.bottom
    if min(width, height) < 1:
        return None
    error = abs(width * seed.height - height * seed.width) / max(seed.width, seed.height)
    if error > 1:
        return None
    return Placement(width / seed.width, height / seed.height, margins.left, margins.top)


def round_placement(place: Placement, expected: tuple[Placement, ...], seed: Size) -> Placement:
    """Return the expected place if `place` is as good as there, else one of an expected scale.

    A shift of nearly whole pixels at full scale becomes one, so that nothing is resampled.
    """
    for other in expected:
        if place.measure_distance(other, seed) <= SAME_PIXELS:
            return other
    left, top, right, bottom = place.locate_seed(seed)
    for other in expected:
        width, height = seed.width * other.across, seed.height * other.down
        if max(abs(right - left - width), abs(bottom - top - height)) <= 2 * _SAME_SCALE_PIXELS:
            place = Placement(
                other.across,
                other.down,
                (left + right - width) / 2,
                (top + bottom - height) / 2,
            )
            break
    if place.across == 1 == place.down:
        whole = replace(place, left=float(round(place.left)), top=float(round(place.top)))
        if place.measure_distance(whole, seed) <= SAME_PIXELS:
            return whole
    return place
