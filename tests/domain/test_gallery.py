"""The rules of a gallery, over votes and settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.gallery import (
    Entry,
    EntryState,
    GalleryMode,
    GalleryRules,
    Verdict,
    Voter,
    VoteRefusal,
    better,
    look_alike,
    refused_vote,
    verdict,
)
from bot.domain.ids import ChannelId, GuildId, JobId, RoleId, UserId

AUTHOR, VOTER = UserId(1), UserId(2)
DAY = timedelta(days=1)
RULES = GalleryRules(
    channel=ChannelId(9),
    mode=GalleryMode.VOTES,
    threshold=3,
    lower=1,
    self_votes=False,
    voter_roles=(),
    account_age=timedelta(0),
    message_age=timedelta(0),
    frozen=False,
)
ENTRY = Entry(
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


def voter(user: UserId = VOTER, *, days: int = 100, bot: bool = False) -> Voter:
    return Voter(user, (RoleId(5),), days * DAY, bot)


@pytest.mark.parametrize(
    ("rules", "who", "expected"),
    [
        (RULES, voter(), None),
        (RULES, voter(AUTHOR), VoteRefusal.OWN_PICTURE),
        (replace(RULES, self_votes=True), voter(AUTHOR), None),
        (replace(RULES, voter_roles=(RoleId(6),)), voter(), VoteRefusal.NO_ROLE),
        (replace(RULES, voter_roles=(RoleId(5),)), voter(), None),
        (replace(RULES, account_age=7 * DAY), voter(days=6), VoteRefusal.YOUNG_ACCOUNT),
        (replace(RULES, message_age=2 * DAY), voter(), VoteRefusal.YOUNG_MESSAGE),
        (replace(RULES, frozen=True), voter(), VoteRefusal.CLOSED),
        (replace(RULES, mode=GalleryMode.MANUAL), voter(), VoteRefusal.CLOSED),
        (RULES, voter(bot=True), VoteRefusal.CLOSED),
    ],
)
def test_who_may_vote(rules: GalleryRules, who: Voter, expected: VoteRefusal | None) -> None:
    assert refused_vote(rules, ENTRY, who, DAY) is expected


def test_a_picture_comes_at_the_threshold_and_leaves_at_the_lower_one() -> None:
    seen = []
    entry = ENTRY
    for votes in (2, 3, 2, 1, 2, 3):
        entry = replace(entry, votes=votes)
        seen.append(verdict(RULES, entry))
        if seen[-1] is Verdict.POST:
            entry = replace(entry, state=EntryState.POSTED)
        if seen[-1] is Verdict.TAKE_DOWN:
            entry = replace(entry, state=EntryState.CANDIDATE)
    k, p, t = Verdict.KEEP, Verdict.POST, Verdict.TAKE_DOWN
    assert seen == [k, p, k, t, k, p]


def test_what_was_invited_stays_whatever_the_votes() -> None:
    posted = replace(ENTRY, state=EntryState.POSTED, invited=True)
    assert verdict(RULES, posted) is Verdict.KEEP


def test_what_was_barred_never_returns() -> None:
    barred = replace(ENTRY, state=EntryState.BARRED, votes=1000, invited=True)
    assert verdict(RULES, barred) is Verdict.KEEP


def test_a_frozen_gallery_moves_nothing() -> None:
    frozen = replace(RULES, frozen=True)
    assert verdict(frozen, replace(ENTRY, votes=50)) is Verdict.KEEP
    assert verdict(frozen, replace(ENTRY, state=EntryState.POSTED)) is Verdict.KEEP


def test_every_result_is_shown_where_that_is_the_mode() -> None:
    assert verdict(replace(RULES, mode=GalleryMode.EVERY), ENTRY) is Verdict.POST
    assert verdict(replace(RULES, mode=GalleryMode.MANUAL), ENTRY) is Verdict.KEEP


def test_look_alikes_are_of_one_chain_and_the_best_is_kept() -> None:
    one = replace(ENTRY, fingerprint="ff00", votes=3)
    other = replace(ENTRY, id=2, fingerprint="ff03", votes=4)
    assert look_alike(one, other, 2)
    assert not look_alike(one, other, 1)
    assert not look_alike(one, replace(other, root=JobId("b")), 2)
    assert better(one, other) is other
