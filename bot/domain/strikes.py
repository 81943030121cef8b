"""How often moderation may refuse a member before the member has to wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

MANY: Final = 5
WITHIN: Final = timedelta(minutes=10)
PAUSE: Final = timedelta(hours=1)
"""Five refusals within ten minutes cost an hour."""
REMEMBERED: Final = WITHIN + PAUSE


def paused_until(strikes: Sequence[datetime]) -> datetime | None:
    """Return the end of the latest pause that these refusals, in order, have earned."""
    fifths = zip(strikes, strikes[MANY - 1 :], strict=False)
    ends = [last + PAUSE for first, last in fifths if last - first <= WITHIN]
    return max(ends, default=None)
