"""How often one picture is posted in its gallery: at most once a minute, however votes change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.domain.gallery import EntryState, GalleryEntry

MIN_INTERVAL: Final = timedelta(minutes=1)
"""Time between taking down a post and posting it again."""


@dataclass(frozen=True, slots=True)
class PostingPace:
    """Remember the entries that must wait, in memory only: a restart syncs all votes anyway."""

    _waiting: dict[int, tuple[GalleryEntry, datetime]] = field(init=False, default_factory=dict)

    def must_wait(self, entry: GalleryEntry, now: datetime) -> bool:
        """Return whether an entry was taken down less than a minute ago, and remember it if so.

        What the author or a moderator adds never waits: an entry that they take out is barred, so
        they cannot repeat it.
        """
        if entry.state is not EntryState.CANDIDATE or entry.invited:
            return False
        if entry.shown_channel is None or entry.changed_at is None:
            return False  # never shown
        due = entry.changed_at + MIN_INTERVAL
        if now >= due:
            return False
        self._waiting[entry.id] = (entry, due)
        return True

    def take_due_entries(self, now: datetime) -> list[GalleryEntry]:
        """Return the entries whose wait is over, and forget them."""
        due = [entry for entry, at in self._waiting.values() if at <= now]
        for entry in due:
            del self._waiting[entry.id]
        return due

    def get_next_wait(self, now: datetime, longest: timedelta) -> timedelta:
        """Return the time until the next wait is over, at most `longest`."""
        return min([longest, *(max(at - now, timedelta()) for _, at in self._waiting.values())])
