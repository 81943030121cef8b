"""Markdown tables for docs/benchmarks.md."""

from __future__ import annotations

from typing import Any


def format_rows(rows: list[dict[str, Any]]) -> str:
    """Format rows with the same keys as a Markdown table."""
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *([str(row[name]) for name in names] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
