"""When a picture enters a gallery and when it leaves: pure rules over votes and settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, StrEnum, auto

from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, RoleId, UserId


class GalleryMode(StrEnum):
    OFF = "off"
    MANUAL = "manual"
    """The author shows a picture by a button."""
    VOTES = "votes"
    """Enough votes show it; the author's button calls for them."""
    EVERY = "every"
    """Every public result is shown."""


class EntryState(StrEnum):
    CANDIDATE = "candidate"
    """Votes are counted; nothing is shown."""
    POSTING = "posting"
    """The message may have been sent; its nonce finds it."""
    POSTED = "posted"
    LEAVING = "leaving"
    """The message is to be deleted."""
    BARRED = "barred"
    """Taken out by its author, by the author of its source or by a moderator: for good."""


@dataclass(frozen=True, slots=True)
class GalleryRules:
    """What a guild has settled; times are ages at the moment of the vote."""

    channel: ChannelId | None
    mode: GalleryMode
    threshold: int
    removal_threshold: int
    """Votes at or below which a picture that came by votes leaves again."""
    self_votes: bool
    voter_roles: tuple[RoleId, ...]
    account_age: timedelta
    message_age: timedelta
    frozen: bool

    @property
    def is_counting_votes(self) -> bool:
        return self.is_open and self.mode is GalleryMode.VOTES

    @property
    def is_open(self) -> bool:
        return self.mode is not GalleryMode.OFF and self.channel is not None and not self.frozen


@dataclass(frozen=True, slots=True)
class GalleryEntry:
    """A picture that may be, is, or was in the gallery of its guild.

    `channel` and `message` are where it was delivered, `shown_channel` and `shown_message` where
    the gallery shows it. `root` is the first job of the chain that the picture grew in;
    `fingerprint` its perceptual hash in hexadecimal, empty until known. `invited` tells that the
    author or a moderator put it there, whatever the votes are.
    """

    id: int
    guild: GuildId
    job: JobId
    ordinal: int
    root: JobId
    author: UserId
    source_author: UserId
    channel: ChannelId
    message: MessageId | None
    age_restricted: bool
    state: EntryState = EntryState.CANDIDATE
    votes: int = 0
    invited: bool = False
    fingerprint: str = ""
    shown_channel: ChannelId | None = None
    shown_message: MessageId | None = None

    def has_failed_in(self, channel: ChannelId | None) -> bool:
        """Say whether the gallery's channel was tried and took nothing."""
        tried = self.shown_channel == channel and self.shown_message is None
        return self.state is EntryState.CANDIDATE and channel is not None and tried


class EntryDecision(Enum):
    POST = auto()
    TAKE_DOWN = auto()
    KEEP = auto()


@dataclass(frozen=True, slots=True)
class Voter:
    user: UserId
    roles: tuple[RoleId, ...]
    account_age: timedelta
    is_bot: bool = False


class VoteRefusal(StrEnum):
    """Why a vote does not count."""

    OWN_PICTURE = "own_picture"
    NO_ROLE = "no_role"
    YOUNG_ACCOUNT = "young_account"
    YOUNG_MESSAGE = "young_message"
    CLOSED = "closed"


class GalleryRefusal(StrEnum):
    """Why a picture is not shown."""

    CLOSED = "closed"
    NOT_YOURS = "not_yours"
    OPTED_OUT = "opted_out"
    AGE_RESTRICTED = "age_restricted"
    BARRED = "barred"
    NO_CHANNEL = "no_channel"


def find_vote_refusal(
    rules: GalleryRules, entry: GalleryEntry, voter: Voter, message_age: timedelta
) -> VoteRefusal | None:
    """Say why this vote does not count, or return None if it does."""
    if not rules.is_open or rules.mode is not GalleryMode.VOTES or voter.is_bot:
        return VoteRefusal.CLOSED
    if voter.user == entry.author and not rules.self_votes:
        return VoteRefusal.OWN_PICTURE
    if rules.voter_roles and not set(rules.voter_roles) & set(voter.roles):
        return VoteRefusal.NO_ROLE
    if voter.account_age < rules.account_age:
        return VoteRefusal.YOUNG_ACCOUNT
    if message_age < rules.message_age:
        return VoteRefusal.YOUNG_MESSAGE
    return None


def decide_entry(rules: GalleryRules, entry: GalleryEntry) -> EntryDecision:
    """Say what has to happen to an entry as it stands now.

    Between the two thresholds nothing does, so that a vote that comes and goes moves no picture;
    and nothing while its message is under way.
    """
    if rules.frozen or rules.channel is None:
        return EntryDecision.KEEP
    by_votes = rules.mode is GalleryMode.VOTES
    wanted = entry.invited or rules.mode is GalleryMode.EVERY
    match entry.state:
        case EntryState.CANDIDATE if rules.is_open:
            voted_in = by_votes and entry.votes >= rules.threshold
            return EntryDecision.POST if wanted or voted_in else EntryDecision.KEEP
        case EntryState.POSTED if (
            by_votes and entry.votes <= rules.removal_threshold and not wanted
        ):
            return EntryDecision.TAKE_DOWN
        case _:
            return EntryDecision.KEEP


def pick_better_entry(one: GalleryEntry, other: GalleryEntry) -> GalleryEntry:
    """Return which of two look-alikes of a chain is shown: more votes, then the later picture."""
    return max(one, other, key=lambda entry: (entry.votes, entry.invited, entry.id))


def is_look_alike(one: GalleryEntry, other: GalleryEntry, bits: int) -> bool:
    """Say whether two pictures of one chain differ in at most `bits` bits of their fingerprints."""
    if one.root != other.root or not one.fingerprint or not other.fingerprint:
        return False
    return (int(one.fingerprint, 16) ^ int(other.fingerprint, 16)).bit_count() <= bits


@dataclass(frozen=True, slots=True)
class AuthorRanking:
    """A member's pictures in the gallery, and the votes that they have together."""

    author: UserId
    pictures: int
    votes: int


@dataclass(frozen=True, slots=True)
class ChainRanking:
    """The first job of a chain, and how many pictures grew out of it that were shown."""

    root: JobId
    author: UserId
    pictures: int
