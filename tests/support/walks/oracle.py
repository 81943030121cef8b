"""What must never be seen, by rules that share no code with the bot.

The oracle knows who uploaded and ordered what and where, and what moderators and authors decided.
It judges every message of the bot by the codes in its pictures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from tests.support.walks.message_log import SeenMessage, ShownPicture

_DRAWN: Final = "A picture of the gallery"
"""The title of the answer to `/gallery random`."""
PROPERTIES: Final = ("adult", "spoiler", "covered", "private", "waiting", "removed", "deleted")
"""What a result may be, by the rules."""


class LeakKind(StrEnum):
    """What a member saw or did that the rules forbid."""

    ADULT = "an age-restricted picture in an ordinary channel"
    ADULT_PRIVATE = "an age-restricted picture in an ordinary channel, to another than its member"
    SPOILER = "a spoiler shown uncovered"
    SPOILER_CHANNEL = "a picture shown uncovered in a spoiler channel"
    COVER = "a moderator's cover undone"
    REMOVED = "a removed picture still shown"
    DELETED = "a deleted picture still shown"
    PRIVATE = "a private picture shown to others"
    UNAPPROVED = "a picture shown without its approval"
    OPTED_OUT = "the picture of a member who opted out expanded by another"
    OPTED_OUT_SHARE = "the picture of a member who opted out shown by another"
    GALLERY = "a picture in the gallery whose author wants none there"
    ERASED = "a picture of an erased member expanded by another"
    BLOCKED = "an order by a blocked member"
    BLOCKED_SHARE = "the picture of a blocked member shared"


@dataclass(frozen=True, slots=True)
class Leak:
    """A rule that was broken, and by which message or order."""

    kind: LeakKind
    detail: str


@dataclass(slots=True)
class Picture:
    """An upload, or a result with the codes that it is made from (`painted` in its pixels).

    `uncovered_by` are the members who may take its spoiler off; `origin` is where it was made.
    """

    code: int
    author: int
    origin: int
    painted: frozenset[int] = frozenset()
    is_upload: bool = False
    adult: bool = False
    spoiler: bool = False
    uncovered_by: frozenset[int] = frozenset()
    covered: bool = False
    covered_at: int = 0
    private: bool = False
    waiting: bool = False
    removed: bool = False
    deleted: bool = False
    reported: bool = False
    """Whether moderators have yet to decide about it; until then erasing leaves it."""
    erased: bool = False
    siblings: frozenset[int] = frozenset()
    """Codes of the other results of its order."""
    heirs: set[int] = field(default_factory=set)
    """Codes of the results made from it, again ones too."""

    @property
    def whole(self) -> frozenset[int]:
        return self.painted | {self.code}


@dataclass(frozen=True, slots=True)
class Place:
    """What the oracle needs to know of a channel at this moment."""

    restricted: bool
    spoiler: bool
    is_gallery: bool = False
    is_moderators: bool = False


@dataclass(slots=True)
class Oracle:
    """Hold what is known of every picture and member of a walk, and judge messages by it."""

    pictures: dict[int, Picture] = field(default_factory=dict)
    opted_out: set[int] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    """Members who want none of their pictures in the gallery."""
    blocked: set[int] = field(default_factory=set)
    step: int = 0
    first_seen: dict[tuple[int, str], int] = field(default_factory=dict)
    """The step at which a message was first seen to show a file."""

    def get_leaf(self, codes: Iterable[int]) -> Picture | None:
        """Return the picture that codes show: the one that is made of most of the others."""
        shown = frozenset(codes)
        known = [self.pictures[code] for code in shown if code in self.pictures]
        return max(
            known,
            key=lambda each: (len(each.whole & shown), -len(each.whole - shown)),
            default=None,
        )

    def list_shown(self, shown: ShownPicture, leaf: Picture) -> list[Picture]:
        """Return the pictures within one; a drawn or faded colour may look like another's code."""
        return [self.pictures[code] for code in shown.codes & leaf.whole]

    def count_properties(self) -> Counter[str]:
        """Count the results that have what the rules are about."""
        results = [each for each in self.pictures.values() if not each.is_upload]
        counts = {name: sum(getattr(each, name) for each in results) for name in PROPERTIES}
        kept = self.opted_out | self.hidden
        counts["author wants it kept"] = sum(
            bool(self.list_authors(each) & kept) for each in results
        )
        counts["author blocked"] = sum(each.author in self.blocked for each in results)
        return Counter(counts)

    def list_authors(self, picture: Picture) -> set[int]:
        """Return whose pictures are in a picture: its own, the uploads' and those between."""
        return {picture.author, *(self.pictures[code].author for code in picture.painted)}

    def link_siblings(self, codes: Iterable[int]) -> None:
        """Take note that these results were made by one order."""
        whole = frozenset(codes)
        for code in whole:
            self.pictures[code].siblings = whole - {code}

    def list_order(self, picture: Picture) -> list[Picture]:
        """Return a result and the others of its order, which are changed and deleted together."""
        return [picture, *(self.pictures[code] for code in sorted(picture.siblings))]

    def change_spoiler(
        self, picture: Picture, actor: int, *, hide: bool, is_moderator: bool
    ) -> None:
        """Take note that a member or moderator put an order's results behind a spoiler, or not."""
        for each in self.list_order(picture):
            if not hide:
                if is_moderator or (not each.covered and actor in each.uncovered_by):
                    each.spoiler = each.covered = False
            elif is_moderator and each.author != actor:
                each.covered, each.covered_at = True, self.step
            elif not each.spoiler:
                each.spoiler, each.uncovered_by = True, frozenset({actor})

    def list_decided(self, card: SeenMessage) -> list[Picture]:
        """Return the results that a moderators' card is about.

        It shows the picture that they are made from beside them, which may be a result too.
        """
        found = (self.get_leaf(each.codes) for each in card.pictures)
        shown = [each for each in found if each is not None and not each.is_upload]
        return [each for each in shown if not any(each.code in other.painted for other in shown)]

    def judge_order(self, picture: Picture, base: Picture | None) -> Iterator[Leak]:
        """Judge that a result was made at all, by who made it of whose picture."""
        maker = picture.author
        if maker in self.blocked:
            yield Leak(LeakKind.BLOCKED, f"member {maker}")
        if (self.list_authors(picture) - {maker}) & self.opted_out:
            yield Leak(LeakKind.OPTED_OUT, f"result {picture.code} by {maker}")
        if base is not None and base.erased and base.author != maker:
            yield Leak(LeakKind.ERASED, f"result {picture.code} from {base.code}")

    def judge_message(
        self, message: SeenMessage, place: Place, *, sharer: int | None = None
    ) -> Iterator[Leak]:
        """Judge a message of the bot's; `sharer` is who posted it just now by a button of theirs.

        Of messages for moderators only removed pictures are leaks: they decide by them.
        """
        for shown in message.pictures:
            key = (message.id, shown.path)
            is_new = self.first_seen.setdefault(key, self.step) == self.step
            leaf = self.get_leaf(shown.codes)
            if leaf is None:
                continue
            found = [*self._judge_removal(message, shown, leaf, is_new=is_new)]
            if not place.is_moderators:
                found += [LeakKind.DELETED] if leaf.deleted and message.audience is None else []
                found += self._judge_cover(message, shown, leaf, place, is_new=is_new)
                found += self._judge_gallery(message, leaf, place, is_new=is_new)
                if is_new:
                    found += self._judge_new(message, shown, leaf, place, sharer)
            where = f"message {message.id} in {message.channel} shows {sorted(shown.codes)}"
            yield from (Leak(kind, where) for kind in found)

    def _judge_removal(
        self, message: SeenMessage, shown: ShownPicture, leaf: Picture, *, is_new: bool
    ) -> Iterator[LeakKind]:
        if message.audience is not None and not is_new:
            return  # a private answer can't be taken back
        if any(each.removed for each in self.list_shown(shown, leaf)):
            yield LeakKind.REMOVED

    def _judge_cover(
        self,
        message: SeenMessage,
        shown: ShownPicture,
        leaf: Picture,
        place: Place,
        *,
        is_new: bool,
    ) -> Iterator[LeakKind]:
        if shown.spoiler or shown.is_file:
            return
        if message.audience is None or is_new:
            since = self.first_seen[message.id, shown.path]
            is_home = message.channel == leaf.origin or place.is_gallery
            if leaf.covered and (since > leaf.covered_at or (is_home and _is_result(message))):
                yield LeakKind.COVER
            elif leaf.spoiler and is_new:
                yield LeakKind.SPOILER
        if is_new and place.spoiler and not _is_own(message, leaf):
            yield LeakKind.SPOILER_CHANNEL

    def _judge_gallery(
        self, message: SeenMessage, leaf: Picture, place: Place, *, is_new: bool
    ) -> Iterator[LeakKind]:
        """Judge what everybody sees in the gallery's channel, and a picture drawn from it.

        Another private answer to a member who is in that channel shows nothing of the gallery.
        """
        is_shown = place.is_gallery and message.audience is None
        is_drawn = is_new and _DRAWN in message.text
        if (is_shown or is_drawn) and self.list_authors(leaf) & self.hidden:
            yield LeakKind.GALLERY

    def _judge_new(
        self,
        message: SeenMessage,
        shown: ShownPicture,
        leaf: Picture,
        place: Place,
        sharer: int | None,
    ) -> Iterator[LeakKind]:
        known = self.list_shown(shown, leaf)
        is_adult = any(each.adult for each in known) and not _is_own(message, leaf)
        if is_adult and not place.restricted:
            is_open = message.audience is None
            yield LeakKind.ADULT if is_open else LeakKind.ADULT_PRIVATE
        if any(each.waiting for each in known):
            yield LeakKind.UNAPPROVED
        others = message.audience is None or message.audience - {leaf.author}
        if leaf.private and others and sharer != leaf.author:
            yield LeakKind.PRIVATE
        if sharer is None or message.audience is not None:
            return
        if (self.list_authors(leaf) - {sharer}) & self.opted_out:
            yield LeakKind.OPTED_OUT_SHARE
        if leaf.author in self.blocked:
            yield LeakKind.BLOCKED_SHARE


def _is_own(message: SeenMessage, leaf: Picture) -> bool:
    """Return whether a message shows a picture only to its own member."""
    return message.audience == frozenset({leaf.author})


def _is_result(message: SeenMessage) -> bool:
    """Return whether a message is a result or a post of the gallery, which follow a cover."""
    return "More" in message.buttons or "Take out of the gallery" in message.buttons
