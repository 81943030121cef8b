"""Writes docs/errors.md: every refusal and failure as members read it, with its id.

Run `python -m bot.ui.errors_page > docs/errors.md` after a text has changed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from typing import Final

from bot.domain.ledger import Cap
from bot.ui.wording_errors import KINDS, UNEXPECTED
from bot.ui.wording_limits import (
    BUDGETS,
    MEMBER,
    PAUSED,
    PAUSED_UNTIL,
    QUEUE,
    QUEUE_OWN,
    QUOTA,
    QUOTA_LEFT,
    STORAGE,
)
from bot.ui.wording_policy import (
    BLOCKED,
    BLOCKED_UNTIL,
    CHANNELS,
    PATTERN,
    ROLES,
    SIDE,
    TOLERANCE,
    WORD,
)
from bot.ui.wording_reasons import IMAGE, PRESS, Explained

_HEAD: Final = """# Refusals and failures

Every card that says no has three parts: what happened, whether money was taken, and what to do
next. Below them stands a short id: `code …` is one of this list, or the image service's own code
where a failure came from there; the twelve characters after it are the order's, by which
`expanse jobs show` and the log know it; `id …` alone is an accident of the program itself, and the
log has its traceback under the same id. Names in braces are numbers.

This page is written from the code (`python -m bot.ui.errors_page`).

A *refusal* comes before anything is held: nothing is charged. A *failure* comes after: the hold is
released, or settled at what the image service billed, and the card says which.
"""
_Row = tuple[str, Explained]
POLICY: Final = (
    ("member_blocked", BLOCKED),
    ("member_blocked (until)", BLOCKED_UNTIL),
    ("place_not_allowed (channels)", CHANNELS),
    ("place_not_allowed (roles)", ROLES),
    ("word_refused", WORD),
    ("word_refused (pattern)", PATTERN),
    ("tolerance_refused", TOLERANCE),
    ("side_too_long", SIDE),
)


def page() -> str:
    """Return the whole page."""
    sections = [
        ("Pictures that are refused", IMAGE.items()),
        ("Orders that are refused", _orders()),
        ("Limits", _limits()),
        ("What moderators do not want", POLICY),
        ("Buttons, menus and forms", PRESS.items()),
        ("Failures on the way", _failures()),
    ]
    parts = [_HEAD]
    for title, rows in sections:
        parts.append(f"## {title}\n\n| id | what happened | what to do next |\n|---|---|---|")
        parts.append("\n".join(_row(*row) for row in rows) + "\n")
    return "\n".join(parts)


def code_of_kind(kind: type[Exception]) -> str:
    """Return the id of a class of errors, as `bot.errors.code_of` gives that of an error."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def _orders() -> Iterator[_Row]:
    yield from _of_module("bot.domain.problems")
    yield from ((code, words) for code, words in _kinds() if code == "prompt_refused")


def _failures() -> Iterator[_Row]:
    orders = {code for code, _ in _orders()}
    yield from ((code, words) for code, words in _kinds() if code not in orders)
    yield "anything else", UNEXPECTED


def _limits() -> Iterable[_Row]:
    budgets = [(f"budget_exhausted ({cap})", BUDGETS[cap]) for cap in Cap if cap in BUDGETS]
    return [
        ("quota_exhausted", QUOTA),
        ("quota_exhausted (some left)", QUOTA_LEFT),
        *budgets,
        ("queue_full (own)", QUEUE_OWN),
        ("queue_full", QUEUE),
        ("intake_paused", PAUSED),
        ("intake_paused (until)", PAUSED_UNTIL),
        ("member_paused", MEMBER),
        ("storage_low", STORAGE),
    ]


def _kinds() -> Iterator[_Row]:
    for kind, words in KINDS.items():
        yield code_of_kind(kind), words


def _of_module(name: str) -> Iterator[_Row]:
    for kind, words in KINDS.items():
        if kind.__module__ == name:
            yield code_of_kind(kind), words


def _row(code: str, words: Explained) -> str:
    happened = f"{words.happened} {words.money}".strip()
    return f"| `{code}` | {happened} | {words.advice} |"


if __name__ == "__main__":
    sys.stdout.write(page())
