"""Drafts: orders not yet confirmed, which expire and can be used once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import Digest, DraftId, GuildId, InteractionId, UserId
from bot.storage.sqlite.database import Store
from bot.storage.sqlite.row_mapping import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Draft:
    """An unconfirmed order; `body` is its service's JSON, `file` a stored file that it needs."""

    id: DraftId
    guild_id: GuildId
    user_id: UserId
    body: str
    created_at: datetime
    file: Digest | None = None


class DraftStore(Store):
    async def save_draft(self, draft: Draft) -> None:
        """Insert or update a draft; one already used stays unchanged."""
        await self._execute(
            """
            INSERT INTO draft (id, guild_id, user_id, body, file, created_at)
            VALUES (:id, :guild_id, :user_id, :body, :file, :created_at)
            ON CONFLICT (id) DO UPDATE SET body = excluded.body, file = excluded.file
            WHERE draft.taken_by IS NULL
            """,
            {
                "id": draft.id,
                "guild_id": draft.guild_id,
                "user_id": draft.user_id,
                "body": draft.body,
                "file": draft.file,
                "created_at": to_ms(draft.created_at),
            },
        )

    async def get(self, draft_id: DraftId) -> Draft | None:
        """Return a draft that was not used yet."""
        row = await self._reader.fetch_one(
            "SELECT * FROM draft WHERE id = :id AND taken_by IS NULL", {"id": draft_id}
        )
        if row is None:
            return None
        guild, user, created_at = row["guild_id"], row["user_id"], from_ms(row["created_at"])
        return Draft(draft_id, guild, user, row["body"], created_at, row["file"])

    async def use_draft(self, draft_id: DraftId, interaction_id: InteractionId) -> bool:
        """Mark a draft as used; return False if another interaction has used it."""
        # the same interaction may take it again, so a repeated call after a crash succeeds
        taken = await self._execute(
            """
            UPDATE draft SET taken_by = :by
            WHERE id = :id AND (taken_by IS NULL OR taken_by = :by)
            """,
            {"id": draft_id, "by": interaction_id},
        )
        return bool(taken)

    async def restore_draft(self, draft_id: DraftId, interaction_id: InteractionId) -> None:
        """Undo `use_draft`, after the order was not accepted."""
        await self._execute(
            "UPDATE draft SET taken_by = NULL WHERE id = :id AND taken_by = :by",
            {"id": draft_id, "by": interaction_id},
        )
