"""Limits for measurements."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from bot.config.settings import LimitSettings

_PLENTY: Final = 900_000
GENEROUS: Final = LimitSettings(
    results_per_user_day=_PLENTY,
    most_results_per_user_day=_PLENTY,
    usd_per_user_month=Decimal(_PLENTY),
    usd_per_guild_month=Decimal(_PLENTY),
    usd_per_day=Decimal(_PLENTY),
    usd_per_ten_minutes=Decimal(_PLENTY),
    results_per_command=20,
    running_per_user=_PLENTY,
    queue=_PLENTY,
)
"""Limits that nothing in a measurement reaches."""
