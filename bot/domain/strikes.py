"""Pauses for members whose requests moderation refuses repeatedly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

STRIKE_LIMIT: Final = 5
STRIKE_WINDOW: Final = timedelta(minutes=10)
PAUSE_LENGTH: Final = timedelta(hours=1)
"""Five refusals within ten minutes pause the member for an hour."""
STRIKE_RETENTION: Final = STRIKE_WINDOW + PAUSE_LENGTH


def find_pause_end(strikes: Sequence[datetime]) -> datetime | None:
    """Return the end of the latest pause that these refusals, oldest first, cause."""
    # pairs of a refusal and the fourth one after it
    fifths = zip(strikes, strikes[STRIKE_LIMIT - 1 :], strict=False)
    ends = [last + PAUSE_LENGTH for first, last in fifths if last - first <= STRIKE_WINDOW]
    return max(ends, default=None)
