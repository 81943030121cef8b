"""Collaborators are handed in: at most eight, and none is reached through another."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST = 8
PARTS = ("bot/services", "bot/storage", "bot/ui", "bot/runware", "cogs")
SOURCES = sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))
TREES = {path: ast.parse(path.read_text()) for path in SOURCES}
VALUES = {"InteractionServices": "what commands and presses call, handed on as one value"}
"""Classes that may take more, each with a reason."""
SERVICE_PARTS = {"services", "storage", "channels", "runware"}
PORTS = {"Clock", "Publisher", "GalleryChannel", "ModeratorsChannel", "JobDispatcher"}


def read_parameters(node: ast.ClassDef) -> dict[str, str]:
    """Return what the constructor of a class takes, by name, with the type."""
    methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
    constructor = next((each for each in methods if each.name == "__init__"), None)
    if constructor is None:
        if not any("dataclass" in ast.unparse(each) for each in node.decorator_list):
            return {}
        return {
            ast.unparse(line.target): ast.unparse(line.annotation)
            for line in node.body
            if isinstance(line, ast.AnnAssign) and "init=False" not in ast.unparse(line)
        }
    given = [*constructor.args.posonlyargs, *constructor.args.args, *constructor.args.kwonlyargs]
    return {each.arg: ast.unparse(each.annotation) for each in given if each.annotation is not None}


def has_behaviour(node: ast.ClassDef) -> bool:
    """Say whether a class does something: what only holds values is no collaborator."""
    return any(isinstance(each, ast.AsyncFunctionDef | ast.FunctionDef) for each in node.body)


CLASSES = [
    (path, node) for path in SOURCES for node in TREES[path].body if isinstance(node, ast.ClassDef)
]
SERVICES = {
    node.name: read_parameters(node)
    for path, node in CLASSES
    if SERVICE_PARTS & set(path.parts) and has_behaviour(node)
}
"""The collaborators of every class that may be one."""


def map_fields() -> dict[str, set[str]]:
    """Return the services that a field of each name may be."""
    fields = defaultdict(set)
    for _, node in CLASSES:
        for name, kind in read_parameters(node).items():
            for each in kind.split(" | "):
                fields[name].add(each)
    return fields


FIELDS = map_fields()


def test_a_constructor_takes_few_collaborators() -> None:
    taken = {node.name: read_parameters(node) for _, node in CLASSES if node.name not in VALUES}
    services = {name: each for name, each in taken.items() if set(each.values()) & SERVICES.keys()}
    assert services
    assert not {name: len(each) for name, each in services.items() if len(each) > MOST}


def list_chains(path: Path) -> Iterator[str]:
    """Yield where one service is reached through another, as in `self.orders.ledger`."""
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            holders = FIELDS[node.value.attr.removeprefix("_")] & SERVICES.keys()
            reached = {SERVICES[holder].get(node.attr, "").split(" | ")[0] for holder in holders}
            if reached & (SERVICES.keys() | PORTS):
                yield f"{node.lineno} {ast.unparse(node)}"


def test_no_service_is_reached_through_another() -> None:
    chains = {path.relative_to(ROOT).as_posix(): list(list_chains(path)) for path in SOURCES}
    assert not {name: found for name, found in chains.items() if found}
