"""What a member ordered: the picture, the expansion, and how it is to be delivered."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.geometry import Size
from bot.domain.ids import (
    PERSONAL_GUILD,
    ChannelId,
    Digest,
    GuildId,
    InteractionId,
    JobId,
    MessageId,
    RoleId,
    UserId,
)
from bot.domain.request import ExpansionRequest
from bot.domain.tolerance import ORDINARY_MAX


class OutputFormat(StrEnum):
    PNG = "PNG"
    JPG = "JPG"
    WEBP = "WEBP"


class Note(StrEnum):
    """Where a picture differs from what was given or asked: said on the result's card."""

    FIRST_FRAME = "first-frame"
    TRANSPARENT = "transparent"
    RESCALED = "rescaled"
    RECODED = "recoded"
    REDUCED = "reduced"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture as Discord declares it; the gate, which reads the bytes, trusts none of it.

    `size` is in bytes; `content_type` may be empty, and `declared` is None where Discord saw no
    picture in the file.
    """

    url: str
    filename: str
    size: int
    content_type: str
    declared: Size | None
    spoiler: bool = False


@dataclass(frozen=True, slots=True)
class PictureRef:
    """One picture of a job: what another expansion may go on from."""

    job_id: JobId
    ordinal: int


@dataclass(frozen=True, slots=True)
class StoredSeed:
    """A seed image that is in the file store already, cleaned; `format` is that of its source."""

    digest: Digest
    size: Size
    format: OutputFormat
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Who asked, where, and by which interaction.

    `roles` are those that the member had then, `age_restricted` is what the channel was; they
    decide limits and are not stored.
    """

    interaction_id: InteractionId
    guild_id: GuildId
    channel_id: ChannelId
    user_id: UserId
    user_name: str
    roles: tuple[RoleId, ...] = field(default=(), compare=False)
    age_restricted: bool = field(default=False, compare=False)

    @property
    def is_personal(self) -> bool:
        """Say whether no guild stands behind this, only the member's own installation."""
        return self.guild_id == PERSONAL_GUILD


@dataclass(frozen=True, slots=True)
class Order:
    """One command, as given; `format` None means the format of the seed image.

    The seed image is the attachment, unless `seed` names stored bytes; with neither of them it is
    the picture `parent`, from which this order goes on.
    """

    attachment: Attachment
    request: ExpansionRequest
    prompt: str
    results: int = 1
    format: OutputFormat | None = None
    private: bool = False
    upload_limit: int = 10 * 1024 * 1024
    """Largest file in bytes that this interaction may upload (Discord's default is 10 MiB)."""
    tolerance: int | None = None
    """Safety tolerance, 0 to 6: as asked, None for the most that is allowed; once accepted the
    level that applies."""
    check_content: bool = False
    source_author: UserId | None = None
    """Who posted the picture that this goes on from, where that was somebody else."""
    parent: PictureRef | None = None
    seed: StoredSeed | None = None
    locale: str = "en"
    """Discord's name of the language that the card speaks."""

    @property
    def tolerance_level(self) -> int:
        """The safety tolerance of an accepted order; one of before there were levels has 2."""
        return ORDINARY_MAX if self.tolerance is None else self.tolerance

    @property
    def is_stored(self) -> bool:
        """Say whether the seed image needs no fetching: it, or what it is made of, is on disk."""
        return self.seed is not None or self.parent is not None


@dataclass(frozen=True, slots=True)
class ReplyTarget:
    """The way back to the member: the interaction's token lives 15 minutes and is never logged."""

    token: str | None
    message_id: MessageId | None = None
