"""What a single character may be read as: a letter, a digit, a sign, a gap, or nothing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum, auto
from functools import lru_cache
from typing import Final

from disarm import normalize_confusables

_CACHED: Final = 32_768
"""Characters whose reading is kept: more than a prompt of any language has."""
_MAX_EXPANSION: Final = 3
"""Characters that one may stand for; longer ones are phrases in one sign, such as U+FDFA."""
_IGNORABLE: Final = (
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
    *((0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
"""Default_Ignorable_Code_Point (Unicode 17, DerivedCoreProperties.txt) without the fillers."""
_BLANKS: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Hangul fillers, which are default-ignorable too, and the empty braille cell: drawn as a gap."""
_KASHIDA: Final = "\u0640"
"""Stretches an Arabic word and changes nothing."""
_LEET: Final = {
    **dict(zip("0123456789", ("o", "il", "z", "e", "a", "s", "bg", "t", "b", "gq"), strict=True)),
    **dict(zip("@$!|+", ("a", "s", "il", "il", "t"), strict=True)),
    **dict(zip("❌✖⭕○●◯💲❗❕†", "xxoooosiit", strict=True)),
}
"""Digits and signs in place of letters, the likeliest first."""
_TWO_LETTERS: Final = {"æ": "ae", "œ": "oe"}
_LETTER_NAME: Final = re.compile(
    r"(?:NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL|REGIONAL INDICATOR SYMBOL) LETTER ([A-Z])"
)
_TURNED_NAME: Final = re.compile(
    r"LATIN (?:SMALL|CAPITAL|LETTER SMALL CAPITAL)(?: LETTER)? (?:TURNED|REVERSED) (?:OPEN )?"
    r"([A-Z])"
)
UNSPACED: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR"})
"""Scripts without spaces between words, as the names of their characters begin."""
_WITH_ACCENTS: Final = frozenset({"LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW"})
"""Scripts whose marks are accents or vowel signs, without which a word stays the same."""


class CharacterKind(IntEnum):
    """What a character does in a word; a number, as those are looked up fastest."""

    LETTER = auto()
    DIGIT = auto()
    SIGN = auto()
    """A sign that may also be read as a letter, such as `$`."""
    JOINER = auto()
    """Any other sign, which may stand between the letters of a word."""
    SPACE = auto()
    STOP = auto()
    """The end of a sentence or clause in a script without spaces."""
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Reading:
    """How a character is read: its own letter, then letters that it may be mistaken for.

    `script` is the first word of its Unicode name. `is_lookalike` says that a letter of another
    script looks like a Latin one (UTS #39).
    """

    kind: CharacterKind
    own: str = ""
    lookalikes: str = ""
    script: str = ""
    is_lookalike: bool = False


_NOTHING, _JOINER = Reading(CharacterKind.NOTHING), Reading(CharacterKind.JOINER)


@lru_cache(_CACHED)
def expand_character(character: str) -> str:
    """Return the plain characters behind a circled, squared, wide or joined one."""
    if character.isascii():
        return character
    named = _LETTER_NAME.fullmatch(unicodedata.name(character, ""))
    if named:
        return named[1]
    expanded = unicodedata.normalize("NFKC", character)
    return expanded if len(expanded) <= _MAX_EXPANSION else character


@lru_cache(_CACHED)
def read_character(character: str) -> tuple[Reading, ...]:
    """Return how a character is read, most of them as one letter or none."""
    if "\u4e00" <= character <= "\u9fff":  # most of Chinese and Japanese, at no cost
        return (Reading(CharacterKind.LETTER, character, "", "CJK"),)
    if character in _BLANKS:
        return (_JOINER,)
    category = unicodedata.category(character)
    if category[0] == "L" and character != _KASHIDA:
        return _read_letter(character)
    if category[0] == "M":
        return (_read_mark(character, category),)
    if category == "Nd":
        digit = str(unicodedata.digit(character))
        return (Reading(CharacterKind.DIGIT, digit, _LEET[digit], "DIGIT"),)
    return (_read_sign(character, category),)


def _read_sign(character: str, category: str) -> Reading:
    """Return what separates letters, may be taken for one, or is not seen at all."""
    if character.isspace():
        return Reading(CharacterKind.SPACE)
    if category in {"Cc", "Cf", "Cs"} or character == _KASHIDA or _is_ignorable(character):
        return _NOTHING
    if character in "、。":
        return Reading(CharacterKind.STOP)
    letters = _LEET.get(character) or ("" if character.isascii() else _find_latin(character))
    return Reading(CharacterKind.SIGN, lookalikes=letters) if letters else _JOINER


def _is_ignorable(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _IGNORABLE)


def _read_letter(character: str) -> tuple[Reading, ...]:
    script = unicodedata.name(character, "").partition(" ")[0].partition("-")[0]
    if script in UNSPACED or script == "HANGUL":
        return (Reading(CharacterKind.LETTER, _to_hiragana(character), "", script),)
    folded = character.casefold()
    plain = "".join(
        each for each in unicodedata.normalize("NFD", folded) if not _is_accent(each, script)
    )
    if script != "LATIN":
        return _read_foreign(character, plain, script)
    letters = _TWO_LETTERS.get(plain, plain)
    if letters.isascii():
        return tuple(Reading(CharacterKind.LETTER, each, "", script) for each in letters)
    turned = _TURNED_NAME.match(unicodedata.name(character, ""))
    found = turned[1].casefold() if turned else ""
    latin = _find_latin(character)
    likes = found + latin if latin != found else found
    return (Reading(CharacterKind.LETTER, letters[0], likes, script, is_lookalike=bool(likes)),)


def _read_foreign(character: str, plain: str, script: str) -> tuple[Reading, ...]:
    """Return a letter of another script, with the Latin letters that it looks like."""
    seen = dict.fromkeys(_find_latin(character) + _find_latin(plain[:1]))
    likes = "".join(seen) or _LEET.get(normalize_confusables(plain[:1]), "")
    letters = plain or character
    first = Reading(CharacterKind.LETTER, letters[0], likes, script, is_lookalike=bool(seen))
    return (first, *(Reading(CharacterKind.LETTER, each, "", script) for each in letters[1:]))


def _find_latin(character: str) -> str:
    """Return the small Latin letter that a character looks like (UTS #39), or nothing."""
    found = normalize_confusables(character) if character else ""
    return found.casefold() if len(found) == 1 and found.isascii() and found.isalpha() else ""


def _read_mark(character: str, category: str) -> Reading:
    """Return a mark as a letter if words differ by it, as in the scripts of India, or nothing."""
    script = unicodedata.name(character, "").partition(" ")[0]
    is_drawn_around = category == "Me" or script in {*_WITH_ACCENTS, "COMBINING"}
    if is_drawn_around or _is_ignorable(character) or _is_accent(character, script):
        return _NOTHING
    return Reading(CharacterKind.LETTER, character, "", script)


def _is_accent(character: str, script: str) -> bool:
    """Return whether a mark is an accent: above, below or through a letter."""
    if script in _WITH_ACCENTS:
        return unicodedata.category(character)[0] == "M"
    place = unicodedata.combining(character)
    return place == 1 or place >= 200  # canonical combining classes, UAX #44


def _to_hiragana(character: str) -> str:
    """Return katakana as hiragana, 0x60 below it, so that a word is found in either."""
    is_katakana = "\u30a1" <= character <= "\u30f6"
    return chr(ord(character) - 0x60) if is_katakana else character
