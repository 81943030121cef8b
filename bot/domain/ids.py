"""Identities, kept apart by type."""

from __future__ import annotations

from typing import NewType
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
