"""What a result costs here."""

from __future__ import annotations

from typing import Final

from bot.domain.money import MicroUsd

PER_RESULT: Final = MicroUsd(50_000)
"""Micro-dollars per result; all four of the vendor's examples cost 0.05 USD, at any size."""
