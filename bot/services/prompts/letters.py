"""A text as the letters that it may be read as, however they are disguised.

How a character may be read depends on its neighbours: the 5 of `5ex` may be an s, the 5 of `50 mm`
may not; a Cyrillic letter may be a Latin one in a Latin word, but not in a Russian text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from bot.services.prompts.characters import (
    UNSPACED,
    CharacterKind,
    Reading,
    expand_character,
    read_character,
)

_UNITS: Final = (
    "st|nd|rd|th|er|e|º|ª|s|k|m|d|p|x|h|g|w|v|b|mm|cm|km|nm|in|ft|px|mp|am|pm|fps|k?hz|mhz|ghz|kg"
    "|mg|lb|oz|ml|cl|[kmgt]b|bits?|bpm|mph|km?h|kph|kw|hp|dpi|ppi|ev|yo|min|sec|hrs?|[гч]|год|лет"
    "|[скм]?м|кг"
)
_COUNT: Final = rf"\d+[%°′″]?(?:{_UNITS})?"
_COLOUR: Final = re.compile(r"[^\w#]*#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})[^\w]*")
_NUMBER: Final = re.compile(rf"[^\w#]*{_COUNT}(?:[.,:/x×*'’–-]{_COUNT})*[^\w]*")
"""Numbers with their units: sizes, dates, times, prices, ordinals."""
_ONE_LETTER_WORDS: Final = frozenset("aeiouyвскуоиаяжбзіو")
"""Words of one letter in the languages of Europe, in Hebrew and Arabic."""
_PARTICLES: Final = re.compile(
    "[은는이가을를의에께와과랑도만나들인]|에서|에게|한테|으?로|이[랑나다]|하고|까지|부터|처럼|보다|들[이을은의]|입니다"
)
"""What may follow a Korean noun without a space."""
_NEARBY: Final = 3
"""Words on each side that show whether a word of look-alikes is in its own script."""
_SAME_SHAPE: Final = frozenset("Il")
_SIGNS_BEFORE_LETTERS: Final = frozenset("!|+")
"""Signs that end sentences or separate: read as letters only if more letters follow."""
_LETTERLIKE: Final = frozenset({CharacterKind.LETTER, CharacterKind.DIGIT, CharacterKind.SIGN})
_WORDLIKE: Final = frozenset({CharacterKind.LETTER, CharacterKind.DIGIT})


class Gap(IntEnum):
    """What is between a letter and the one before it."""

    NONE = 0
    JOINED = 1
    """Signs, or spaces in a word that is spelled letter by letter."""
    WIDE = 2


@dataclass(slots=True)
class Letter:
    """A letter of a text: its own reading, others that it may have, and its place in its word.

    A small letter in `others` is a Latin letter; a capital means any letter of another script that
    looks like it, in a word that mixes scripts. `starts` and `ends` say whether a word may start
    before it and end after it, `repeats` that it may repeat the letter before.
    """

    kind: CharacterKind
    own: str
    others: str
    gap: Gap
    starts: bool
    ends: bool
    repeats: bool = False


@dataclass(slots=True)
class _TextChunk:
    """The characters between two spaces."""

    text: str
    readings: list[tuple[str, Reading]]
    size: int
    """Characters that are letters, or may be."""
    is_number: bool
    scripts: set[str] = field(default_factory=set)
    is_foreign_only: bool = False
    """Whether all its letters are of another script than Latin and look like Latin ones."""
    characters: str = ""
    """The character of each reading."""
    has_small: bool = False

    @property
    def is_single(self) -> bool:
        return self.size == 1

    @property
    def may_be_a_part(self) -> bool:
        """Whether it is one letter that is no word by itself."""
        if not self.is_single:
            return False
        if not self.readings:
            return self.text.lower() not in _ONE_LETTER_WORDS
        return any(
            each.kind is CharacterKind.LETTER and each.own not in _ONE_LETTER_WORDS
            for _, each in self.readings
        )

    @property
    def sure_scripts(self) -> set[str]:
        """The scripts in which it is certainly written."""
        return set() if self.is_foreign_only else self.scripts

    @property
    def is_plain(self) -> bool:
        """Whether it is an ordinary word in ASCII."""
        return not self.readings


def read_letters(text: str) -> list[Letter]:
    """Return the letters of a text in order, at most three for each character."""
    expanded = unicodedata.normalize("NFC", "".join(map(expand_character, text)))
    parts = expanded.split()
    built = {part: _build_chunk(part) for part in set(parts)}
    chunks = [built[part] for part in parts if built[part].size]
    letters: list[Letter] = []
    for at, chunk in enumerate(chunks):
        own = _read_plain_chunk(chunk.text) if chunk.is_plain else _read_chunk(chunks, at)
        joins = at > 0 and _may_join(chunks[at - 1], chunk, is_first=at == 1)
        if own:
            own[0].gap = Gap.JOINED if joins else Gap.WIDE
            letters += own
    _mark_repeats(letters)
    return letters


def _build_chunk(text: str) -> _TextChunk:
    if text.isascii() and text.isalpha():
        return _TextChunk(text, [], len(text), is_number=False, scripts={"LATIN"})
    readings = [
        (character, reading)
        for character in text
        for reading in read_character(character)
        if reading.kind is not CharacterKind.NOTHING
    ]
    kinds = [reading.kind for _, reading in readings]
    size = len(kinds) - kinds.count(CharacterKind.JOINER) - kinds.count(CharacterKind.STOP)
    foreign = [each for _, each in readings if each.kind is CharacterKind.LETTER]
    has_digit, characters = CharacterKind.DIGIT in kinds, "".join(each for each, _ in readings)
    if has_digit and "#" in text and _COLOUR.fullmatch(text.casefold()):
        size = 0
    return _TextChunk(
        text,
        readings,
        size,
        is_number=has_digit and _NUMBER.fullmatch(text.casefold()) is not None,
        scripts={each.script for each in foreign},
        is_foreign_only=bool(foreign) and all(each.is_lookalike for each in foreign),
        characters=characters,
        has_small=any(map(str.islower, characters)),
    )


def _may_join(before: _TextChunk, after: _TextChunk, *, is_first: bool) -> bool:
    """Return whether the space between two chunks may be inside a word that is spelled out.

    A single capital before small letters names something, as in "plan B at last", but may start a
    sentence (`is_first`).
    """
    if before.is_single and after.is_single:
        return True
    is_start = is_first and before.text.isalpha()
    is_name = before.text.isupper() and not after.text.isupper() and not is_start
    return (before.may_be_a_part and not is_name) or after.may_be_a_part


def _read_plain_chunk(text: str) -> list[Letter]:
    """Return the letters of an ordinary word in ASCII."""
    last = len(text) - 1
    letters = [
        Letter(CharacterKind.LETTER, each, "", Gap.NONE, at == 0, at == last)
        for at, each in enumerate(text.lower())
    ]
    if not text.islower() and not text.isupper():
        for at, each in enumerate(text):
            if each in _SAME_SHAPE:
                letters[at].others = _find_other_case(text, at, has_small=True)
    return letters


def _find_other_case(text: str, at: int, *, has_small: bool) -> str:
    """Return what a capital I or a small l stands for among letters of the other case.

    `has_small` says whether there is any small letter in the text.
    """
    if text[at] == "I":
        return "l" if has_small else ""
    is_beside_capital = (at > 0 and text[at - 1].isupper()) or (
        at + 1 < len(text) and text[at + 1].isupper()
    )
    return "i" if is_beside_capital else ""


def _read_chunk(chunks: list[_TextChunk], at: int) -> list[Letter]:
    """Return the letters of any chunk, which depend on the chunks around it."""
    chunk, around = chunks[at], chunks[max(at - 1, 0) : at] + chunks[at + 1 : at + 2]
    is_spelled = chunk.is_single and any(each.may_be_a_part for each in around)
    leet = is_spelled or not chunk.is_number
    wide = chunks[max(at - _NEARBY, 0) : at + _NEARBY + 1] if chunk.is_foreign_only else ()
    is_native = any(chunk.scripts & each.sure_scripts for each in wide)
    may_be_latin = chunk.is_foreign_only and not is_native
    return list(_iterate_letters(chunk, leet=leet, may_be_latin=may_be_latin))


def _iterate_letters(chunk: _TextChunk, *, leet: bool, may_be_latin: bool) -> Iterator[Letter]:
    kinds = _decide_signs(chunk.readings, leet=leet)
    gap, starts, last_kind = Gap.NONE, True, CharacterKind.NOTHING
    for at, (character, reading) in enumerate(chunk.readings):
        kind = kinds[at]
        ends, next_starts = _find_borders(chunk.readings, kinds, at, leet=leet)
        if kind in _LETTERLIKE:
            if gap and last_kind is kind is CharacterKind.DIGIT:
                gap = Gap.WIDE  # the parts of a number do not spell a word
            others = reading.lookalikes
            if kind is CharacterKind.LETTER:
                others = _find_others(chunk, at, character, may_be_latin=may_be_latin)
            elif not leet:
                others = ""
            yield Letter(kind, reading.own, others, gap, starts, ends)
            gap, last_kind = Gap.NONE, kind
        else:
            gap = max(gap, Gap.WIDE if kind is CharacterKind.STOP else Gap.JOINED)
        starts = next_starts


def _find_others(chunk: _TextChunk, at: int, character: str, *, may_be_latin: bool) -> str:
    """Return which letters a letter may stand for here; see `Letter.others`."""
    reading = chunk.readings[at][1]
    others = reading.lookalikes if reading.script == "LATIN" or may_be_latin else ""
    if character in _SAME_SHAPE:
        others = _find_other_case(chunk.characters, at, has_small=chunk.has_small)
    if len(chunk.scripts) == 1:
        return others
    shapes = reading.lookalikes or (reading.own if reading.own.isascii() else "")
    return "".join(dict.fromkeys(others + reading.lookalikes + shapes.upper()))


def _decide_signs(readings: Sequence[tuple[str, Reading]], *, leet: bool) -> list[CharacterKind]:
    """Return the kinds of all characters; a sign that cannot be a letter here is a joiner."""
    kinds = [reading.kind for _, reading in readings]
    if CharacterKind.SIGN not in kinds:
        return kinds
    follows = [False] * len(kinds)
    for at in range(len(kinds) - 2, -1, -1):
        after = kinds[at + 1]
        follows[at] = after in _WORDLIKE or (after is CharacterKind.SIGN and follows[at + 1])
    for at, (character, reading) in enumerate(readings):
        if reading.kind is CharacterKind.SIGN:
            precedes = len(kinds) == 1 or (at > 0 and kinds[at - 1] in _LETTERLIKE)
            may_end = precedes and character not in _SIGNS_BEFORE_LETTERS
            if not leet or not (follows[at] or may_end):
                kinds[at] = CharacterKind.JOINER
    return kinds


def _find_borders(
    readings: Sequence[tuple[str, Reading]], kinds: Sequence[CharacterKind], at: int, *, leet: bool
) -> tuple[bool, bool]:
    """Return whether a word may end at a character, and whether one may start after it."""
    if at + 1 == len(readings):
        return True, True
    kind, after = kinds[at], kinds[at + 1]
    if kind not in _WORDLIKE or after not in _WORDLIKE:
        # a sign may separate, so that words end before it and start after it
        return not (kind is CharacterKind.SIGN and after in _WORDLIKE), not (
            after is CharacterKind.SIGN and kind in _WORDLIKE
        )
    if kind is not after:
        # a number is not part of the word beside it, unless its digits are read as letters
        return kind is CharacterKind.LETTER or not leet, after is CharacterKind.LETTER or not leet
    here, there = readings[at][1].script, readings[at + 1][1].script
    if here in UNSPACED or there in UNSPACED:
        is_border = not here == there == "KATAKANA"
        return is_border, is_border
    return here == "HANGUL" and _follow_particle(readings, at + 1), False


def _follow_particle(readings: Sequence[tuple[str, Reading]], place: int) -> bool:
    """Return whether the rest of a Korean word is a particle."""
    rest = "".join(each for each, reading in readings[place : place + 4])
    return _PARTICLES.fullmatch(rest.rstrip(".,!?…\"')")) is not None


def _mark_repeats(letters: Sequence[Letter]) -> None:
    """Mark the letters of runs of three or more, and of words with every letter doubled."""
    word: list[list[Letter]] = []
    last = ""
    for letter in letters:
        key = letter.own or letter.others[:1]
        if letter.gap is Gap.WIDE:
            _mark_runs(word)
            word = [[letter]]
        elif key == last:
            word[-1].append(letter)
        else:
            word.append([letter])
        last = key
    _mark_runs(word)


def _mark_runs(word: Sequence[Sequence[Letter]]) -> None:
    longest = max(map(len, word), default=1)
    if longest == 1:
        return
    is_doubled = len(word) > 1 and all(len(run) > 1 for run in word)
    for run in word:
        is_word = run[0].kind is CharacterKind.LETTER or run[0].others
        if (len(run) > 2 or is_doubled) and is_word:
            for letter in run[1:]:
                letter.repeats = True


def fold_text(text: str) -> tuple[str, str]:
    """Return a text as its likeliest letters, with signs inside words as spaces and as nothing."""
    letters = [letter for letter in read_letters(text) if not letter.repeats]
    apart, together = list[str](), list[str]()
    for letter in letters:
        read = letter.own if letter.kind is CharacterKind.LETTER and letter.own.isascii() else ""
        read = read or letter.others[:1] or letter.own
        apart.append(" " * bool(letter.gap) + read)
        together.append(" " * (letter.gap is Gap.WIDE) + read)
    return "".join(apart).strip(), "".join(together).strip()
