"""The matching of a guild's banned words, also where a prompt disguises them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

MAX_WORDS: Final = 200
MAX_WORD_LENGTH: Final = 60
"""Characters of an entry, which may be several words."""

_LOOKALIKES: Final = str.maketrans("013457@$", "oleastas")
"""Digits and signs used in place of letters to avoid being found."""


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
