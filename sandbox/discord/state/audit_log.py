"""The audit log: who changed what in a guild, with the request's reason."""

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from sandbox.discord.model.records import Guild, Json

if TYPE_CHECKING:
    from sandbox.discord.state.state import State

MAX_ENTRIES = 1000  # per guild


class AuditAction(IntEnum):
    """Audit log actions (documentation, "Audit Log Events")."""

    CHANNEL_CREATE = 10
    CHANNEL_UPDATE = 11
    CHANNEL_DELETE = 12
    OVERWRITE_CREATE = 13
    OVERWRITE_UPDATE = 14
    OVERWRITE_DELETE = 15
    MEMBER_KICK = 20
    MEMBER_UPDATE = 24
    MEMBER_ROLE_UPDATE = 25
    ROLE_CREATE = 30
    ROLE_UPDATE = 31
    ROLE_DELETE = 32
    WEBHOOK_CREATE = 50
    WEBHOOK_UPDATE = 51
    WEBHOOK_DELETE = 52
    MESSAGE_DELETE = 72
    MESSAGE_BULK_DELETE = 73
    MESSAGE_PIN = 74
    MESSAGE_UNPIN = 75
    THREAD_UPDATE = 111
    THREAD_DELETE = 112


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One log entry; `reason` is the request's decoded X-Audit-Log-Reason."""

    id: int
    guild_id: int
    user_id: int
    action: AuditAction
    target_id: int | None
    reason: str | None = None


class AuditLog:
    """Store each guild's latest entries, newest last."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._entries: dict[int, list[AuditEntry]] = {}

    def record_action(
        self, guild: Guild, action: AuditAction, *, target_id: int | None, reason: str | None
    ) -> None:
        """Add an entry for an action of the bot."""
        user_id = self._state.world.bot.id
        entry = AuditEntry(self._state.ids.make_id(), guild.id, user_id, action, target_id, reason)
        entries = self._entries.setdefault(guild.id, [])
        entries.append(entry)
        del entries[:-MAX_ENTRIES]
        self._state.emit_to_guild(
            guild, "GUILD_AUDIT_LOG_ENTRY_CREATE", payload=build_entry_payload(entry)
        )

    def list_entries(self, guild_id: int) -> tuple[AuditEntry, ...]:
        return tuple(self._entries.get(guild_id, ()))

    def clear(self) -> None:
        self._entries.clear()


def build_entry_payload(entry: AuditEntry) -> Json:
    own: Json = {
        "id": str(entry.id),
        "action_type": int(entry.action),
        "user_id": str(entry.user_id),
        "target_id": None if entry.target_id is None else str(entry.target_id),
    }
    return own | ({} if entry.reason is None else {"reason": entry.reason})
