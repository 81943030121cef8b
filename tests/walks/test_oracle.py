"""Each kind of leak is seen in recorded messages, and what is allowed beside it is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.walks.message_log import SeenMessage, ShownPicture
from tests.support.walks.oracle import LeakKind, Oracle, Picture, Place

ANA, BEN, BOT = 1, 2, 9
STUDIO, OTHER, GALLERY = 10, 11, 12
UPLOAD, RESULT, CHILD = 100, 101, 102
V2 = 1 << 15
ORDINARY, RESTRICTED = Place(restricted=False, spoiler=False), Place(restricted=True, spoiler=False)
HIDDEN_CHANNEL = Place(restricted=False, spoiler=True)
IN_GALLERY = Place(restricted=False, spoiler=False, is_gallery=True)
MODERATORS = Place(restricted=False, spoiler=False, is_moderators=True)


@dataclass
class Scene:
    """Ana's upload, her result of it and Ben's result of that, and messages about them."""

    oracle: Oracle = field(default_factory=Oracle)

    def __post_init__(self) -> None:
        self.upload = self.add(UPLOAD, ANA, is_upload=True)
        self.result = self.add(RESULT, ANA, painted=frozenset({UPLOAD}))
        self.child = self.add(CHILD, BEN, painted=frozenset({UPLOAD, RESULT}))
        self.oracle.step = 5

    def add(self, code: int, author: int, **known: Any) -> Picture:
        picture = Picture(code, author, STUDIO, **known)
        self.oracle.pictures[code] = picture
        return picture

    def show(
        self,
        *codes: int,
        place: Place = ORDINARY,
        spoiler: bool = False,
        audience: set[int] | None = None,
        sharer: int | None = None,
        channel: int = STUDIO,
        label: str = "More",
        text: str = "",
    ) -> set[LeakKind]:
        """Return the kinds of leaks in a message that shows one picture with these codes."""
        button = {"type": 2, "label": label, "custom_id": "x"}
        shown = ShownPicture(f"/{sorted(codes)}", frozenset(codes), spoiler)
        message = SeenMessage(
            id=sum(codes) + 1000 * channel + 100_000 * (audience is None) + len(label),
            channel=channel,
            author=BOT,
            audience=None if audience is None else frozenset(audience),
            json={
                "flags": V2,
                "components": [
                    {"type": 10, "content": text},
                    {"type": 1, "components": [button]},
                ],
            },
            pictures=(shown,),
        )
        return {each.kind for each in self.oracle.judge_message(message, place, sharer=sharer)}


def test_what_nothing_is_known_against_is_no_leak() -> None:
    scene = Scene()
    assert not scene.show(UPLOAD, RESULT)
    assert not scene.show(UPLOAD, RESULT, place=IN_GALLERY, channel=GALLERY)
    assert not scene.show(UPLOAD, RESULT, CHILD, place=HIDDEN_CHANNEL, spoiler=True)
    assert not list(scene.oracle.judge_order(scene.child, scene.result))


def test_an_adult_picture_is_seen_in_an_ordinary_channel_also_within_another() -> None:
    scene = Scene()
    scene.result.adult = True
    assert scene.show(UPLOAD, RESULT) == {LeakKind.ADULT}
    assert scene.show(UPLOAD, RESULT, CHILD) == {LeakKind.ADULT}
    assert scene.show(RESULT, audience={BEN}) == {LeakKind.ADULT_PRIVATE}
    assert not scene.show(RESULT, audience={ANA}, channel=OTHER), "one's own, seen by nobody else"
    scene.oracle.step += 1
    assert not scene.show(UPLOAD, RESULT), "the channel is ordinary since it was posted"
    assert not _with(scene, adult=True).show(UPLOAD, RESULT, place=RESTRICTED)
    assert not _with(scene, adult=True).show(UPLOAD, RESULT, place=MODERATORS)


def _with(before: Scene, **known: Any) -> Scene:
    """Return a new scene whose result has these properties."""
    del before
    scene = Scene()
    for name, value in known.items():
        setattr(scene.result, name, value)
    return scene


@pytest.mark.parametrize("place", [ORDINARY, IN_GALLERY, RESTRICTED])
def test_a_spoiler_is_seen_where_it_is_shown_uncovered(place: Place) -> None:
    scene = _with(Scene(), spoiler=True)
    assert scene.show(UPLOAD, RESULT, place=place) == {LeakKind.SPOILER}
    assert not _with(scene, spoiler=True).show(UPLOAD, RESULT, place=place, spoiler=True)


def test_a_spoiler_is_put_on_all_results_of_an_order_and_taken_off_all() -> None:
    scene, second = Scene(), CHILD + 1
    scene.add(second, ANA, painted=frozenset({UPLOAD}))
    scene.oracle.link_siblings([RESULT, second])
    for first in (scene.result, scene.oracle.pictures[second]):
        scene.oracle.change_spoiler(first, ANA, hide=True, is_moderator=False)
        scene.oracle.step += 1
        for code in (RESULT, second):
            assert scene.show(UPLOAD, code, channel=scene.oracle.step) == {LeakKind.SPOILER}
        scene.oracle.change_spoiler(first, BEN, hide=False, is_moderator=False)
        assert scene.show(UPLOAD, second, channel=20) == {LeakKind.SPOILER}, "not Ben's to take off"
        scene.oracle.change_spoiler(first, ANA, hide=False, is_moderator=False)
        assert not any(scene.show(UPLOAD, code, channel=30) for code in (RESULT, second))
        assert not scene.child.spoiler
        scene.oracle.first_seen.clear()


def test_a_moderator_covers_all_results_of_an_order() -> None:
    scene, second = Scene(), CHILD + 1
    scene.add(second, ANA, painted=frozenset({UPLOAD}))
    scene.oracle.link_siblings([RESULT, second])
    scene.oracle.change_spoiler(scene.result, BEN, hide=True, is_moderator=True)
    scene.oracle.step += 1
    assert scene.show(UPLOAD, second) == {LeakKind.COVER}
    scene.oracle.change_spoiler(scene.result, ANA, hide=False, is_moderator=False)
    assert scene.show(UPLOAD, second) == {LeakKind.COVER}, "a member takes off no moderator's cover"


def test_a_spoiler_channel_covers_everything() -> None:
    assert Scene().show(UPLOAD, RESULT, place=HIDDEN_CHANNEL) == {LeakKind.SPOILER_CHANNEL}
    assert not Scene().show(UPLOAD, RESULT, place=HIDDEN_CHANNEL, audience={ANA})


def test_a_moderators_cover_counts_for_result_and_gallery_and_for_all_that_comes_later() -> None:
    scene = Scene()
    assert not scene.show(UPLOAD, RESULT)
    assert not scene.show(RESULT, label="Side by side")
    scene.result.covered, scene.result.covered_at = True, 6
    scene.oracle.step = 7
    assert scene.show(UPLOAD, RESULT) == {LeakKind.COVER}, "the result itself follows"
    assert not scene.show(RESULT, label="Side by side"), "what was shared before may stay"
    assert scene.show(UPLOAD, RESULT, channel=OTHER, label="Compare") == {LeakKind.COVER}
    assert not scene.show(UPLOAD, RESULT, spoiler=True)


def test_a_removed_picture_is_seen_anywhere_also_in_what_was_made_from_it() -> None:
    scene = Scene()
    assert not scene.show(UPLOAD, RESULT)
    assert not scene.show(RESULT, audience={BEN})
    scene.result.removed, scene.oracle.step = True, 6
    assert scene.show(UPLOAD, RESULT) == {LeakKind.REMOVED}
    assert scene.show(UPLOAD, RESULT, CHILD, place=IN_GALLERY) == {LeakKind.REMOVED}
    assert scene.show(UPLOAD, RESULT, CHILD, place=MODERATORS) == {LeakKind.REMOVED}
    assert not scene.show(RESULT, audience={BEN}), "a note that one member has got stays theirs"
    assert LeakKind.REMOVED in scene.show(RESULT, CHILD, audience={BEN}), "a new one does not"


def test_a_decision_counts_for_the_results_of_its_card_not_for_the_picture_before_them() -> None:
    scene = Scene()
    second = scene.add(CHILD + 1, BEN, painted=frozenset({UPLOAD, RESULT}))
    before, made, other = {UPLOAD, RESULT}, {UPLOAD, RESULT, CHILD}, {UPLOAD, RESULT, CHILD + 1}
    assert scene.oracle.list_decided(build_card({UPLOAD}, before)) == [scene.result]
    assert scene.oracle.list_decided(build_card(before, made)) == [scene.child]
    assert scene.oracle.list_decided(build_card(made, other)) == [scene.child, second]
    for each in scene.oracle.list_decided(build_card(before, made, other)):
        each.removed = each.covered = True
    scene.oracle.step = 6
    for codes in (made, other):
        assert scene.show(*codes) == {LeakKind.REMOVED, LeakKind.COVER}
    assert not scene.show(*before), "what they are made from was not decided about"


def build_card(*pictures: set[int]) -> SeenMessage:
    """Return a card in the moderators' channel that shows pictures with these codes."""
    shown = tuple(ShownPicture(f"/{sorted(each)}", frozenset(each), False) for each in pictures)  # noqa: FBT003 - a row
    return SeenMessage(1, 13, BOT, None, {"flags": V2, "components": []}, shown)


def test_a_deleted_picture_is_gone_but_not_what_others_made_from_it() -> None:
    scene = _with(Scene(), deleted=True)
    assert scene.show(UPLOAD, RESULT) == {LeakKind.DELETED}
    assert not scene.show(UPLOAD, RESULT, CHILD)
    assert not scene.show(UPLOAD, RESULT, place=MODERATORS), "evidence"
    assert [each.code for each in scene.oracle.list_order(scene.result)] == [RESULT]


def test_a_private_picture_is_its_members_alone() -> None:
    private: Callable[[], Scene] = lambda: _with(Scene(), private=True)  # noqa: E731 - short
    assert private().show(UPLOAD, RESULT) == {LeakKind.PRIVATE}
    assert private().show(UPLOAD, RESULT, audience={BEN}) == {LeakKind.PRIVATE}
    assert not private().show(UPLOAD, RESULT, audience={ANA})
    assert not private().show(UPLOAD, RESULT, sharer=ANA)
    assert private().show(UPLOAD, RESULT, sharer=BEN) == {LeakKind.PRIVATE}


@pytest.mark.parametrize("audience", [None, {ANA}])
def test_what_waits_for_approval_is_nowhere_but_with_the_moderators(
    audience: set[int] | None,
) -> None:
    scene = _with(Scene(), waiting=True)
    assert scene.show(UPLOAD, RESULT, audience=audience) == {LeakKind.UNAPPROVED}
    assert not _with(scene, waiting=True).show(UPLOAD, RESULT, place=MODERATORS)


def test_whose_pictures_are_kept_from_others_binds_every_later_member() -> None:
    scene = Scene()
    scene.oracle.opted_out.add(ANA)
    (leak,) = scene.oracle.judge_order(scene.child, scene.result)
    assert leak.kind is LeakKind.OPTED_OUT
    assert not list(scene.oracle.judge_order(scene.result, scene.upload)), "one's own"
    assert scene.show(UPLOAD, RESULT, sharer=BEN) == {LeakKind.OPTED_OUT_SHARE}
    assert not Scene().show(UPLOAD, RESULT, sharer=BEN)


def test_the_gallery_shows_nothing_of_who_wants_nothing_there() -> None:
    scene = Scene()
    assert not scene.show(UPLOAD, RESULT, CHILD, place=IN_GALLERY)
    scene.oracle.hidden.add(ANA)
    assert scene.show(UPLOAD, RESULT, CHILD, place=IN_GALLERY) == {LeakKind.GALLERY}
    assert scene.show(UPLOAD, RESULT, place=IN_GALLERY) == {LeakKind.GALLERY}, "a result there too"
    assert not scene.show(UPLOAD, RESULT)
    assert not scene.show(UPLOAD, RESULT, place=IN_GALLERY, audience={BEN}), "Ben's alone"


@pytest.mark.parametrize("audience", [None, {BEN}])
def test_nothing_is_drawn_from_the_gallery_of_who_wants_nothing_there(
    audience: set[int] | None,
) -> None:
    scene, text = Scene(), "### A picture of the gallery"
    assert not scene.show(UPLOAD, RESULT, audience=audience, text=text)
    scene.oracle.hidden.add(ANA)
    scene.oracle.step += 1
    assert not scene.show(UPLOAD, RESULT, audience=audience, text=text), "drawn before"
    drawn = scene.show(UPLOAD, RESULT, CHILD, audience=audience, text=text)
    assert drawn == {LeakKind.GALLERY}


def test_what_was_erased_is_nobodys_to_expand() -> None:
    scene = _with(Scene(), erased=True)
    (leak,) = scene.oracle.judge_order(scene.child, scene.result)
    assert leak.kind is LeakKind.ERASED


def test_a_blocked_member_neither_orders_nor_is_shown_again() -> None:
    scene = Scene()
    scene.oracle.blocked.add(ANA)
    (leak,) = scene.oracle.judge_order(scene.result, scene.upload)
    assert leak.kind is LeakKind.BLOCKED
    assert scene.show(UPLOAD, RESULT, sharer=BEN) == {LeakKind.BLOCKED_SHARE}


def test_every_kind_of_leak_has_its_test() -> None:
    with open(__file__, encoding="utf-8") as file:  # noqa: PTH123 - this file itself
        text = file.read()
    assert not [kind.name for kind in LeakKind if f"LeakKind.{kind.name}" not in text]
