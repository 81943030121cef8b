"""The prompt: cleaning what a member wrote, and the default where nothing was written."""

from __future__ import annotations

import unicodedata
from typing import Final

from bot.domain.geometry import Margins

MIN_PROMPT_LENGTH: Final = 2
MAX_PROMPT_LENGTH: Final = 3000
"""Bounds of `positivePrompt` in characters (vendor's parameter list)."""

_ALLOWED_CONTROLS: Final = frozenset("\n\t")
_SIDE_PHRASES: Final = {
    "top": "above the frame",
    "right": "to the right",
    "bottom": "below the frame",
    "left": "to the left",
}


def clean_prompt(text: str) -> str:
    """Compose the text (NFC); drop control, bidi, zero-width and surrogate characters; strip it."""
    composed = unicodedata.normalize("NFC", text)
    kept = (
        character
        for character in composed
        if character in _ALLOWED_CONTROLS
        or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
    )
    return "".join(kept).strip()


def build_default_prompt(margins: Margins) -> str:
    """Word a neutral continuation that names the sides which grow."""
    sides = [_SIDE_PHRASES[side] for side, pixels in margins.get_by_side().items() if pixels]
    where = "in every direction" if len(sides) == len(_SIDE_PHRASES) else " and ".join(sides)
    return (
        f"Continue this picture naturally {where}: the same scene, perspective, light, "
        "colours, texture and style, without a visible border"
    )
