"""Numbers as people type them: full-width, with a comma as decimal mark, in either case."""

from __future__ import annotations

import unicodedata
from typing import Final

from bot.domain.text.cleaning import remove_invisible

_SAME_SIGN_KINDS: Final = frozenset({"<wide>", "<narrow>", "<small>", "<noBreak>", "<font>"})
"""Kinds of characters that only look different. Others are not the same: 5² is not 52."""
_SIGNS: Final = str.maketrans(
    {
        ",": ".",
        "\N{MINUS SIGN}": "-",
        "\N{RATIO}": ":",
        "×": "x",
        "\N{CYRILLIC SMALL LETTER HA}": "x",
    }
)


def normalise_number(text: str) -> str:
    """Return a number or ratio in ASCII lower case, with a point as decimal mark, and stripped.

    What cannot be written so stays, and is refused by whoever reads the number.
    """
    plain = "".join(map(_replace_look, remove_invisible(text)))
    return plain.lower().translate(_SIGNS).strip()


def parse_digits(text: str) -> int | None:
    """Read a whole number that is not negative and has at most nine digits; None for others."""
    # `isdigit` is also true for digits that `int` refuses, such as "²"
    plain = normalise_number(text)
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 9 else None


def _replace_look(character: str) -> str:
    kind = unicodedata.decomposition(character).partition(" ")[0]
    return unicodedata.normalize("NFKC", character) if kind in _SAME_SIGN_KINDS else character
