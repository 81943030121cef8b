"""Types of ids, distinct for the type checker."""

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
"""Twelve lower-case base32 characters: fits a message nonce (25), and can be read aloud."""
TaskUuid = NewType("TaskUuid", UUID)
Digest = NewType("Digest", str)
"""Hexadecimal SHA-256 of stored bytes: the name of a file in the content-addressed store."""
DraftId = NewType("DraftId", str)
"""Twelve characters like a `JobId`, for an order not yet confirmed."""
PERSONAL_GUILD: Final = GuildId(0)
"""No guild: use through a member's own installation, to which no guild's settings apply. Discord
never uses this id."""

_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 characters, without l, o, 0 and 1, which are easily confused."""
_ID_LENGTH: Final = 12


def build_short_id(random_uuid: UUID) -> str:
    """Encode the lowest 60 bits of a random UUID as twelve characters."""
    bits = random_uuid.int
    return "".join(_ALPHABET[bits >> (5 * place) & 31] for place in range(_ID_LENGTH))
