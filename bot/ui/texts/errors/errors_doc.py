"""Writes docs/errors.md: every refusal and failure as members read it, with its id.

Run `python -m bot.ui.texts.errors.errors_doc > docs/errors.md` after a text has changed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Final

from bot.domain.errors import Refusal
from bot.domain.ledger import LimitKind
from bot.errors import get_class_code
from bot.ui.texts.errors.errors import EXPLANATIONS, UNEXPECTED
from bot.ui.texts.errors.limits import (
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
from bot.ui.texts.errors.policy import (
    BLOCKED,
    BLOCKED_UNTIL,
    CHANNELS,
    PATTERN,
    ROLES,
    SIDE,
    TOLERANCE,
    WORD,
)
from bot.ui.texts.errors.refusal_reasons import COMPONENT_REFUSALS, IMAGE_REFUSALS, Explanation

_HEADER: Final = """# Refusals and failures

Every card that says no has three parts: what happened, whether money was taken, and what to do
next. Below them stands a short id: `code …` is one of this list, or the image service's own code
where a failure came from there; the twelve characters after it are the order's, by which
`expanse jobs show` and the log know it; `id …` alone is an accident of the program itself, and the
log has its traceback under the same id. Names in braces are numbers.

This page is written from the code (`python -m bot.ui.texts.errors.errors_doc`).

A *refusal* comes before anything is held: nothing is charged. A *failure* comes after: the hold is
released, or settled at what the image service billed, and the card says which.
"""
_Row = tuple[str, Explanation]
POLICY_ERRORS: Final = (
    ("member_blocked", BLOCKED),
    ("member_blocked (until)", BLOCKED_UNTIL),
    ("place_not_allowed (channels)", CHANNELS),
    ("place_not_allowed (roles)", ROLES),
    ("word_refused", WORD),
    ("word_refused (pattern)", PATTERN),
    ("tolerance_refused", TOLERANCE),
    ("side_too_long", SIDE),
)


def render_page() -> str:
    """Return the whole page."""
    sections = [
        ("Pictures that are refused", IMAGE_REFUSALS.items()),
        ("Orders that are refused", _list_class_errors(are_refusals=True)),
        ("Limits", _list_limit_errors()),
        ("What moderators do not want", POLICY_ERRORS),
        ("Buttons, menus and forms", COMPONENT_REFUSALS.items()),
        (
            "Failures on the way",
            [*_list_class_errors(are_refusals=False), ("anything else", UNEXPECTED)],
        ),
    ]
    parts = [_HEADER]
    for title, rows in sections:
        parts.append(f"## {title}\n\n| id | what happened | what to do next |\n|---|---|---|")
        parts.append("\n".join(_format_row(*row) for row in rows) + "\n")
    return "\n".join(parts)


def _list_limit_errors() -> Iterable[_Row]:
    budgets = [(f"budget_exhausted ({cap})", BUDGETS[cap]) for cap in LimitKind if cap in BUDGETS]
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


def _list_class_errors(*, are_refusals: bool) -> Iterator[_Row]:
    for kind, words in EXPLANATIONS.items():
        if issubclass(kind, Refusal) is are_refusals:
            yield get_class_code(kind), words


def _format_row(code: str, explanation: Explanation) -> str:
    happened = f"{explanation.happened} {explanation.money}".strip()
    return f"| `{code}` | {happened} | {explanation.advice} |"


if __name__ == "__main__":
    sys.stdout.write(render_page())
