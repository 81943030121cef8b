"""Identities, kept apart by type."""

from __future__ import annotations

from typing import Final, NewType
from uuid import UUID

GuildId = NewType("GuildId", int)
ChannelId = NewType("ChannelId", int)
UserId = NewType("UserId", int)
MessageId = NewType("MessageId", int)
RoleId = NewType("RoleId", int)
InteractionId = NewType("InteractionId", int)
JobId = NewType("JobId", str)
"""Twelve lower-case base32 characters: short enough for a message nonce (25) and to read aloud."""
TaskUuid = NewType("TaskUuid", UUID)
Digest = NewType("Digest", str)
"""SHA-256 of stored bytes, in hexadecimal: the name of a file in the content-addressed store."""
DraftId = NewType("DraftId", str)
"""Twelve characters like a `JobId`: what a member has begun and not yet paid for."""
PERSONAL_GUILD: Final = GuildId(0)
"""Stands for no guild: who uses the bot by an installation of their own is a guest everywhere, and
nothing of a guild holds there. Discord gives no guild this number."""

_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 characters without l, o, 0 and 1, which are misread."""
_ID_LENGTH: Final = 12


def build_short_id(random_uuid: UUID) -> str:
    """Write 60 random bits as twelve characters, for a job or a draft."""
    bits = random_uuid.int
    return "".join(_ALPHABET[bits >> (5 * place) & 31] for place in range(_ID_LENGTH))
