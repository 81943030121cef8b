"""Tables on a terminal: a header row, aligned columns, and nothing that a terminal obeys."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

_GAP: Final = "  "
_MAX_CELL: Final = 40


def format_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return the lines of a table; columns of amounts and numbers are aligned to the right."""
    cells = [[clean_cell(str(value)) for value in row] for row in rows]
    columns = list(zip(header, *cells, strict=True))
    widths = [max(map(_measure_width, column)) for column in columns]
    numeric = [all(_is_numeric(cell) for cell in column[1:]) for column in columns]
    lines = []
    for row in (header, *cells):
        padded = [
            " " * (width - _measure_width(cell)) + cell
            if is_right
            else cell + " " * (width - _measure_width(cell))
            for cell, width, is_right in zip(row, widths, numeric, strict=True)
        ]
        lines.append(_GAP.join(padded).rstrip())
    return lines


def format_time(moment: datetime) -> str:
    """Return a time to the minute, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def clean_cell(text: str) -> str:
    """Return a text as one short line without control characters, which a terminal obeys."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _MAX_CELL else f"{line[: _MAX_CELL - 1]}…"


def _is_numeric(cell: str) -> bool:
    return cell.lstrip("-+$").replace(".", "", 1).isdecimal() or cell == ""


def _measure_width(text: str) -> int:
    """Return how many columns a terminal takes: two for wide characters, none for marks."""
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )
