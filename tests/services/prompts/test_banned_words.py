"""A listed word is found in any disguise, and nothing else is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import pytest

from bot.services.prompts.banned_words import find_listed_word, fold_entry
from tests.services.prompts.evasions import EVASIONS
from tests.services.prompts.innocents import INNOCENTS
from tests.support.hostile_prompts import LISTS, PROMPTS


def list_rows(table: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Return kind, entry and prompt of each row."""
    for kind, rows in table.items():
        for row in rows.strip("\n").split("\n"):
            entry, _, prompt = row.partition(" | ")
            yield kind, entry, prompt.replace("␤", "\n")


def test_evasions_are_found_and_innocents_pass() -> None:
    evasions, innocents = list(list_rows(EVASIONS)), list(list_rows(INNOCENTS))
    missed = [row for row in evasions if find_listed_word([row[1]], row[2]) != row[1]]
    wronged = [row for row in innocents if find_listed_word([row[1]], row[2]) is not None]
    print(f"evasions found: {len(evasions) - len(missed)} of {len(evasions)}")  # noqa: T201
    print(f"innocents passed: {len(innocents) - len(wronged)} of {len(innocents)}")  # noqa: T201
    assert (missed, wronged) == ([], [])


def test_the_table_has_two_hundred_of_each() -> None:
    for table in (EVASIONS, INNOCENTS):
        assert len(set(list_rows(table))) >= 200


@pytest.mark.parametrize("prompt", ["spoonful", "teaspoon", "spo on", "", "   "])
def test_part_of_a_word_is_not_the_word(prompt: str) -> None:
    assert find_listed_word(["spoon"], prompt) is None


def test_the_entry_whose_word_comes_first_is_named() -> None:
    assert (
        find_listed_word(["lake", "red  Spoon", "hill"], "a r3d, spoon on a hill") == "red  Spoon"
    )


def test_an_entry_of_signs_alone_matches_nothing() -> None:
    assert find_listed_word(["---"], "anything --- at all") is None
    assert find_listed_word(["---", "lake"], "a lake --- at all") == "lake"


@pytest.mark.parametrize(
    ("entry", "folded"),
    [
        ("日本 — Ünï", "日本 uni"),
        ("L0FFEL", "loffel"),
        ("  Red\u200b  Spoon ", "red spoon"),
        ("1488", "1488"),
        ("ガン", "がん"),
        ("ﬁre", "fire"),
        ("Straße", "strasse"),
    ],
)
def test_entries_that_differ_in_writing_alone_are_the_same(entry: str, folded: str) -> None:
    assert fold_entry(entry) == folded


@pytest.mark.parametrize("words", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("text", PROMPTS.values(), ids=PROMPTS)
def test_the_worst_list_and_prompt_take_milliseconds(text: str, words: tuple[str, ...]) -> None:
    assert len(words) == 200
    find_listed_word(words, text)  # the list is compiled once
    spent = []
    for _ in range(5):
        began = time.thread_time()
        find_listed_word(words, text)
        spent.append(time.thread_time() - began)
    assert min(spent) < 0.05
