"""Budgets of the code: long files and functions are split before they grow longer."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE_LINES, FUNCTION_LINES, MEDIAN_LINES = 400, 40, 12
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
LONGER_FUNCTIONS = {
    "bot/composition/services.py::build_services": "wires every part: one line each, no logic",
    "bot/composition/app.py::open_app": "opens every resource: one entry each, no logic",
}


def list_sources(*parts: str) -> list[Path]:
    return sorted(path for part in parts for path in (ROOT / part).rglob("*.py"))


CODE = list_sources("bot", "cogs", "sandbox", "bench")
TESTS = list_sources("tests")


def format_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def list_functions(path: Path) -> list[tuple[str, int]]:
    return [
        (
            node.name,
            (node.end_lineno or node.lineno) - node.lineno + 1 - count_docstring_lines(node),
        )
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def count_docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    if ast.get_docstring(node) is None:
        return 0
    first = node.body[0]
    return (first.end_lineno or first.lineno) - first.lineno + 1


def test_a_file_stays_within_its_lines() -> None:
    lengths = {format_name(path): len(path.read_text().splitlines()) for path in CODE + TESTS}
    assert not {name: lines for name, lines in lengths.items() if lines > FILE_LINES}


def test_a_function_stays_within_its_lines() -> None:
    lengths = {
        f"{format_name(path)}::{name}": lines
        for path in CODE
        for name, lines in list_functions(path)
    }
    long = {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES}
    assert long.keys() == LONGER_FUNCTIONS.keys(), long


@pytest.mark.parametrize("part", ["bot", "cogs", "sandbox"])
def test_the_median_function_is_short(part: str) -> None:
    lengths = [lines for path in list_sources(part) for _, lines in list_functions(path)]
    assert statistics.median(lengths) <= MEDIAN_LINES


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [path for path in CODE + TESTS if path.stem in BANNED_NAMES]
