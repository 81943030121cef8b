"""What comes back of a rendered canvas: as the switches say, changed by a planned fault."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from sandbox.runware.media.manners import GRID, Manner, apply_manner
from sandbox.runware.media.wrong_pictures import replace_picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sandbox.runware.behaviour_switches import Switches
    from sandbox.runware.faults import RunwareFault

EXACT: Final = Manner()


@dataclass(frozen=True, slots=True)
class ReturnedCanvas:
    """Changes a rendered canvas before it is encoded; a worker process gets it with its order.

    `wrong` is the kind of a fault whose picture replaces the rendered one.
    """

    manner: Manner
    wrong: str = ""

    def __call__(self, painted: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self.manner == EXACT and not self.wrong:
            return painted
        image = replace_picture(Image.fromarray(painted), self.wrong)
        return np.asarray(apply_manner(image, self.manner))


def choose_returned_canvas(switches: Switches, fault: RunwareFault | None) -> ReturnedCanvas:
    """Return what one result comes back as."""
    manner = _read_switches(switches)
    if fault is None:
        return ReturnedCanvas(manner)
    return ReturnedCanvas(_apply_fault(manner, fault), fault.kind)


def _read_switches(switches: Switches) -> Manner:
    grid = max(1, int(switches.grid))
    return Manner(
        # Without a grid of its own, a canvas is cut to the model's.
        grid=GRID if switches.cut and grid == 1 else grid,
        clamp_megapixels=switches.clamp_megapixels or None,
        cut=switches.cut,
        scale=_stretch(switches.scale or 1.0),
        shift=_move(switches.shift),
    )


def _apply_fault(manner: Manner, fault: RunwareFault) -> Manner:
    match fault.kind:
        case "grid":
            return replace(manner, grid=int(fault.value))
        case "clamp":
            return replace(manner, clamp_megapixels=float(fault.value))
        case "shift":
            return replace(manner, shift=_move(float(fault.value)))
        case "scale":
            return replace(manner, scale=_stretch(float(fault.value)))
        case "cut_canvas":
            return replace(manner, grid=int(fault.value), cut=True)
    return manner


def _move(pixels: float) -> tuple[float, float]:
    return pixels, -pixels


def _stretch(factor: float) -> tuple[float, float]:
    return factor, 1 / factor
