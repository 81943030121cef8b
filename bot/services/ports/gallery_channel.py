"""What the gallery needs of the outside and may not import: a channel to show pictures in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.gallery import GalleryEntry
from bot.domain.ids import ChannelId, GuildId, MessageId, UserId
from bot.domain.job import Job
from bot.services.ports.jobs import StoredPicture


class GalleryChannelClosed(Exception):
    """Say that a channel cannot be written to: it is gone, or a permission is missing."""


class GalleryChannel(Protocol):
    """Show pictures in a guild's gallery channel; each call has a deadline of its own.

    Every method raises `Transient` where trying again may help.
    """

    async def post_entry(self, entry: GalleryEntry, job: Job, picture: StoredPicture) -> MessageId:
        """Post an entry to its `shown_channel`; posted twice, the first message is returned.

        Raises `BoardClosed`.
        """
        ...

    async def edit_entry(self, entry: GalleryEntry, job: Job, picture: StoredPicture) -> None:
        """Show an entry's message as its job is now; one that is gone is left alone."""
        ...

    async def invite_votes(self, guild: GuildId, channel: ChannelId, message: MessageId) -> None:
        """Make it easy to vote for a message, where votes count; failures are logged."""
        ...

    async def delete_message(self, channel: ChannelId, message: MessageId) -> None:
        """Delete a message of ours; one that is gone already is as good."""
        ...

    async def list_voters(self, channel: ChannelId, message: MessageId) -> set[UserId] | None:
        """Return who has voted on a message, bots left out; None if the message is gone."""
        ...

    async def is_age_restricted(self, channel: ChannelId) -> bool:
        """Say what Discord says of a channel now; a channel that is gone is not."""
        ...

    async def post_weekly_best(
        self, guild: GuildId, channel: ChannelId, entries: Sequence[GalleryEntry], nonce: str
    ) -> MessageId:
        """Post the best of a week; raise `BoardClosed`."""
        ...
