"""Cleaning of prompts, the default prompt, and the matching of a guild's banned words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

from bot.domain.geometry import Margins

MIN_PROMPT_LENGTH: Final = 2
MAX_PROMPT_LENGTH: Final = 3000
"""Bounds of `positivePrompt` in characters (vendor's parameter list)."""
MAX_WORDS: Final = 200
MAX_WORD_LENGTH: Final = 60
"""Characters of an entry, which may be several words."""

_ALLOWED_CONTROLS: Final = frozenset("\n\t")
_SIDE_PHRASES: Final = {
    "top": "above the frame",
    "right": "to the right",
    "bottom": "below the frame",
    "left": "to the left",
}
_LOOKALIKES: Final = str.maketrans("013457@$", "oleastas")
"""Digits and signs used in place of letters to avoid being found."""


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


def normalise_text(text: str) -> str:
    """Remove case, accents, look-alikes and invisible characters; separate words by one space."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LOOKALIKES)
    letters: list[str] = []
    for character in plain:
        kind = unicodedata.category(character)
        if kind[0] in "LN":
            letters.append(character)
        elif kind not in {"Mn", "Cf"}:  # accents and invisible characters separate no words
            letters.append(" ")
    return " ".join("".join(letters).split())


def find_listed_word(words: Iterable[str], text: str) -> str | None:
    """Return the first banned entry that occurs in the text as whole words, or None."""
    padded = f" {normalise_text(text)} "
    return next(
        (word for word in words if (clean := normalise_text(word)) and f" {clean} " in padded), None
    )
