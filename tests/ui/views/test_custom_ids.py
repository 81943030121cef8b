"""Only what was written here is read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import JobId
from bot.domain.order import PictureRef
from bot.errors import ComponentRefused
from bot.ui.actions import Action
from bot.ui.views.custom_ids import CustomIdCodec
from tests.support.app.payloads import build_payload

CODEC = CustomIdCodec(bytes(range(32)))
NUMBERS = st.integers(0, 2**63)
MOST = 100
"""Characters of a `custom_id` (Discord's limit)."""


@given(st.sampled_from(Action), NUMBERS)
def test_what_is_sealed_is_read_again_and_fits(action: Action, number: int) -> None:
    payload = build_payload(action, number)
    mark = CODEC.encode(action, payload)
    assert len(mark) <= MOST
    assert CODEC.decode(mark) == (action, payload)


@given(st.text(max_size=120))
def test_no_text_of_anybody_elses_is_read(text: str) -> None:
    with pytest.raises(ComponentRefused) as refused:
        CODEC.decode(text)
    assert refused.value.reason in {"forged", "outdated"}


@given(st.sampled_from(Action), NUMBERS, st.integers(0, 200), st.characters())
def test_no_changed_mark_is_read(action: Action, number: int, at: int, other: str) -> None:
    mark = CODEC.encode(action, build_payload(action, number))
    at %= len(mark)
    changed = mark[:at] + other + mark[at + 1 :]
    if changed != mark:
        with pytest.raises(ComponentRefused):
            CODEC.decode(changed)


def test_another_secret_makes_another_signature() -> None:
    with pytest.raises(ComponentRefused):
        CustomIdCodec(bytes(32)).decode(CODEC.encode(Action.CANCEL, "job"))


def test_an_action_that_is_no_longer_known_is_outdated_and_not_forged() -> None:
    mac = CODEC._compute_mac("vanished", "job")
    with pytest.raises(ComponentRefused) as refused:
        CODEC.decode(f"x1:vanished:job:{mac}")
    assert refused.value.reason == "outdated"


@pytest.mark.parametrize("row", ["", "job", "job.0", "job.0.no", "job.x.left", "job.0.left.1"])
def test_a_sealed_row_of_another_shape_is_forged(row: str) -> None:
    with pytest.raises(ComponentRefused) as refused:
        CODEC.decode(f"x1:pan:{row}:{CODEC._compute_mac('pan', row)}")
    assert refused.value.reason == "forged"


@pytest.mark.parametrize("row", ["a:b", "é", "a" * 57, "a b", "a.b", ""])
def test_what_would_not_be_read_again_is_never_written(row: str) -> None:
    with pytest.raises(ValueError, match=r"payload|fit|missing"):
        CODEC.encode(Action.CANCEL, row)


def test_the_payload_of_another_action_is_never_written() -> None:
    with pytest.raises(ValueError, match="missing"):
        CODEC.encode(Action.PAN, PictureRef(JobId("job"), 0))
