"""Properties of a picture that everything made from it inherits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.domain.ids import UserId


@dataclass(frozen=True, slots=True)
class ContentProperties:
    """What a picture carries wherever it is shown.

    `age_restricted` says whether it is from an age-restricted channel; None if that is unknown,
    which never lets it leave its place. `covered_by_moderator` is a spoiler that only a moderator
    takes off. `source_author` is who posted the first picture, None if that is the result's author.
    """

    age_restricted: bool | None
    spoiler: bool
    covered_by_moderator: bool
    source_author: UserId | None

    def inherit(self, *sources: ContentProperties) -> ContentProperties:
        """Return the properties of a picture with these, made from `sources`: the strictest."""
        line = (self, *sources)
        return replace(
            self,
            age_restricted=combine_restrictions(each.age_restricted for each in line),
            spoiler=any(each.spoiler or each.covered_by_moderator for each in line),
            covered_by_moderator=any(each.covered_by_moderator for each in line),
            source_author=next((each.source_author for each in line if each.source_author), None),
        )


def combine_restrictions(restrictions: Iterable[bool | None]) -> bool | None:
    """Return the strictest of age restrictions: True before None (unknown) before False."""
    known = list(restrictions)
    if any(known):
        return True
    return None if None in known else False


def can_enter_place(*, age_restricted: bool | None, place: bool | None, is_own_place: bool) -> bool:
    """Return whether a picture may be shown to everybody in a place, by their age restrictions.

    A restricted picture is for restricted places alone. In its own place it stays, unless that is
    known to be an ordinary one by now; an unknown one, which may be neither, never leaves it.
    """
    if age_restricted is False or place is True:
        return True
    return is_own_place and (age_restricted is None or place is None)
