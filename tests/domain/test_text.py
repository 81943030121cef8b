"""Text as members write it: scripts and emoji stay whole, and numbers are read in any typing."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import NotARatio
from bot.domain.request import parse_ratio
from bot.domain.text.cleaning import MAX_DESCRIPTION_LENGTH, clean_description, clean_prompt
from bot.domain.text.numbers import normalise_number, parse_digits
from bot.ui.i18n.formatting import escape_text, shorten_text

ZWNJ, ZWJ = "\N{ZERO WIDTH NON-JOINER}", "\N{ZERO WIDTH JOINER}"
SCOTLAND = "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbsct") + "\U000e007f"
KEPT = {
    "Persian half-space": f"می{ZWNJ}خواهم یک باغ",
    "Persian plural": f"کوه{ZWNJ}های بلند",
    "Kurdish letter before a joiner": f"ه{ZWJ}م",
    "Hindi half letter": f"क्{ZWJ}ष",
    "Sinhala conjunct": f"ශ්{ZWJ}රී",
    "Malayalam letter at a word's end": f"ന്{ZWJ} and more",
    "German hint between parts of a word": f"Auf{ZWNJ}lage",
    "family": f"👨{ZWJ}👩{ZWJ}👧{ZWJ}👦",
    "skin tones": f"👩🏽{ZWJ}🚀 👋🏿",
    "rainbow flag": f"🏳️{ZWJ}🌈",
    "pirate flag": f"🏴{ZWJ}☠️",
    "flag of a country": "🇩🇪 🇯🇵",
    "flag of a region": SCOTLAND,
    "keycap": "1️⃣",
    "heart as picture and as text": "❤️ ❤︎",
    "Arabic sign of a number": "\u0600١٢",
    "lines": "first\nsecond\tthird",
}
DROPPED = {
    "bidi override": ("a\u202eb", "ab"),
    "bidi isolate": ("\u2066a\u2069", "a"),
    "marks of direction": ("\u200fسلام\u200e", "سلام"),
    "zero-width space": ("a\u200bb", "ab"),
    "byte-order mark": ("\ufeffa", "a"),
    "soft hyphen": ("Auf\u00adlage", "Auflage"),
    "word joiner": ("a\u2060b", "ab"),
    "joiner at the start": (f"{ZWJ}a", "a"),
    "joiner at the end": (f"a{ZWNJ}", "a"),
    "joiner beside a space": (f"a {ZWNJ}b", "a b"),
    "second joiner in a row": (f"می{ZWNJ}{ZWNJ}خواهم", f"می{ZWNJ}خواهم"),
    "joiner after a lone emoji": (f"👨{ZWJ} b", "👨 b"),
    "non-joiner within an emoji": (f"👨{ZWNJ}👩", "👨👩"),
    "selector without a sign": (" \ufe0fa", "a"),
    "letters hidden as tags": ("a" + "".join(chr(0xE0000 + ord(x)) for x in "run"), "a"),
    "too long a region": (
        "\U0001f3f4" + "".join(chr(0xE0000 + ord(x)) for x in "ignore") * 2 + "\U000e007f",
        "\U0001f3f4",
    ),
    "region without an end": (SCOTLAND[:-1], "\U0001f3f4"),
    "half of a pair": ("a\ud800b", "ab"),
    "letters that compose once a mark is gone": ("e\u200b\u0301", "é"),
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_what_shapes_letters_and_emoji_is_kept(text: str) -> None:
    assert clean_prompt(text) == text


@pytest.mark.parametrize(("text", "clean"), DROPPED.values(), ids=DROPPED.keys())
def test_what_only_hides_or_turns_text_is_dropped(text: str, clean: str) -> None:
    assert clean_prompt(text) == clean


@pytest.mark.parametrize(
    "name", [f"علی{ZWNJ}رضا", f"Ada 👩🏽{ZWJ}🚀", SCOTLAND], ids=["Persian", "emoji", "flag"]
)
def test_a_name_is_shown_as_its_owner_wrote_it(name: str) -> None:
    assert escape_text(name) == name
    assert escape_text(f"\u202e{name}\u200b") == name


def test_a_name_that_is_cut_within_an_emoji_ends_in_no_joiner() -> None:
    assert escape_text(shorten_text(f"👨{ZWJ}👩{ZWJ}👧{ZWJ}👦", 5)) == f"👨{ZWJ}👩…"


@given(st.text(st.sampled_from(f"aéم ्{ZWNJ}{ZWJ}\u200b\u0301👨🏽️\U0001f3f4\U000e0067\U000e007f")))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean_prompt(clean_prompt(text)) == clean_prompt(text)


def test_a_description_is_one_bounded_line() -> None:
    assert clean_description(" a  lake\n\nat\u202e dusk ") == "a lake at dusk"
    assert len(clean_description("word " * 1000)) <= MAX_DESCRIPTION_LENGTH
    assert clean_description("x" * (MAX_DESCRIPTION_LENGTH - 2) + f"👨{ZWJ}👩").endswith("x👨")


@pytest.mark.parametrize(
    ("typed", "ratio"),
    [
        ("16：9", Fraction(16, 9)),
        ("１６：９", Fraction(16, 9)),
        ("16X9", Fraction(16, 9)),
        ("１６Ｘ９", Fraction(16, 9)),
        ("16х9", Fraction(16, 9)),
        ("16∶9", Fraction(16, 9)),
        ("16／9", Fraction(16, 9)),
        ("16 : 9", Fraction(16, 9)),
        ("16\u00a0:\u00a09", Fraction(16, 9)),
        ("1,5", Fraction(3, 2)),
        ("1,5:1", Fraction(3, 2)),
        ("１，５：１", Fraction(3, 2)),
        ("２．３９：１", Fraction(239, 100)),
        ("1500×500", Fraction(3)),
        ("\u200e16:9\u200f", Fraction(16, 9)),
    ],
)
def test_a_ratio_is_understood_in_any_typing(typed: str, ratio: Fraction) -> None:
    assert parse_ratio(typed) == ratio


@pytest.mark.parametrize("typed", ["16²:9", "1½", "½", "①:②", "1,5,0", "1.000,5", "１６：", "٣:٤"])
def test_what_only_looks_like_a_number_is_no_ratio(typed: str) -> None:
    with pytest.raises(NotARatio) as caught:
        parse_ratio(typed)
    assert caught.value.text == typed


@pytest.mark.parametrize(
    ("typed", "number"),
    [("２５６", 256), (" 256 ", 256), ("256\u00a0", 256), ("0", 0), ("999999999", 999_999_999)],
)
def test_a_whole_number_is_understood_in_any_typing(typed: str, number: int) -> None:
    assert parse_digits(typed) == number


@pytest.mark.parametrize(
    "typed", ["", "-1", "1,024", "1.5", "2²", "٢٥٦", "1e3", "0x10", "1_000", "1234567890", "many"]
)
def test_what_is_no_whole_number_is_none(typed: str) -> None:
    assert parse_digits(typed) is None


def test_a_sign_of_minus_or_money_is_the_plain_one() -> None:
    assert normalise_number("−５") == "-5"
    assert normalise_number("＄０，２５") == "$0.25"
