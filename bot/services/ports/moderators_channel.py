"""What moderation needs of the outside and may not import: where moderators see and are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.gallery import GalleryEntry
from bot.domain.ids import ChannelId, GuildId, MessageId
from bot.domain.job import Job
from bot.domain.moderation import (
    ActionKind,
    CardLocation,
    CaseStage,
    ModerationAction,
    SettingChange,
)
from bot.domain.usage import Usage
from bot.services.ports.jobs import StoredPicture


class ModeratorsChannelClosed(Exception):
    """Say that a channel cannot be written to: none is set, it is gone, or a permission lacks."""


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
    reasons: tuple[str, ...] = ()
    past_acts: tuple[ModerationAction, ...] = ()
    possible_acts: tuple[ActionKind, ...] = ()


class ModeratorsChannel(Protocol):
    """Show cases to a guild's moderators; each call has a deadline of its own.

    Every method raises `Transient` where trying again may help.
    """

    async def post_case(self, channel: ChannelId, case: ModerationCase, nonce: str) -> MessageId:
        """Post a case; posted twice, the first message is returned. Raises `QuartersClosed`."""
        ...

    async def edit_case(self, card: CardLocation, case: ModerationCase) -> None:
        """Bring a card up to date; one that is gone is left alone.

        Where nothing is left to do it becomes the lines that say what was done.
        """
        ...

    async def show_awaiting_approval(self, job: Job) -> None:
        """Say on the member's card that a moderator looks first; failures are logged."""
        ...

    async def show_cancellation(self, job: Job) -> None:
        """Say on the member's card that the order was cancelled; failures are logged."""
        ...

    async def notify_declined(self, job: Job) -> None:
        """Tell the member that the result is not shown, alone if that can be."""
        ...

    async def delete_message(self, job: Job, message: MessageId) -> bool:
        """Delete a message of a job in its channel; False where the bot may not."""
        ...

    async def apply_spoiler(
        self, job: Job, pictures: Sequence[StoredPicture], usage: Usage, entry: GalleryEntry | None
    ) -> None:
        """Show a result's message, and its place in the gallery, as its spoiler mark says."""
        ...

    async def post_log_entry(
        self, guild: GuildId, channel: ChannelId, event: ModerationAction | SettingChange
    ) -> None:
        """Write a line into the log channel; failures are logged."""
        ...
