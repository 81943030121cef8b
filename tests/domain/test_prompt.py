from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.geometry import Margins
from bot.domain.model import DEFAULT_MODEL
from bot.domain.text.cleaning import clean_prompt
from bot.domain.text.default_prompt import build_default_prompt

sides = st.integers(0, 2048)


@given(st.builds(Margins, sides, sides, sides, sides))
def test_the_default_prompt_is_always_valid(margins: Margins) -> None:
    length = len(build_default_prompt(margins.extended_sides))
    assert DEFAULT_MODEL.min_prompt_length <= length <= DEFAULT_MODEL.max_prompt_length


def test_the_default_prompt_follows_the_direction() -> None:
    assert "to the right" in build_default_prompt(Margins(right=64).extended_sides)
    assert "to the left" not in build_default_prompt(Margins(right=64).extended_sides)
    assert "in every direction" in build_default_prompt(Margins.from_pixels(64).extended_sides)


ALL_SIDES = ("top", "right", "bottom", "left")
COMBINATIONS = [
    sides for count in range(1, 5) for sides in itertools.combinations(ALL_SIDES, count)
]
NEGATION = {
    *("no", "not", "none", "never", "without", "nothing", "nor", "neither", "cannot", "avoid"),
    *("avoiding", "except", "exclude", "excluding", "free", "lack", "lacking", "absent", "less"),
    *("don", "doesn", "isn", "remove", "omit"),
}
FRAMES = ("fram", "border", "edge", "seam", "margin", "outline", "vignett", "canvas", "cut", "crop")
"""Words that make what they name appear, and the beginnings of words for the picture's rim."""


@pytest.mark.parametrize("description", ["", "a lake"])
@pytest.mark.parametrize("sides", COMBINATIONS, ids="-".join)
def test_a_built_in_prompt_only_says_what_shall_be_seen(
    sides: tuple[str, ...], description: str
) -> None:
    words = re.findall(r"[a-z]+", build_default_prompt(sides, description).lower())
    assert not NEGATION.intersection(words)
    assert not [word for word in words if word.startswith(FRAMES)]
    assert len({build_default_prompt(each) for each in COMBINATIONS}) == len(COMBINATIONS) == 15


def test_a_description_is_added_to_the_default_prompt() -> None:
    assert build_default_prompt(["left"], "a lake at dusk") == (
        "The same scene continues naturally to the left: the same place, perspective, light, "
        "colours, textures and level of detail, in the same style. "
        "The picture shows: a lake at dusk"
    )


def test_what_cannot_be_seen_is_dropped() -> None:
    assert clean_prompt(" a\u200bb\u202ec\x00d\ud800 ") == "abcd"


def test_line_breaks_and_letters_of_all_scripts_are_preserved() -> None:
    assert clean_prompt("ein Fluß\n海岸 🌊") == "ein Fluß\n海岸 🌊"


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean_prompt(clean_prompt(text)) == clean_prompt(text)
