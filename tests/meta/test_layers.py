"""Imports point one way (docs/architecture.md); this reads them all."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path for part in ("bot", "cogs", "sandbox") for path in (ROOT / part).rglob("*.py")
)

EVERYWHERE = {"bot.errors", "bot.log", "bot.config", "bot.clock"}
MAY_IMPORT = {
    "bot.domain": {"bot.domain"},
    "bot.errors": {"bot.errors", "bot.domain"},
    "bot.config": {"bot.config", "bot.domain", "bot.errors"},
    "bot.log": {"bot.log"},
    "bot.clock": {"bot.clock"},
    "bot.storage": {"bot.storage", "bot.domain"} | EVERYWHERE,
    "bot.runware": {"bot.runware", "bot.domain"} | EVERYWHERE,
    "bot.images": {"bot.images", "bot.domain"} | EVERYWHERE,
    "bot.services": {
        *("bot.services", "bot.storage", "bot.runware", "bot.images", "bot.domain"),
        *EVERYWHERE,
    },
    "bot.ui": {"bot.ui", "bot.services", "bot.images", "bot.domain"} | EVERYWHERE,
    "cogs": {"cogs", "bot.ui", "bot.services", "bot.client", "bot.domain"} | EVERYWHERE,
    "bot.guard": set(),
    "bot.client": {"bot.guard", "bot.ui", "bot.services", "bot.storage", "bot.domain"} | EVERYWHERE,
    "bot.local": {"bot.local"} | EVERYWHERE,
    "sandbox": {"sandbox", "bot.domain"},
}
"""What a part may import of ours; a part that is not named (app, cli, demo, trial) may all but
the sandbox, which it starts as a process of its own."""

ALONE = {
    "discord": {"bot.ui", "cogs", "bot.client", "bot.app"},
    "httpx": {"bot.runware"},
    "aiosqlite": {"bot.storage"},
    "sqlite3": {"bot.storage"},
    "PIL": {"bot.images", "sandbox"},
    "numpy": {"sandbox"},
}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module or ""


def within(module: str, parts: set[str]) -> bool:
    return any(module == part or module.startswith(part + ".") for part in parts)


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_a_file_imports_only_what_its_layer_may(path: Path) -> None:
    module = module_of(path)
    part = next((part for part in MAY_IMPORT if within(module, {part})), None)
    for name in imported(path):
        ours = within(name, {"bot", "cogs", "sandbox"})
        if ours and part is not None:
            assert within(name, MAY_IMPORT[part]), f"{module} imports {name}"
        assert not (module.startswith("bot") and name.startswith("sandbox")), module


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_a_library_is_imported_where_it_belongs_alone(path: Path) -> None:
    module = module_of(path)
    for name in imported(path):
        homes = ALONE.get(name.partition(".")[0])
        if homes is not None:
            assert within(module, homes), f"{module} imports {name}"


def test_the_domain_uses_the_standard_library_alone() -> None:
    allowed = {"__future__", "bot", "collections", "dataclasses", "datetime", "decimal", "enum"}
    allowed |= {"fractions", "typing", "unicodedata", "uuid", "zoneinfo"}
    for path in (ROOT / "bot" / "domain").glob("*.py"):
        assert {name.partition(".")[0] for name in imported(path)} <= allowed, path.name
