"""The compared methods: each extends a picture by margins, for a noise seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.domain.geometry import Margins
from sandbox.runware.engine import patches

Pixels = NDArray[np.uint8]
Method = Callable[[Pixels, Margins, int], Pixels]


def extend_by_engine(picture: Pixels, margins: Margins, noise_seed: int) -> Pixels:
    work = patches.study_seed(picture, margins)
    if work is None:
        raise ValueError("too thin for patches")
    return patches.finish_picture(work, noise_seed=noise_seed, progress=lambda _: None)


def extend_by_mirror(picture: Pixels, margins: Margins, _noise_seed: int) -> Pixels:
    return _add_border(picture, margins, cv2.BORDER_REFLECT_101)


def extend_by_telea(picture: Pixels, margins: Margins, _noise_seed: int) -> Pixels:
    """Smear the rim outwards (A. Telea, "An Image Inpainting Technique ...", JGT 2004)."""
    canvas = _add_border(picture, margins, cv2.BORDER_CONSTANT)
    hole = _add_border(
        np.zeros(picture.shape[:2], np.uint8), margins, cv2.BORDER_CONSTANT, fill=255
    )
    return np.asarray(cv2.inpaint(canvas, hole, 5, cv2.INPAINT_TELEA), np.uint8)


METHODS: Final[dict[str, Method]] = {
    "ours": extend_by_engine,
    "reflect": extend_by_mirror,
    "telea": extend_by_telea,
}


def _add_border(picture: Pixels, margins: Margins, kind: int, *, fill: int = 0) -> Pixels:
    sides = (margins.top, margins.bottom, margins.left, margins.right)
    return np.asarray(cv2.copyMakeBorder(picture, *sides, kind, value=(fill,) * 4), np.uint8)
