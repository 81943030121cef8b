"""Only what was written here is read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ComponentRefused
from bot.ui.actions import Action
from bot.ui.views.custom_ids import CustomId, CustomIdCodec

CODEC = CustomIdCodec(bytes(range(32)))
ROW = st.lists(st.from_regex(r"[A-Za-z0-9+-]{1,12}", fullmatch=True), max_size=4)
MOST = 100
"""Characters of a `custom_id` (Discord's limit)."""


@given(st.sampled_from(Action), ROW)
def test_what_is_sealed_is_read_again_and_fits(action: Action, row: list[str]) -> None:
    mark = CODEC.encode(action, *row)
    assert len(mark) <= MOST
    assert CODEC.decode(mark) == CustomId(action, tuple(row))


@given(st.text(max_size=120))
def test_no_text_of_anybody_elses_is_read(text: str) -> None:
    with pytest.raises(ComponentRefused) as refused:
        CODEC.decode(text)
    assert refused.value.reason in {"forged", "outdated"}


@given(st.sampled_from(Action), ROW, st.integers(0, 200), st.characters())
def test_no_changed_mark_is_read(action: Action, row: list[str], at: int, other: str) -> None:
    mark = CODEC.encode(action, *row)
    at %= len(mark)
    changed = mark[:at] + other + mark[at + 1 :]
    if changed != mark:
        with pytest.raises(ComponentRefused):
            CODEC.decode(changed)


def test_another_secret_makes_another_signature() -> None:
    with pytest.raises(ComponentRefused):
        CustomIdCodec(bytes(32)).decode(CODEC.encode(Action.PAN, "job", 0, "left"))


def test_an_action_that_is_no_longer_known_is_outdated_and_not_forged() -> None:
    mac = CODEC._compute_mac("vanished", "job")
    with pytest.raises(ComponentRefused) as refused:
        CODEC.decode(f"x1:vanished:job:{mac}")
    assert refused.value.reason == "outdated"


@pytest.mark.parametrize("row", ["a:b", "é", "a" * 57, "a b"])
def test_what_would_not_be_read_again_is_never_written(row: str) -> None:
    with pytest.raises(ValueError, match="not fit"):
        CODEC.encode(Action.PAN, row)
