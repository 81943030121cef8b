"""Imports point one way (docs/architecture.md); this reads them all."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("bot", "cogs", "sandbox", "bench", "tests")
SOURCES = sorted(path for part in OURS for path in (ROOT / part).rglob("*.py"))

SHARED = {"bot.errors", "bot.telemetry.logging", "bot.config.settings", "bot.clock"}
ALLOWED = {
    "bot.domain": {"bot.domain"},
    "bot.errors": {"bot.errors", "bot.domain"},
    "bot.config.settings": {"bot.config.settings", "bot.domain", "bot.errors"},
    "bot.telemetry.logging": {"bot.telemetry.logging"},
    "bot.clock": {"bot.clock"},
    "bot.storage": {"bot.storage", "bot.domain"} | SHARED,
    "bot.runware": {"bot.runware", "bot.domain"} | SHARED,
    "bot.images": {"bot.images", "bot.domain"} | SHARED,
    "bot.services": {
        *("bot.services", "bot.storage", "bot.runware", "bot.images", "bot.domain"),
        *SHARED,
    },
    "bot.ui.request_guard": set(),
    "bot.ui": {"bot.ui", "bot.services", "bot.images", "bot.domain"} | SHARED,
    "cogs": {"cogs", "bot.ui", "bot.services", "bot.domain"} | SHARED,
    "bot.cli.sandbox_client": {"bot.cli.sandbox_client"} | SHARED,
    "sandbox": {"sandbox", "bot.domain"},
    "tests": {"tests", "bot", "cogs", "sandbox"},
}
"""What a part may import of ours, the narrowest part first; a part that is not named may import
all but the sandbox, which the program starts as a process of its own."""
HOMES = {
    "discord": {"bot.ui", "cogs", "bot.composition"},
    "prometheus_client": {"bot.telemetry"},
    "httpx": {"bot.runware", "bot.cli.sandbox_client"},
    "aiosqlite": {"bot.storage"},
    "sqlite3": {"bot.storage"},
    "PIL": {"bot.images", "sandbox"},
    "numpy": {"bot.images", "sandbox"},
}
MODULES_APART = {"bot", "bot.ui", "sandbox", "sandbox.discord", "sandbox.runware"}
"""Packages whose own modules stand above and below their subpackages: each is a node by itself."""


def parse_module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


KNOWN = {parse_module(path) for path in SOURCES}
PRODUCT = [
    path for path in SOURCES if path.relative_to(ROOT).parts[0] in {"bot", "cogs", "sandbox"}
]


def list_imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from names & KNOWN or {node.module or ""}


def is_within(module: str, parts: set[str]) -> bool:
    return any(module == part or module.startswith(part + ".") for part in parts)


def test_a_file_imports_only_what_its_layer_may() -> None:
    wrong = []
    for path in SOURCES:
        module = parse_module(path)
        part = next((part for part in ALLOWED if is_within(module, {part})), None)
        for name in list_imports(path):
            ours = part is not None and is_within(name, set(OURS))
            if ours and not is_within(name, ALLOWED[part or ""]):
                wrong.append(f"{module} imports {name}")
            if module.startswith("bot") and name.startswith("sandbox"):
                wrong.append(f"{module} imports {name}")
    assert not wrong


def test_a_library_is_imported_where_it_belongs_alone() -> None:
    wrong = []
    for path in PRODUCT:
        module = parse_module(path)
        for name in list_imports(path):
            homes = HOMES.get(name.partition(".")[0])
            if homes is not None and not is_within(module, homes):
                wrong.append(f"{module} imports {name}")
    assert not wrong


def test_the_domain_uses_the_standard_library_alone() -> None:
    allowed = {"__future__", "bot", "collections", "dataclasses", "datetime", "decimal", "enum"}
    allowed |= {"fractions", "typing", "unicodedata", "uuid", "zoneinfo"}
    for path in (ROOT / "bot" / "domain").rglob("*.py"):
        assert {name.partition(".")[0] for name in list_imports(path)} <= allowed, path.name


def find_package(module: str) -> str:
    """Return the node of the package graph that a module belongs to."""
    parent = module.rpartition(".")[0]
    return module if parent in MODULES_APART or not parent else parent


def test_packages_form_no_circle() -> None:
    graph: dict[str, set[str]] = {}
    for path in PRODUCT:
        if path.name != "__init__.py":
            node = find_package(parse_module(path))
            used = {find_package(name) for name in list_imports(path) if name in KNOWN}
            graph.setdefault(node, set()).update(used - {node})
    tuple(TopologicalSorter(graph).static_order())  # raises CycleError, which names the circle
