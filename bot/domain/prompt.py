"""Cleaning of prompts, and the default prompt."""

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
    """Normalise to NFC, remove control, bidi, zero-width and surrogate characters, and strip."""
    composed = unicodedata.normalize("NFC", text)
    allowed = (
        character
        for character in composed
        if character in _ALLOWED_CONTROLS
        or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
    )
    return "".join(allowed).strip()


def build_default_prompt(margins: Margins) -> str:
    """Build a neutral prompt that names the sides to extend."""
    sides = [_SIDE_PHRASES[side] for side, pixels in margins.get_by_side().items() if pixels]
    where = "in every direction" if len(sides) == len(_SIDE_PHRASES) else " and ".join(sides)
    return (
        f"Continue this picture naturally {where}: the same scene, perspective, light, "
        "colours, texture and style, without a visible border"
    )
