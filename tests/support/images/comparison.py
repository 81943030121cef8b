"""Compare pictures as a person would: colours where there are any, and where there are none."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MEAN_LEVELS: Final = 5.0
"""Colours may differ by this on average, over the pixels that can be seen."""
ALPHA_LEVELS: Final = 8
ALPHA_SHARE: Final = 0.002
"""Transparency may differ by more than these levels in this share of the pixels."""


def describe_difference(image: Image.Image, shown: NDArray[np.uint8]) -> str | None:
    """Return what differs from the pixels (RGBA) of another reader; None if nothing does."""
    ours = np.asarray(image.convert("RGBA")).astype(np.int64)
    theirs = shown.astype(np.int64)
    if ours.shape != theirs.shape:
        return f"size {ours.shape[1::-1]}, not {theirs.shape[1::-1]}"
    apart = np.abs(ours - theirs)
    share = float((apart[..., 3] > ALPHA_LEVELS).mean())
    if share > ALPHA_SHARE:
        return f"transparency differs in {share:.2%} of the pixels"
    is_visible = theirs[..., 3] > 0
    mean = float(apart[is_visible][:, :3].mean()) if is_visible.any() else 0.0
    return f"colours differ by {mean:.1f} levels" if mean > MEAN_LEVELS else None
