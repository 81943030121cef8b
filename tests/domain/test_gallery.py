"""The rules of a gallery, over votes and settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.gallery import (
    EntryDecision,
    EntryState,
    GalleryEntry,
    GalleryMode,
    GalleryRules,
    Voter,
    VoteRefusal,
    decide_entry,
    find_vote_refusal,
    is_look_alike,
    pick_better_entry,
)
from bot.domain.ids import ChannelId, GuildId, JobId, RoleId, UserId

AUTHOR, VOTER = UserId(1), UserId(2)
DAY = timedelta(days=1)
RULES = GalleryRules(
    channel=ChannelId(9),
    mode=GalleryMode.VOTES,
    threshold=3,
    removal_threshold=1,
    self_votes=False,
    voter_roles=(),
    account_age=timedelta(0),
    message_age=timedelta(0),
    frozen=False,
)
ENTRY = GalleryEntry(
    id=1,
    guild=GuildId(7),
    job=JobId("a"),
    ordinal=0,
    root=JobId("a"),
    author=AUTHOR,
    source_author=AUTHOR,
    channel=ChannelId(8),
    message=None,
    age_restricted=False,
)


def build_voter(user: UserId = VOTER, *, days: int = 100, bot: bool = False) -> Voter:
    return Voter(user, (RoleId(5),), days * DAY, bot)


@pytest.mark.parametrize(
    ("rules", "who", "expected"),
    [
        (RULES, build_voter(), None),
        (RULES, build_voter(AUTHOR), VoteRefusal.OWN_PICTURE),
        (replace(RULES, self_votes=True), build_voter(AUTHOR), None),
        (replace(RULES, voter_roles=(RoleId(6),)), build_voter(), VoteRefusal.NO_ROLE),
        (replace(RULES, voter_roles=(RoleId(5),)), build_voter(), None),
        (replace(RULES, account_age=7 * DAY), build_voter(days=6), VoteRefusal.YOUNG_ACCOUNT),
        (replace(RULES, message_age=2 * DAY), build_voter(), VoteRefusal.YOUNG_MESSAGE),
        (replace(RULES, frozen=True), build_voter(), VoteRefusal.CLOSED),
        (replace(RULES, mode=GalleryMode.MANUAL), build_voter(), VoteRefusal.CLOSED),
        (RULES, build_voter(bot=True), VoteRefusal.CLOSED),
    ],
)
def test_who_may_vote(rules: GalleryRules, who: Voter, expected: VoteRefusal | None) -> None:
    assert find_vote_refusal(rules, ENTRY, who, DAY) is expected


def test_a_picture_comes_at_the_threshold_and_leaves_at_the_lower_one() -> None:
    seen = []
    entry = ENTRY
    for votes in (2, 3, 2, 1, 2, 3):
        entry = replace(entry, votes=votes)
        seen.append(decide_entry(RULES, entry))
        if seen[-1] is EntryDecision.POST:
            entry = replace(entry, state=EntryState.POSTED)
        if seen[-1] is EntryDecision.TAKE_DOWN:
            entry = replace(entry, state=EntryState.CANDIDATE)
    k, p, t = EntryDecision.KEEP, EntryDecision.POST, EntryDecision.TAKE_DOWN
    assert seen == [k, p, k, t, k, p]


def test_what_was_invited_remains_whatever_the_votes() -> None:
    posted = replace(ENTRY, state=EntryState.POSTED, invited=True)
    assert decide_entry(RULES, posted) is EntryDecision.KEEP


def test_what_was_barred_never_returns() -> None:
    barred = replace(ENTRY, state=EntryState.BARRED, votes=1000, invited=True)
    assert decide_entry(RULES, barred) is EntryDecision.KEEP


def test_a_frozen_gallery_moves_nothing() -> None:
    frozen = replace(RULES, frozen=True)
    assert decide_entry(frozen, replace(ENTRY, votes=50)) is EntryDecision.KEEP
    assert decide_entry(frozen, replace(ENTRY, state=EntryState.POSTED)) is EntryDecision.KEEP


def test_every_result_is_shown_where_that_is_the_mode() -> None:
    assert decide_entry(replace(RULES, mode=GalleryMode.EVERY), ENTRY) is EntryDecision.POST
    assert decide_entry(replace(RULES, mode=GalleryMode.MANUAL), ENTRY) is EntryDecision.KEEP


def test_similar_pictures_are_of_one_chain_and_the_best_remains() -> None:
    one = replace(ENTRY, fingerprint="ff00", votes=3)
    other = replace(ENTRY, id=2, fingerprint="ff03", votes=4)
    assert is_look_alike(one, other, 2)
    assert not is_look_alike(one, other, 1)
    assert not is_look_alike(one, replace(other, root=JobId("b")), 2)
    assert pick_better_entry(one, other) is other
