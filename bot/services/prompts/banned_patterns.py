"""Moderators' regular expressions for RE2, measured when they are added and limited when matched.

RE2 holds the interpreter's lock while it works, so all of this runs in a worker process.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import re2

MAX_PROGRAM: Final = 1_250
"""Most instructions of one pattern: `\\pL`, the largest class in common use, takes 1,200."""
MAX_LIST_PROGRAM: Final = 2_500
"""Most instructions of all patterns of a guild. The worst known take 15 ns for each instruction and
character: 0.3 s for a prompt of 3,000 characters, plain and folded."""
_SECONDS: Final = 0.5
"""Time for all patterns of a guild on one prompt; afterwards the rest is undecided."""
_MAX_MEMORY: Final = 2**18
"""Most bytes that RE2 may use for one pattern."""
_CACHED: Final = 256
"""Compiled patterns that are kept, of `_MAX_MEMORY` each: 64 MiB."""


@dataclass(frozen=True, slots=True)
class PatternSize:
    """A pattern's cost in instructions; `problem` says what to change, empty for a valid one."""

    instructions: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PatternVerdict:
    """The first pattern that matches, else those that could not be decided."""

    matched: str | None = None
    undecided: tuple[str, ...] = ()


def measure_patterns(patterns: Sequence[str]) -> list[PatternSize]:
    """Return the sizes of patterns."""
    return [_measure_pattern(each) for each in patterns]


def find_match(patterns: Iterable[str], texts: Sequence[str]) -> PatternVerdict:
    """Return the first pattern that matches in one of the texts, ignoring case."""
    end, undecided = time.monotonic() + _SECONDS, list[str]()
    for pattern in patterns:
        compiled = _compile_pattern(pattern) if time.monotonic() < end else None
        if compiled is None:
            undecided.append(pattern)
        elif any(compiled.search(text) for text in texts):
            return PatternVerdict(pattern)
    return PatternVerdict(undecided=tuple(undecided))


def _measure_pattern(text: str) -> PatternSize:
    try:
        compiled = re2.compile(text, _build_options())
    except re2.error as error:
        return PatternSize(0, _explain_error(str(error)))
    if compiled.search("") is not None:
        return PatternSize(0, "one that does not match everything")
    if compiled.programsize > MAX_PROGRAM:
        return PatternSize(compiled.programsize, "one with fewer repetitions")
    return PatternSize(compiled.programsize)


def _explain_error(problem: str) -> str:
    """Return what RE2's error asks of the moderator."""
    if "repetition size" in problem or "too large" in problem:
        return "one with fewer repetitions"
    if "perl operator" in problem or "escape sequence" in problem:
        return "one without look-around and back-references"
    return "a pattern as RE2 knows them"


@lru_cache(_CACHED)
def _compile_pattern(text: str) -> Any | None:
    """Compile a pattern, which RE2 matches without backtracking; None if it is too large."""
    try:
        compiled = re2.compile(text, _build_options())
    except re2.error:
        return None
    return compiled if compiled.programsize <= MAX_PROGRAM else None


def _build_options() -> re2.Options:
    options = re2.Options()
    options.max_mem = _MAX_MEMORY
    options.case_sensitive = False
    options.never_capture = True  # a capture costs a second, slower pass
    options.log_errors = False
    return options
