"""The rows about a member in all tables, as an export lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from bot.domain.ids import UserId
from bot.storage.sqlite.database import Store

_OWN_JOBS: Final = "job_id IN (SELECT id FROM job WHERE user_id = :user)"
_OWN_PICTURES: Final = f"SELECT message_id FROM shared_picture WHERE {_OWN_JOBS}"  # noqa: S608 - our own names


@dataclass(frozen=True, slots=True)
class RecordKind:
    """The rows of a table about a member: their columns, and what they are."""

    name: str
    table: str
    columns: tuple[str, ...]
    condition: str
    description: str

    def build_query(self) -> str:
        """Return the query; `:user` is its only parameter."""
        columns = ", ".join(self.columns)
        return (
            f"SELECT {columns} FROM {self.table} WHERE {self.condition} ORDER BY {self.columns[0]}"  # noqa: S608 - our own names
        )


def _split(columns: str) -> tuple[str, ...]:
    return tuple(columns.split())


RECORD_KINDS: Final = (
    RecordKind(
        "orders",
        "job",
        _split(
            "id interaction_id part guild_id channel_id user_id user_name ordered message_id "
            "task_uuid state epoch attempts sends hold cost seed seed_note output plan failure "
            "created_at updated_at run_at"
        ),
        "user_id = :user",
        "Your orders: prompt, file, request, channel, message, times, cost, the name shown.",
    ),
    RecordKind(
        "results",
        "result",
        _split("job_id ordinal image_uuid url noise_seed cost raw delivered format bytes note"),
        _OWN_JOBS,
        "What was made: the image service's links, and the names of the stored files.",
    ),
    RecordKind(
        "lossless_files", "master", _split("job_id ordinal digest"), _OWN_JOBS, "Lossless files."
    ),
    RecordKind(
        "order_steps",
        "job_event",
        _split("id job_id source target epoch at detail"),
        _OWN_JOBS,
        "The states that your orders went through.",
    ),
    RecordKind(
        "parents",
        "lineage",
        _split("job_id parent_job parent_ordinal offset_x offset_y scale"),
        _OWN_JOBS,
        "From which result each of your orders went on.",
    ),
    RecordKind(
        "sources",
        "job_source",
        _split("job_id source_job is_repeat"),
        _OWN_JOBS,
        "From which orders' pictures yours were made.",
    ),
    RecordKind(
        "removals",
        "removal",
        _split("job_id reason at"),
        _OWN_JOBS,
        "When and why files of your orders were deleted.",
    ),
    RecordKind(
        "ledger_entries",
        "entry",
        _split("job_id scope kind amount at"),
        _OWN_JOBS,
        "What your orders cost, in micro-dollars or pictures.",
    ),
    RecordKind(
        "ledger_accounts",
        "account",
        _split("scope unit cap held spent"),
        "scope GLOB 'u:*:' || :user || ':*'",
        "Your totals per day and month.",
    ),
    RecordKind(
        "ledger_corrections",
        "adjustment",
        _split("id scope what amount at"),
        "scope GLOB 'u:*:' || :user || ':*'",
        "Corrections of these totals.",
    ),
    RecordKind(
        "usage",
        "usage_day",
        _split("guild_id day user_id channel_id results failures refusals cost"),
        "user_id = :user",
        "Your counts per server, day and channel.",
    ),
    RecordKind(
        "strikes",
        "strike",
        _split("job_id user_id at"),
        "user_id = :user",
        "When content checks refused a picture of yours.",
    ),
    RecordKind(
        "reading_strikes",
        "reading_strike",
        _split("at user_id"),
        "user_id = :user",
        "When a picture of yours ended the program that reads pictures.",
    ),
    RecordKind(
        "drafts",
        "draft",
        _split("id guild_id user_id body file created_at taken_by"),
        "user_id = :user",
        "Previews, forms and films that you have not used yet.",
    ),
    RecordKind(
        "messages_shown",
        "shared_message",
        _split("message_id guild_id channel_id sharer_id at change gone_at"),
        f"sharer_id = :user OR message_id IN ({_OWN_PICTURES})",
        "Messages that you shared, or that show your pictures.",
    ),
    RecordKind(
        "pictures_shown",
        "shared_picture",
        _split("message_id job_id"),
        _OWN_JOBS,
        "Which of your pictures these messages show.",
    ),
    RecordKind(
        "gallery_entries",
        "gallery_entry",
        _split(
            "id guild_id job_id ordinal root_job author_id source_author channel_id message_id "
            "age_restricted state invited votes fingerprint shown_channel shown_message made_at "
            "changed_at"
        ),
        "author_id = :user OR source_author = :user",
        "Your pictures in galleries.",
    ),
    RecordKind(
        "votes",
        "vote",
        _split("entry_id voter_id message_id burst at"),
        "voter_id = :user",
        "Your votes in galleries.",
    ),
    RecordKind(
        "approvals",
        "approval",
        _split("job_id guild_id state at card_channel card_message decided_at done_at"),
        _OWN_JOBS,
        "Your results that moderators looked at first.",
    ),
    RecordKind(
        "reports_by_you",
        "report",
        _split("id guild_id job_id reporter_id reason at card_channel card_message closed_at"),
        "reporter_id = :user",
        "What you reported.",
    ),
    RecordKind(
        "reports_about_you",
        "report",
        _split("job_id at closed_at"),
        _OWN_JOBS,
        "When your results were reported; not by whom, nor in which words.",
    ),
    RecordKind(
        "blocks",
        "block",
        _split("guild_id user_id reason at until"),
        "user_id = :user",
        "Servers that block you.",
    ),
    RecordKind(
        "personal_quotas",
        "personal_grant",
        _split("guild_id user_id results_per_day until granted_at"),
        "user_id = :user",
        "Quotas that moderators gave you.",
    ),
    RecordKind(
        "moderation_about_you",
        "act",
        _split("id guild_id at what user_id job_id detail"),
        f"user_id = :user OR {_OWN_JOBS}",
        "What moderators decided about you and your results.",
    ),
    RecordKind(
        "moderation_by_you",
        "act",
        _split("id guild_id actor_id at what job_id detail"),
        "actor_id = :user",
        "What you decided as a moderator.",
    ),
    RecordKind(
        "settings_by_you",
        "guild_change",
        _split("id guild_id actor_id at name before after"),
        "actor_id = :user",
        "Server settings that you changed.",
    ),
    RecordKind(
        "no_expansion",
        "opt_out",
        _split("user_id since"),
        "user_id = :user",
        "Whether others may not expand your pictures.",
    ),
    RecordKind(
        "no_gallery",
        "gallery_opt_out",
        _split("guild_id user_id since"),
        "user_id = :user",
        "Servers whose gallery may not show your pictures.",
    ),
)
"""Everything about a member, except other people's names and the token of an open order."""


class MemberRecordStore(Store):
    async def list_records(self, user: UserId) -> dict[str, list[dict[str, Any]]]:
        """Return all rows about a member by the kind's name, from one snapshot."""
        async with self._database.open_snapshot() as snapshot:
            return {
                kind.name: [
                    dict(row)
                    for row in await snapshot.fetch_all(kind.build_query(), {"user": user})
                ]
                for kind in RECORD_KINDS
            }
