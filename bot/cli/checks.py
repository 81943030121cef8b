"""What a check of the doctor found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CheckLevel(StrEnum):
    OK = "ok"
    WARNING = "warn"
    """The bot starts, and something should be looked at."""
    FAILED = "fail"
    """The bot does not start, or can't do its work."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    name: str
    level: CheckLevel
    detail: str
    """What was found, and what to do unless all is well."""
