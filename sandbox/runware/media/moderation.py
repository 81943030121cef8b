"""Moderation for tests: triggered by words in a prompt, or a mark in a seed image.

`unsafe-prompt-N` or the mark of level N (0..6) refuses the whole task at every safety tolerance up
to N, `unsafe-result-N` only the first result; `nsfw-result` flags results if a check is requested.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WORD: Final = re.compile(r"\bunsafe-(prompt|result)-([0-6])\b")
_NSFW: Final = re.compile(r"\bnsfw-result\b")
LEVELS: Final = range(7)
"""The model's safety tolerances (vendor's parameter list: 0 to 6)."""
MARK_EDGE: Final = 8
"""Side in pixels of the mark, a square in the upper left corner."""
_SLACK: Final = 10
"""Allowed deviation of the mark's mean colour per channel: lossy formats change colours."""


def get_mark_colour(level: int) -> tuple[int, int, int]:
    """Return the colour (red, green, blue) of a level's mark."""
    return 255, 0, 32 * level + 16


def find_prompt_level(prompt: str) -> int | None:
    """Return the level at which the whole task is refused, or None."""
    return _find_strictest(prompt, "prompt")


def find_result_level(prompt: str) -> int | None:
    """Return the level at which the first result is refused, or None."""
    return _find_strictest(prompt, "result")


def is_nsfw_prompt(prompt: str) -> bool:
    return bool(_NSFW.search(prompt))


def find_image_level(pixels: NDArray[np.uint8]) -> int | None:
    """Return the level of a seed image's mark, or None; `pixels` is (height, width, 3+)."""
    red, green, blue = pixels[:MARK_EDGE, :MARK_EDGE, :3].reshape(-1, 3).mean(axis=0)
    if red < 255 - _SLACK or green > _SLACK:
        return None
    level = round((blue - 16) / 32)
    return level if level in LEVELS and abs(blue - get_mark_colour(level)[2]) <= _SLACK else None


def is_refused(level: int | None, tolerance: int) -> bool:
    return level is not None and tolerance <= level


def _find_strictest(prompt: str, part: str) -> int | None:
    levels = [int(level) for found_part, level in _WORD.findall(prompt) if found_part == part]
    return max(levels, default=None)
