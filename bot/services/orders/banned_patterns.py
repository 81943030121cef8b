"""Moderators' regular expressions, limited in size and matched in linear time by RE2."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import re2

from bot.domain.errors import SettingRefused
from bot.domain.guild import MAX_PATTERN_LENGTH
from bot.domain.settings_table import MOST

_MAX_MEMORY: Final = 2**20
"""Most bytes that RE2 may use for one pattern."""


def check_pattern(text: str) -> None:
    """Raise `SettingRefused` for an invalid or too large pattern, or one that matches all texts."""
    if len(text) > MAX_PATTERN_LENGTH:
        most = {"most": MAX_PATTERN_LENGTH}
        raise SettingRefused("banned_patterns", text[:40], MOST, most)
    try:
        matches_nothing = _compile_pattern(text).search("") is None
    except re2.error as error:
        raise SettingRefused("banned_patterns", text, _explain_error(str(error))) from error
    if not matches_nothing:
        raise SettingRefused("banned_patterns", text, "one that does not match everything")


def _explain_error(problem: str) -> str:
    """Return what RE2's error asks of the moderator."""
    if "repetition size" in problem or "too large" in problem:
        return "one with fewer repetitions"
    if "perl operator" in problem or "escape sequence" in problem:
        return "one without look-around and back-references"
    return "a pattern as RE2 knows them"


def find_first_match(patterns: Iterable[str], text: str) -> str | None:
    """Return the first pattern that matches somewhere in the text, ignoring case."""
    return next((each for each in patterns if _compile_pattern(each).search(text)), None)


@lru_cache(maxsize=1024)
def _compile_pattern(text: str) -> Any:
    """Compile a pattern with RE2, which never backtracks, so that no text takes long to match."""
    options = re2.Options()
    options.max_mem = _MAX_MEMORY
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile(text, options)
