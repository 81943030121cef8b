"""What services need of Discord's channels and may not import: the gallery, and moderators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.gallery import GalleryEntry
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
    """Say that a way will not open again: token, message, channel or permission is gone.

    `code` is Discord's own for it, 0 where Discord was not asked.
    """

    def __init__(self, reason: str, code: int = 0) -> None:
        super().__init__(reason)
        self.code = code


class GalleryChannel(Protocol):
    """Show pictures in a guild's gallery channel; each call has a deadline of its own.

    Every method raises `Transient` where trying again may help.
    """

    async def post_entry(self, entry: GalleryEntry, job: Job, picture: StoredPicture) -> MessageId:
        """Post an entry to its `shown_channel`; posted twice, the first message is returned.

        Raises `RouteClosed`.
        """

    async def edit_entry(self, entry: GalleryEntry, job: Job, picture: StoredPicture) -> None:
        """Show an entry's message as its job is now; one that is gone is left alone."""

    async def invite_votes(self, guild: GuildId, channel: ChannelId, message: MessageId) -> None:
        """Make it easy to vote for a message, where votes count; failures are logged."""

    async def delete_message(self, channel: ChannelId, message: MessageId) -> None:
        """Delete a message of ours; one that is gone already is as good."""

    async def list_voters(self, channel: ChannelId, message: MessageId) -> set[UserId] | None:
        """Return who has voted on a message, bots left out; None if the message is gone."""

    async def is_age_restricted(self, channel: ChannelId) -> bool:
        """Say what Discord says of a channel now; a channel that is gone is not."""

    async def post_weekly_best(
        self, guild: GuildId, channel: ChannelId, entries: Sequence[GalleryEntry], nonce: str
    ) -> MessageId:
        """Post the best of a week; raise `RouteClosed`."""


@dataclass(frozen=True, slots=True)
class ModerationCase:
    """What moderators see of a job: `original` is a small JPEG, None where it is gone.

    `reasons` are what members reported, one each; who they are is not in it. `done` is what
    moderators did about the job, the oldest first, and `left` what they can do yet. A case that is
    settled shows no pictures.
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
    """Show cases to a guild's moderators; each call has a deadline of its own.

    Every method raises `Transient` where trying again may help.
    """

    async def post_case(self, channel: ChannelId, case: ModerationCase, nonce: str) -> MessageId:
        """Post a case; posted twice, the first message is returned. Raises `RouteClosed`."""

    async def edit_case(self, card: CardLocation, case: ModerationCase) -> None:
        """Bring a card up to date; one that is gone is left alone.

        Where nothing is left to do it becomes the lines that say what was done.
        """

    async def show_awaiting_approval(self, job: Job) -> None:
        """Say on the member's card that a moderator looks first; failures are logged."""

    async def show_cancellation(self, job: Job) -> None:
        """Say on the member's card that the order was cancelled; failures are logged."""

    async def notify_declined(self, job: Job) -> None:
        """Tell the member that the result is not shown, alone if that can be."""

    async def delete_message(self, job: Job, message: MessageId) -> bool:
        """Delete a message of a job in its channel; False where the bot may not."""

    async def apply_spoiler(
        self, job: Job, pictures: Sequence[StoredPicture], usage: Usage, entry: GalleryEntry | None
    ) -> None:
        """Show a result's message, and its place in the gallery, as its spoiler mark says."""

    async def post_log_entry(
        self, guild: GuildId, channel: ChannelId, event: ModerationAction | SettingChange
    ) -> None:
        """Write a line into the log channel; failures are logged."""
