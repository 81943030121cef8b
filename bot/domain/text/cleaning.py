"""Cleaning of text that members wrote: what cannot be seen goes, what shapes letters stays."""

from __future__ import annotations

import unicodedata
from typing import Final

MAX_DESCRIPTION_LENGTH: Final = 300
"""Characters of a description that go into a prompt: a sentence or two say what a picture shows."""
_ALLOWED_CONTROLS: Final = frozenset("\n\t")
_NON_JOINER, _JOINER = "\u200c", "\u200d"
_JOINERS: Final = frozenset({_NON_JOINER, _JOINER})
_FLAG, _TAG_END = "\U0001f3f4", "\U000e007f"
_TAG_OFFSET: Final = 0xE0000
_TAG_LENGTHS: Final = range(3, 7)
"""Letters and digits of a flag's region, such as `gbsct`, each as a tag character (UTS #51)."""
_VISIBLE_FORMATS: Final = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
"""Signs that Unicode counts as format characters, but that are drawn (Prepended_Concatenation)."""
_SELECTORS: Final = frozenset(map(chr, range(0xFE00, 0xFE10)))
_VIRAMA_CLASS: Final = 9
"""Combining class of signs that join consonants, after which a joiner selects the form."""


def clean_prompt(text: str) -> str:
    """Normalise to NFC, remove what cannot be seen, and strip."""
    return remove_invisible(text).strip()


def clean_description(text: str) -> str:
    """Return a description as one clean line of at most 300 characters."""
    line = " ".join(clean_prompt(text).split())
    return remove_invisible(line[:MAX_DESCRIPTION_LENGTH]).strip()


def remove_invisible(text: str) -> str:
    """Remove control, bidi, surrogate and zero-width characters, and normalise to NFC.

    Kept are line breaks and tabs, joiners between letters and within emoji, and flags' regions.
    """
    while (cleaned := _remove_once(text)) != text:
        text = cleaned  # a removal can bring characters together that then compose
    return cleaned


def _remove_once(text: str) -> str:
    seen = "".join(
        part
        for at, character in enumerate(text)
        for part in (character if _is_visible(character) else "", _read_flag_region(text, at))
    )
    return unicodedata.normalize("NFC", _remove_lone(unicodedata.normalize("NFC", seen)))


def _is_visible(character: str) -> bool:
    """Return whether a character stays, as far as its neighbours do not matter."""
    if character in _ALLOWED_CONTROLS | _JOINERS | _VISIBLE_FORMATS:
        return True
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs"}


def _read_flag_region(text: str, at: int) -> str:
    """Return the invisible region after a flag at a place of the text, or nothing."""
    if text[at] != _FLAG:
        return ""
    end = text.find(_TAG_END, at, at + _TAG_LENGTHS.stop + 1)
    region = text[at + 1 : max(end, 0)]
    letters = "".join(chr(ord(tag) % _TAG_OFFSET) for tag in region if ord(tag) > _TAG_OFFSET)
    is_region = len(letters) == len(region) and letters.isascii() and letters.isalnum()
    return region + _TAG_END if is_region and len(region) in _TAG_LENGTHS else ""


def _remove_lone(text: str) -> str:
    """Remove joiners and variation selectors that change nothing next to them."""
    kept: list[str] = []
    for at, character in enumerate(text):
        before = kept[-1] if kept else " "
        if character in _JOINERS:
            after = next((each for each in text[at + 1 :] if each not in _JOINERS), " ")
            if not _joins(character, before, after):
                continue
        elif character in _SELECTORS and before.isspace():
            continue
        kept.append(character)
    return "".join(kept)


def _joins(joiner: str, before: str, after: str) -> bool:
    if unicodedata.combining(before) == _VIRAMA_CLASS or (_is_letter(before) and _is_letter(after)):
        return True
    return joiner == _JOINER and _is_emoji_part(before) and _is_emoji_part(after)


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM" and character not in _SELECTORS


def _is_emoji_part(character: str) -> bool:
    """Return whether an emoji may end or begin with it: a symbol, a skin tone, a selector."""
    return unicodedata.category(character) in {"So", "Sk"} or character in _SELECTORS
