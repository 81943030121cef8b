"""Records that the local Discord stores; `payloads` turns them into JSON."""

from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any, NamedTuple

Json = dict[str, Any]


class MessageFlag:
    """Bits of a message's `flags` (documentation, "Message Flags"); plain integers for speed."""

    HAS_SNAPSHOT = 1 << 14
    SUPPRESS_EMBEDS = 1 << 2
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


NO_FLAGS = 0
IS_SPOILER = 1 << 3  # a bit of an attachment's `flags` (documentation, "Attachment Flags")
IS_SPOILER_CHANNEL = 1 << 21  # a bit of a channel's `flags` (documentation, "Channel Flags")
SPOILER_PREFIX = "SPOILER_"
FORWARD = 1  # a message reference type (documentation, "Message Reference Types")
BURST_COLORS = ("#ffb74d", "#ffd54f")  # of a super reaction's animation; Discord picks them


class InteractionType(IntEnum):
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class CallbackType(IntEnum):
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


class ChannelType(IntEnum):
    """A channel's type (documentation, "Channel Types"); posts of a forum are threads."""

    TEXT = 0
    DM = 1
    VOICE = 2
    GROUP_DM = 3
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    THREAD = 11
    PRIVATE_THREAD = 12
    STAGE = 13
    FORUM = 15
    MEDIA = 16

    @property
    def is_thread(self) -> bool:
        return ChannelType.ANNOUNCEMENT_THREAD <= self <= ChannelType.PRIVATE_THREAD

    @property
    def is_forum(self) -> bool:
        """Tell whether it holds only posts, as forum and media channels do."""
        return self is ChannelType.FORUM or self is ChannelType.MEDIA

    @property
    def takes_messages(self) -> bool:
        return not (self.is_forum or self is ChannelType.CATEGORY)

    @property
    def thread_types(self) -> tuple["ChannelType", ...]:
        """Return the types of the threads that it may have, that of a public one first."""
        return _THREAD_TYPES.get(self, ())


_THREAD_TYPES = {
    ChannelType.TEXT: (ChannelType.THREAD, ChannelType.PRIVATE_THREAD),
    ChannelType.ANNOUNCEMENT: (ChannelType.ANNOUNCEMENT_THREAD,),
    ChannelType.FORUM: (ChannelType.THREAD,),
    ChannelType.MEDIA: (ChannelType.THREAD,),
}


@dataclass(frozen=True, slots=True)
class User:
    id: int
    username: str
    global_name: str | None
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    id: int
    name: str
    permissions: int
    position: int
    color: int = 0
    hoist: bool = False
    mentionable: bool = False
    bot_id: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A user's membership in a guild; times are seconds since 1970."""

    user: User
    role_ids: tuple[int, ...]
    joined_at: float
    nick: str | None = None
    timed_out_until: float | None = None


@dataclass(frozen=True, slots=True)
class Overwrite:
    """Permissions that a channel allows and denies; `kind` is 0 for a role and 1 for a member."""

    id: int
    kind: int
    allow: int
    deny: int


@dataclass(frozen=True, slots=True)
class Channel:
    """A guild's channel, a thread (with `parent_id`, `owner_id`) or a DM (with `recipient_id`).

    `parent_id` is a thread's channel, and another channel's category. A DM has no guild, a group
    DM no `recipient_id`; `created_at` is seconds since 1970, `slowmode` seconds.
    """

    id: int
    guild_id: int | None
    name: str
    position: int = 0
    type: ChannelType = ChannelType.TEXT
    topic: str | None = None
    overwrites: tuple[Overwrite, ...] = ()
    parent_id: int | None = None
    owner_id: int | None = None
    created_at: float = 0.0
    recipient_id: int | None = None
    nsfw: bool = False
    slowmode: int = 0
    archived: bool = False
    locked: bool = False
    archive_after: int = 1440
    members: tuple[int, ...] = ()
    flags: int = 0


@dataclass(slots=True)
class Guild:
    id: int
    name: str
    owner_id: int
    created_at: float
    roles: dict[int, Role]
    members: dict[int, Member]
    channels: dict[int, Channel]
    locale: str = "en-US"


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file, not stored yet.

    `content_type` None means that Discord detects the type, "" that it reports none; without
    `measured` it reports no size either. `spoiler` is the client's flag, instead of the name.
    """

    filename: str
    data: bytes
    content_type: str | None = None
    measured: bool = True
    spoiler: bool = False


class Attachment(NamedTuple):
    """A stored file; width and height are in pixels, None unless it is a known picture type.

    Named tuples (this and `Content`) are built in a quarter of a frozen dataclass's time.
    """

    id: int
    channel_id: int
    filename: str
    data: bytes
    content_type: str | None = None
    width: int | None = None
    height: int | None = None
    description: str | None = None
    title: str | None = None
    ephemeral: bool = False
    flags: int = 0


class Content(NamedTuple):
    """A message's validated body; components in response form, media not resolved yet."""

    text: str = ""
    embeds: tuple[Json, ...] = ()
    components: tuple[Json, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    flags: int = NO_FLAGS
    mentions: tuple[int, ...] = ()
    stickers: tuple[Json, ...] = ()
    poll: Json | None = None


@dataclass(frozen=True, slots=True)
class Forward:
    """Where a forwarded message came from, and its snapshot: a partial message object."""

    channel_id: int
    message_id: int
    guild_id: int | None
    snapshot: Json


class ReactionType(IntEnum):
    NORMAL = 0
    BURST = 1
    """A super reaction."""


@dataclass(slots=True)
class Message:
    """A message; times are seconds since 1970.

    `reactions` and `bursts` (super reactions) map an emoji to user ids. `webhook` is the name and
    picture that a webhook posted under; the author is then no member.
    """

    id: int
    channel_id: int
    author_id: int
    content: Content
    created_at: float
    type: int = 0
    edited_at: float | None = None
    nonce: str | int | None = None
    interaction_id: int | None = None
    reference_id: int | None = None
    thread_id: int | None = None
    pinned: bool = False
    pinned_at: float | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict)
    bursts: dict[str, list[int]] = field(default_factory=dict)
    audience: frozenset[int] | None = None
    webhook: User | None = None
    forward: Forward | None = None

    @property
    def emojis(self) -> list[str]:
        """Return the emojis of all reactions, the first given first where that is known."""
        return list(dict.fromkeys([*self.reactions, *self.bursts]))

    def get_reactions(self, kind: ReactionType) -> dict[str, list[int]]:
        return self.bursts if kind is ReactionType.BURST else self.reactions

    @property
    def is_ephemeral(self) -> bool:
        return self.content.flags & MessageFlag.EPHEMERAL != 0

    @property
    def is_loading(self) -> bool:
        return self.content.flags & MessageFlag.LOADING != 0


class InteractionState(Enum):
    SENT = "sent"
    ACKED = "acked"
    FAILED = "failed"


@dataclass(slots=True)
class Interaction:
    """One interaction and its outcome; times are seconds since 1970.

    `owners` says by whose installation it came: "0" the guild's, "1" the user's.
    """

    id: int
    token: str
    type: InteractionType
    user_id: int
    channel_id: int
    data: Json
    created_at: float
    nonce: str | None = None
    source_message_id: int | None = None
    source_id: int | None = None
    owners: dict[str, str] = field(default_factory=dict)
    state: InteractionState = InteractionState.SENT
    acked_at: float | None = None
    callback: CallbackType | None = None
    callback_data: Json | None = None
    response_id: int | None = None
    followup_ids: list[int] = field(default_factory=list)
    edits: int = 0
