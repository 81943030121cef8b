"""What a picture's properties become in what is made from it, and where it may be shown."""

from __future__ import annotations

from itertools import product

import pytest

from bot.domain.content import ContentProperties, can_enter_place, combine_restrictions
from bot.domain.ids import UserId

ANA, BEN = UserId(1), UserId(2)
PLAIN = ContentProperties(
    age_restricted=False, spoiler=False, covered_by_moderator=False, source_author=None
)
UNKNOWN = ContentProperties(
    age_restricted=None, spoiler=True, covered_by_moderator=False, source_author=ANA
)
COVERED = ContentProperties(
    age_restricted=True, spoiler=False, covered_by_moderator=True, source_author=BEN
)


def test_what_is_made_from_a_picture_is_at_least_as_strict() -> None:
    assert PLAIN.inherit() == PLAIN
    assert PLAIN.inherit(UNKNOWN) == UNKNOWN
    assert PLAIN.inherit(COVERED) == ContentProperties(
        age_restricted=True, spoiler=True, covered_by_moderator=True, source_author=BEN
    )
    assert UNKNOWN.inherit(PLAIN, COVERED) == ContentProperties(
        age_restricted=True, spoiler=True, covered_by_moderator=True, source_author=ANA
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ([], False),
        ([False], False),
        ([False, None], None),
        ([None, True, False], True),
        ([True], True),
    ],
)
def test_the_strictest_restriction_counts(
    line: list[bool | None], *, expected: bool | None
) -> None:
    assert combine_restrictions(line) is expected


ENTERS = {
    # (picture, place): (in its own place, elsewhere)
    (False, False): (True, True),
    (False, None): (True, True),
    (False, True): (True, True),
    (None, False): (True, False),
    (None, None): (True, False),
    (None, True): (True, True),
    (True, False): (False, False),
    (True, None): (True, False),
    (True, True): (True, True),
}


def test_every_case_is_written_down() -> None:
    known = (False, None, True)
    assert set(ENTERS) == set(product(known, known))


@pytest.mark.parametrize(("case", "expected"), ENTERS.items())
def test_where_a_picture_may_be_shown(
    case: tuple[bool | None, bool | None], expected: tuple[bool, bool]
) -> None:
    picture, place = case
    found = tuple(
        can_enter_place(age_restricted=picture, place=place, is_own_place=own)
        for own in (True, False)
    )
    assert found == expected
