"""Banned words are found however they are dressed up, and only as words."""

from __future__ import annotations

import pytest

from bot.domain.wordlist import find_listed_word, normalise_text


@pytest.mark.parametrize(
    "prompt",
    [
        "a SPOON",
        "sp\u200boon",
        "ｓｐｏｏｎ",
        "sp00n!",
        "5poon",
        "spöon",
        "the-spoon.",
        "S\u0301poon",
    ],
)
def test_a_word_is_found_in_disguise(prompt: str) -> None:
    assert find_listed_word(["spoon"], prompt) == "spoon"


@pytest.mark.parametrize("prompt", ["spoonful", "teaspoon", "spo on", "", "   "])
def test_part_of_a_word_is_not_the_word(prompt: str) -> None:
    assert find_listed_word(["spoon"], prompt) is None


def test_an_entry_may_be_several_words() -> None:
    assert find_listed_word(["red  Spoon"], "one red, spoon") == "red  Spoon"


def test_an_entry_of_signs_alone_matches_nothing() -> None:
    assert find_listed_word(["---"], "anything --- at all") is None


def test_letters_of_other_scripts_stay() -> None:
    assert normalise_text("日本 — Ünï") == "日本 uni"
