"""Names say what they name: budgets of folders and words, and a list of names that stay away."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("bot", "cogs", "sandbox", "bench", "tests")
FOLDER_MODULES, CONSTRUCTOR_ARGUMENTS, ONE_WORD_SHARE = 15, 8, 0.35
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

BANNED_WORDS = {
    *("backroom", "bed", "board", "carried", "desk", "door", "doorman", "duties", "house"),
    *("keeping", "laundry", "mishap", "mishaps", "office", "patience", "quarters", "seal"),
    *("shelf", "speech", "staff", "standing", "stays", "turns", "victim", "victims", "ways"),
    "weather",
}
"""Words that once named parts of the project and that nobody outside it could place."""
MONEY_ONLY = {"settle", "settled", "settlement"}
MONEY = re.compile(r"job|ledger|billing|cli/finance|acceptance_harness|kill|leases")


def list_modules(*parts: str) -> list[Path]:
    return sorted(path for part in parts for path in (ROOT / part).rglob("*.py"))


def format_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def list_names(path: Path) -> Iterator[str]:
    """Yield the names of a module's classes, functions, fixtures and parameters, and its own."""
    yield from path.relative_to(ROOT).with_suffix("").parts[1:]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # the name of a test is a sentence
            yield from {node.name} if not node.name.startswith("test_") else ()


def split_words(name: str) -> set[str]:
    return {word.lower() for word in WORD.findall(name)}


def find_names(path: Path, words: set[str]) -> list[str]:
    return sorted({name for name in list_names(path) if split_words(name) & words})


def list_public_functions(tree: ast.AST, *, inside: bool = False) -> Iterator[str]:
    """Yield public functions and methods, without those that stand inside a function."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from list_public_functions(node, inside=inside)
            continue
        if not inside and not node.name.startswith("_"):
            yield node.name
        yield from list_public_functions(node, inside=True)


def test_a_folder_holds_few_modules() -> None:
    counts = Counter(path.parent for path in list_modules(*PARTS) if path.name != "__init__.py")
    full = {format_name(folder) for folder, count in counts.items() if count > FOLDER_MODULES}
    assert not full


def test_a_package_says_what_lives_in_it() -> None:
    packages = {path.parent / "__init__.py" for path in list_modules(*PARTS[:-1])}
    for path in packages.union((ROOT / "tests").rglob("__init__.py")):
        said = ast.get_docstring(ast.parse(path.read_text())) or ""
        assert said.partition("\n")[0].endswith("."), f"{format_name(path)}: no first sentence"


def test_no_name_is_one_that_only_insiders_know() -> None:
    found = {format_name(path): find_names(path, BANNED_WORDS) for path in list_modules(*PARTS)}
    assert not {path: names for path, names in found.items() if names}


def test_only_money_is_settled() -> None:
    found = {path: find_names(path, MONEY_ONLY) for path in list_modules(*PARTS)}
    named = {format_name(path): names for path, names in found.items() if names}
    assert not {path: names for path, names in named.items() if not MONEY.search(path)}


def test_no_class_of_the_bot_shares_its_name_with_another() -> None:
    names = Counter(
        node.name
        for path in list_modules("bot")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    )
    assert not [name for name, count in names.items() if count > 1]


def test_few_public_functions_are_named_by_one_word() -> None:
    names = [
        name
        for path in list_modules("bot", "cogs")
        for name in list_public_functions(ast.parse(path.read_text()))
    ]
    assert sum("_" not in name for name in names) / len(names) <= ONE_WORD_SHARE


def test_a_constructor_takes_few_collaborators() -> None:
    for path in list_modules("bot", "cogs", "sandbox", "bench"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                assert len(taken) - 1 <= CONSTRUCTOR_ARGUMENTS, format_name(path)


@pytest.mark.parametrize("name", ["Doorman", "open_office", "SealCodec", "poll_ways"])
def test_a_banned_word_is_found_inside_a_name(name: str) -> None:
    assert split_words(name) & BANNED_WORDS


@pytest.mark.parametrize("name", ["Leaderboard", "outdoor_scene", "always", "returns_early"])
def test_a_word_that_contains_a_banned_one_is_none(name: str) -> None:
    assert not split_words(name) & BANNED_WORDS
