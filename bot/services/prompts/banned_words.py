"""The matching of a guild's banned words, also where a prompt disguises them.

One automaton matches all words: bit n of its state means that a word's letters up to the n-th of
all letters have just been read (Baeza-Yates and Gonnet, 1992: "A new approach to text searching").
So the cost depends on a text's length only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from bot.services.prompts.characters import CharacterKind, read_character
from bot.services.prompts.letters import Gap, Letter, read_letters

_CACHED_LISTS: Final = 32
"""Guilds whose compiled list is kept: some 100 kB each, at most 2 MB."""
_SHORTEST_DISGUISED: Final = 3
"""Letters of the shortest word that digits and signs may spell, so that A4 and 3D pass."""
_SHORTEST_WITH_PAIR: Final = 6
"""Letters of the shortest word in which rn is read as m; among shorter ones are burn and bum."""
_FREQUENT: Final = 5
"""Places of a letter from which its mask is cached; few letters have as many."""
_PAIRS: Final = {"rn": "m", "vv": "w", "ph": "f"}
"""Two letters that look or sound like one."""
_PAIR_ENDS: Final = frozenset(pair[1] for pair in _PAIRS)
_FLIPPED: Final = str.maketrans(
    "ɐqɔpǝɟƃɥᴉıɾʞlɯuodbɹsʇnʌʍxʎz∀ƎℲ⅁ſ⅂ԀɹS┴∩Λ⅄",
    "abcdefghiijklmnopqrstuvwxyzaefgjlprstuvy",
)
_TURNED: Final = frozenset("ɐǝɟƃɥᴉɾʞɯɹʇʍʎ")
"""Letters that only text turned upside down has, which is read from its end."""


@lru_cache(4096)
def fold_entry(entry: str) -> str:
    """Return an entry's letters, its words separated by one space; equal ones are the same word."""
    return " ".join("".join(map(_choose_reading, part)) for part in _read_parts(entry))


def _read_parts(entry: str) -> list[list[Letter]]:
    """Return the letters of an entry's words."""
    parts: list[list[Letter]] = []
    for letter in read_letters(entry):
        if letter.gap is Gap.WIDE or not parts:
            parts.append([])
        parts[-1].append(letter)
    return parts


def _choose_reading(letter: Letter) -> str:
    return (letter.others[:1] if letter.kind is not CharacterKind.LETTER else "") or letter.own


def find_listed_word(words: Iterable[str], text: str) -> str | None:
    """Return the banned entry that is found first in the text as whole words, or None."""
    listed = compile_list(tuple(words))
    found = listed.find_word(read_letters(text))
    if found is None and not _TURNED.isdisjoint(text):
        found = listed.find_word(read_letters(text[::-1].translate(_FLIPPED)))
    return found


@lru_cache(_CACHED_LISTS)
def compile_list(words: tuple[str, ...]) -> WordList:
    return WordList(words)


class WordList:
    """A guild's words, each letter of each at a bit of its own."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words: list[tuple[int, str]] = []
        """The bit of each word's last letter, and the word as it was listed."""
        self._starts = self._ends = self._parts = self._part_ends = 0
        self._places: dict[str, list[int]] = {}
        self._masks: dict[str, int] = {}
        self._disguised = self._paired = 0
        at = 0
        for word in words:
            at = self._add_word(word, at)

    def _add_word(self, word: str, at: int) -> int:
        """Add a word from a bit on and return the first bit after it."""
        parts = _read_parts(word)
        length = sum(map(len, parts))
        if not length:
            return at
        start, end = at, at + length
        self._starts |= 1 << start
        self._ends |= 1 << end - 1
        self._words.append((end - 1, word))
        block = ((1 << length) - 1) << start
        if length >= _SHORTEST_DISGUISED:
            self._disguised |= block
        self._paired |= block if length >= _SHORTEST_WITH_PAIR else 1 << start
        for part in parts:
            if at > start:
                self._parts |= 1 << at
                self._part_ends |= 1 << at - 1
            for letter in part:
                for each in _list_readings(letter):
                    self._places.setdefault(each, []).append(at)
                at += 1
        return at

    def find_word(self, letters: Sequence[Letter]) -> str | None:
        """Return the listed word whose last letter comes first, or None."""
        state = before = 0
        starts, ends, parts = self._starts, self._ends, self._parts
        masks: dict[tuple[CharacterKind, str, str], int] = {}
        previous: Letter | None = None
        if not starts:
            return None
        for letter in letters:
            if letter.gap is Gap.WIDE:
                state &= self._part_ends
            key = letter.kind, letter.own, letter.others
            mask = masks[key] if key in masks else masks.setdefault(key, self._find_mask(letter))
            moved = state << 1
            moved = moved | starts if letter.starts else moved & ~parts
            reached = moved & mask
            if letter.repeats:
                reached |= state & mask
            if letter.own in _PAIR_ENDS and letter.gap is Gap.NONE:
                reached |= self._read_pair(before, previous, letter)
            if letter.kind is CharacterKind.SIGN:
                reached |= state  # or it only separates
            if letter.ends and reached & ends:
                return self._name_word(reached & ends)
            before, state, previous = state, reached, letter
        return None

    def _read_pair(self, before: int, previous: Letter | None, letter: Letter) -> int:
        """Return where two letters that may be read as one lead from the state before both."""
        one = _PAIRS.get(previous.own + letter.own) if previous else None
        if previous is None or one is None:
            return 0
        moved = before << 1
        moved = moved | self._starts if previous.starts else moved & ~self._parts
        return moved & self._get_mask(one) & (self._paired if one == "m" else -1)

    def _find_mask(self, letter: Letter) -> int:
        mask = self._get_mask(letter.own) if letter.own else 0
        if letter.others:
            others = 0
            for each in letter.others:
                others |= self._get_mask(each)
            mask |= others if letter.kind is CharacterKind.LETTER else others & self._disguised
        return mask

    def _get_mask(self, letter: str) -> int:
        """Return the bits of a letter's places, made when it is first met."""
        mask = self._masks.get(letter, 0)
        if mask:
            return mask
        places = self._places.get(letter, ())
        if len(places) < _FREQUENT:
            for place in places:
                mask |= 1 << place
            return mask
        bits = bytearray(max(places) // 8 + 1)
        for place in places:
            bits[place // 8] |= 1 << place % 8
        mask = self._masks[letter] = int.from_bytes(bits, "little")
        return mask

    def _name_word(self, found: int) -> str:
        first = (found & -found).bit_length() - 1
        return next(word for last, word in self._words if last == first)


def _list_readings(letter: Letter) -> set[str]:
    """Return what stands for a letter of an entry, as `Letter.others` says it."""
    readings = {letter.own} if letter.own else set(letter.others)
    if letter.kind is CharacterKind.LETTER and not letter.own.isascii():
        (reading, *_) = read_character(letter.own)
        is_latin = reading.script == "LATIN"
        return readings | set(reading.lookalikes if is_latin else reading.lookalikes.upper())
    return readings | (set(letter.others) if letter.kind is CharacterKind.DIGIT else set())
