"""Orders: the picture, the expansion, and how to deliver the result."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from bot.domain.content import ORDINARY_MAX, ContentProperties
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

MAX_PICTURES_PER_FORM: Final = 4
"""Pictures that one form may order; each is an order of its own."""


class OutputFormat(StrEnum):
    PNG = "PNG"
    JPG = "JPG"
    WEBP = "WEBP"


class Detail(StrEnum):
    """At which scale a large picture is sent to be rendered."""

    AUTOMATIC = "automatic"
    """Scaled down to what the model renders well."""
    NATIVE = "native"
    """As it is."""


class Note(StrEnum):
    """A difference from the uploaded or requested picture, shown on the result's card."""

    FIRST_FRAME = "first-frame"
    TRANSPARENT = "transparent"
    RESCALED = "rescaled"
    EDGES_FILLED = "edges-filled"
    NOT_LOCATED = "not-located"
    RECODED = "recoded"
    REDUCED = "reduced"
    MADE_WITH_AI = "ai"
    """No difference: people must be told so, and the file is marked too (`images/marking.py`)."""


_UNKNOWN_TYPES: Final = {"", "application/octet-stream", "binary/octet-stream"}
_PICTURE_ENDINGS: Final = {"png", "apng", "jpg", "jpeg", "jpe", "jfif", "webp", "gif"}
_QUICK_PIXELS: Final = 4 * 1024 * 1024
"""Pixels that a worker reads in a fraction of a second, in any format (docs/benchmarks.md)."""
_FILM_ENDINGS: Final = {"mp4", "m4v", "mov", "webm", "mkv", "avi"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as Discord describes it, which validation of its bytes does not trust.

    `size` is in bytes; `content_type` may be empty; `declared` is None if Discord found no picture.
    """

    url: str
    filename: str
    size: int
    content_type: str
    declared: Size | None
    spoiler: bool = False
    description: str = ""
    """What its author says that it shows: its alt text, or the text of their own message."""

    @property
    def may_be_picture(self) -> bool:
        """Whether its type, or without one its name or declared size, is that of a picture."""
        kind = self.content_type.partition(";")[0].strip().lower()
        if kind not in _UNKNOWN_TYPES:
            return kind.startswith("image/")
        ending = self.filename.rpartition(".")[2].lower()
        return ending in _PICTURE_ENDINGS or (
            self.declared is not None and ending not in _FILM_ENDINGS
        )

    @property
    def may_be_large(self) -> bool:
        """Whether reading it may take a worker long, by what Discord says; unknown counts."""
        return self.declared is None or self.declared.pixel_count > _QUICK_PIXELS


@dataclass(frozen=True, slots=True)
class PictureRef:
    """One picture of a job, which can be expanded further."""

    job_id: JobId
    ordinal: int


@dataclass(frozen=True, slots=True)
class StoredSeed:
    """A normalised seed image in the file store; `format` is its source's."""

    digest: Digest
    size: Size
    format: OutputFormat
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Who ordered, where, and by which interaction.

    `roles`, `age_restricted` (None if unknown), `parent_id`, the channel of a thread,
    `spoiler_channel`, and `is_direct`, the member's direct messages with the bot, are the member's
    and channel's at that time; they determine limits and spoilers, and are not stored.
    """

    interaction_id: InteractionId
    guild_id: GuildId
    channel_id: ChannelId
    user_id: UserId
    user_name: str
    roles: tuple[RoleId, ...] = field(default=(), compare=False)
    age_restricted: bool | None = field(default=False, compare=False)
    parent_id: ChannelId | None = field(default=None, compare=False)
    spoiler_channel: bool = field(default=False, compare=False)
    is_direct: bool = field(default=False, compare=False)

    @property
    def channels(self) -> tuple[ChannelId, ...]:
        """The channel and, for a thread, its parent; empty if the channel is unknown."""
        parent = () if self.parent_id is None else (self.parent_id,)
        return (self.channel_id, *parent) if self.channel_id else parent

    @property
    def is_personal(self) -> bool:
        """Whether this is use through the member's own installation, outside guilds."""
        return self.guild_id == PERSONAL_GUILD


@dataclass(frozen=True, slots=True)
class Order:
    """What a member asked for; `format` None means the format of the seed image.

    The seed image is `seed` if that is set, else the picture `parent` if that is set, else the
    attachment.
    """

    attachment: Attachment
    request: ExpansionRequest
    prompt: str
    results: int = 1
    format: OutputFormat | None = None
    private: bool = False
    upload_limit: int = 20 * 1024 * 1024
    """Upload limit of the interaction in bytes (Discord's default is 20 MiB)."""
    tolerance: int | None = None
    """Safety tolerance; before acceptance as requested, with None for the highest allowed,
    afterwards the level that applies."""
    check_content: bool = False
    source_author: UserId | None = None
    """The author of the source picture, if another member."""
    parent: PictureRef | None = None
    seed: StoredSeed | None = None
    locale: str = "en"
    """The Discord locale of the card."""
    detail: Detail = Detail.AUTOMATIC
    age_restricted: bool | None = False
    """Whether the picture is from an age-restricted channel, None if unknown; of an accepted order
    the strictest of its own channel and all that it is made from."""
    keeps_spoiler: bool = False
    """Whether only a moderator takes the spoiler off: a moderator added it, or it came with another
    member's picture."""
    sources: tuple[JobId, ...] = ()
    """The jobs whose pictures this is made from."""
    repeats: JobId | None = None
    """The job whose order this repeats."""

    def cover_in(self, origin: Origin) -> Order:
        """Return the order with a spoiler if it comes from a spoiler channel."""
        return self.cover() if origin.spoiler_channel else self

    @property
    def content(self) -> ContentProperties:
        """What everything made from the picture inherits."""
        return ContentProperties(
            self.age_restricted, self.attachment.spoiler, self.keeps_spoiler, self.source_author
        )

    def cover(self) -> Order:
        """Return the order with a spoiler."""
        return replace(self, attachment=replace(self.attachment, spoiler=True))

    @property
    def tolerance_level(self) -> int:
        """The safety tolerance of an accepted order; orders older than it had the default."""
        return ORDINARY_MAX if self.tolerance is None else self.tolerance

    @property
    def is_stored(self) -> bool:
        """Whether the seed image, or the files to compose it from, are on disk."""
        return self.seed is not None or self.parent is not None


@dataclass(frozen=True, slots=True)
class ReplyTarget:
    """Where to reply; the interaction's token is valid for 15 minutes and never logged."""

    token: str | None
    message_id: MessageId | None = None
