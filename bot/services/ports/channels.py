"""Protocols for the gallery and moderators' channels, since services import no Discord."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.gallery import GalleryEntry, Vote, Voter
from bot.domain.ids import ChannelId, GuildId, MessageId, UserId
from bot.domain.job import Job
from bot.domain.ledger import Usage
from bot.domain.moderation import (
    ActionKind,
    CardLocation,
    CaseStage,
    ModerationAction,
    SettingChange,
)
from bot.services.ports.jobs import StoredPicture


class RouteClosed(Exception):
    """The token, message, channel or permission is gone, so that a retry can't help.

    `code` is Discord's error code, 0 if Discord was not asked.
    """

    def __init__(self, reason: str, code: int = 0) -> None:
        super().__init__(reason)
        self.code = code


class PictureChannels(Protocol):
    """The channels in which pictures are shown, and messages that show them."""

    async def find_age_restriction(self, channel: ChannelId) -> bool | None:
        """Return whether a channel or a thread's parent is age-restricted; None if unknown."""

    async def is_spoiler_channel(self, channel: ChannelId) -> bool:
        """Return whether a channel or a thread's parent is a spoiler channel; True if unknown."""

    async def delete_message(self, channel: ChannelId, message: MessageId) -> None:
        """Delete one of the bot's messages; ignore one that is gone; raise `Transient`."""

    async def cover_message(self, channel: ChannelId, message: MessageId) -> None:
        """Put a message's pictures behind spoilers, or delete it; raise `Transient`."""


class GalleryChannel(Protocol):
    """Show pictures in a guild's gallery channel; each call has its own timeout.

    Every method raises `Transient` if a retry may help.
    """

    async def post_entry(self, entry: GalleryEntry, job: Job, picture: StoredPicture) -> MessageId:
        """Post an entry to its `shown_channel`, at most once; raise `RouteClosed`."""

    async def find_post(self, entry: GalleryEntry) -> MessageId | None:
        """Return the message of the newest 100 in its `shown_channel` that shows an entry.

        None if there is none, or the bot may not read them.
        """

    async def edit_entry(self, entry: GalleryEntry, job: Job, picture: StoredPicture) -> bool:
        """Update an entry's message to its job's current state; return False if it can't be."""

    async def invite_votes(self, guild: GuildId, channel: ChannelId, message: MessageId) -> None:
        """Add the vote reaction to a message, where votes count; log failures."""

    async def delete_message(self, channel: ChannelId, message: MessageId) -> None:
        """Delete one of the bot's messages; ignore one that is gone."""

    async def list_votes(self, channel: ChannelId, message: MessageId) -> set[Vote] | None:
        """Return the votes on a message, without bots; None if the bot may not read it.

        A deleted message has none.
        """

    async def find_voter(
        self, guild: GuildId, user: UserId, now: datetime, *, with_roles: bool
    ) -> Voter:
        """Return a user as a voter of this time, without roles if they left or none are asked."""

    def is_age_restricted(self, channel: ChannelId) -> bool:
        """Return whether a channel is age-restricted, as last reported; False if unknown."""

    async def post_weekly_best(
        self, guild: GuildId, channel: ChannelId, entries: Sequence[GalleryEntry], nonce: str
    ) -> MessageId:
        """Post a week's best pictures; raise `RouteClosed`."""


@dataclass(frozen=True, slots=True)
class ModerationCase:
    """What moderators see of a job: `original` is a small JPEG, None if it was deleted.

    `reasons` are members' reports without names. `past_acts` is what moderators did about the job,
    oldest first, `possible_acts` what they still can do. A closed case shows no pictures.
    """

    job: Job
    pictures: Sequence[StoredPicture]
    original: bytes | None
    parents: Sequence[Job]
    stage: CaseStage
    reasons: Sequence[str] = ()
    past_acts: tuple[ModerationAction, ...] = ()
    possible_acts: tuple[ActionKind, ...] = ()


class ModeratorsChannel(Protocol):
    """Show cases to a guild's moderators; each call has its own timeout.

    Every method raises `Transient` if a retry may help.
    """

    async def post_case(self, channel: ChannelId, case: ModerationCase, nonce: str) -> MessageId:
        """Post a case, at most once for a `nonce`; raise `RouteClosed`."""

    async def edit_case(self, card: CardLocation, case: ModerationCase) -> None:
        """Update a case's card; ignore one that is gone.

        When nothing more can be done, the card becomes the list of what was done.
        """

    async def show_awaiting_approval(self, job: Job) -> None:
        """Show on the member's card that the result awaits approval; log failures."""

    async def show_cancellation(self, job: Job) -> None:
        """Show on the member's card that the order was cancelled; log failures."""

    async def notify_declined(self, job: Job) -> None:
        """Tell the member, privately if possible, that the result was declined."""

    async def delete_message(self, job: Job, message: MessageId) -> bool:
        """Delete a job's message in its channel; return False if the bot may not."""

    async def apply_spoiler(
        self, job: Job, pictures: Sequence[StoredPicture], usage: Usage
    ) -> bool:
        """Update a result's message to its spoiler mark; return False if it still shows none."""

    async def post_log_entry(
        self, guild: GuildId, channel: ChannelId, event: ModerationAction | SettingChange
    ) -> None:
        """Post a line to the log channel; log failures."""
