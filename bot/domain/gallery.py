"""The rules by which votes and settings add pictures to a guild's gallery or remove them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto

from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, RoleId, UserId


class GalleryMode(StrEnum):
    OFF = "off"
    MANUAL = "manual"
    """Authors add pictures by a button."""
    VOTES = "votes"
    """Enough votes add a picture; the author's button asks for them."""
    EVERY = "every"
    """Every public result is added."""


class EntryState(StrEnum):
    CANDIDATE = "candidate"
    """Not shown; votes are counted."""
    POSTING = "posting"
    """The message may have been sent; its nonce identifies it."""
    POSTED = "posted"
    LEAVING = "leaving"
    """The message must be deleted."""
    BARRED = "barred"
    """Removed permanently by its author, the source's author or a moderator."""


@dataclass(frozen=True, slots=True)
class GalleryRules:
    """A guild's gallery settings; ages are required at the time of the vote."""

    channel: ChannelId | None
    mode: GalleryMode
    threshold: int
    removal_threshold: int
    """Votes at or below which a picture added by votes is removed."""
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
    """A picture that may be, is or was in its guild's gallery.

    `channel` and `message` are those of the result, `shown_channel` and `shown_message` those of
    the gallery. `root` is the first job of its chain, `fingerprint` its hexadecimal perceptual
    hash, empty until computed. `invited` means that the author or a moderator added it.
    `changed_at` is when its state changed last.
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
    changed_at: datetime | None = None

    def has_failed_in(self, channel: ChannelId | None) -> bool:
        """Return whether posting to this channel was tried and failed."""
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


@dataclass(frozen=True, slots=True)
class Vote:
    """A member's reaction; `is_burst` says that it is a super reaction."""

    voter: UserId
    message: MessageId
    is_burst: bool = False


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
    NOT_SHOWN = "not_shown"
    NO_CHANNEL = "no_channel"


def find_vote_refusal(
    rules: GalleryRules, entry: GalleryEntry, voter: Voter, message_age: timedelta
) -> VoteRefusal | None:
    """Return why this vote does not count, or None if it does."""
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
    """Decide whether to post an entry, take it down, or change nothing."""
    # two thresholds (hysteresis), so that one vote back and forth doesn't post and delete
    if rules.frozen or rules.channel is None:
        return EntryDecision.KEEP
    by_votes = rules.mode is GalleryMode.VOTES
    wanted = entry.invited or rules.mode is GalleryMode.EVERY
    match entry.state:
        case EntryState.CANDIDATE if rules.is_open:
            voted_in = by_votes and entry.votes >= rules.threshold
            return EntryDecision.POST if wanted or voted_in else EntryDecision.KEEP
        case EntryState.POSTED if by_votes and not wanted:
            voted_out = entry.votes <= rules.removal_threshold
            return EntryDecision.TAKE_DOWN if voted_out else EntryDecision.KEEP
        case _:
            return EntryDecision.KEEP


def pick_better_entry(one: GalleryEntry, other: GalleryEntry) -> GalleryEntry:
    """Return the one of two look-alikes to show: more votes, then the later picture."""
    return max(one, other, key=lambda entry: (entry.votes, entry.invited, entry.id))


def is_look_alike(one: GalleryEntry, other: GalleryEntry, bits: int) -> bool:
    """Return whether fingerprints in the same chain differ in at most `bits` bits."""
    if one.root != other.root or not one.fingerprint or not other.fingerprint:
        return False
    return (int(one.fingerprint, 16) ^ int(other.fingerprint, 16)).bit_count() <= bits


@dataclass(frozen=True, slots=True)
class AuthorRanking:
    """The number of a member's pictures in the gallery, and their total votes."""

    author: UserId
    pictures: int
    votes: int


@dataclass(frozen=True, slots=True)
class ChainRanking:
    """The first job of a chain, and the number of its descendants."""

    root: JobId
    author: UserId
    pictures: int
