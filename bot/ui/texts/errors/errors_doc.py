"""Generator of docs/errors.md: every refusal and failure with its code.

Run `make pages` after a text has changed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final

from bot.ui.texts.errors.errors import FAILURES, REQUEST_REFUSALS, UNEXPECTED
from bot.ui.texts.errors.limits import LIMIT_REFUSALS
from bot.ui.texts.errors.policy import POLICY_REFUSALS
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
_SECTIONS: Final[dict[str, Iterable[tuple[str, Explanation]]]] = {
    "Pictures that are refused": IMAGE_REFUSALS.items(),
    "Orders that are refused": REQUEST_REFUSALS.items(),
    "Limits": LIMIT_REFUSALS.items(),
    "What moderators do not want": POLICY_REFUSALS.items(),
    "Buttons, menus and forms": COMPONENT_REFUSALS.items(),
    "Failures on the way": [*FAILURES.items(), ("anything else", UNEXPECTED)],
}


def render_errors_page() -> str:
    parts = [_HEADER]
    for title, rows in _SECTIONS.items():
        parts.append(f"## {title}\n\n| id | what happened | what to do next |\n|---|---|---|")
        parts.append("\n".join(_format_row(*row) for row in rows) + "\n")
    return "\n".join(parts)


def _format_row(code: str, explanation: Explanation) -> str:
    happened = f"{explanation.happened} {explanation.money}".strip()
    return f"| `{code}` | {happened} | {explanation.advice} |"


if __name__ == "__main__":
    sys.stdout.write(render_errors_page())
