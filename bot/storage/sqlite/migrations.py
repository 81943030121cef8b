"""The numbered migrations: each in one transaction with its version number, or not at all."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def load_migrations() -> tuple[str, ...]:
    """Return the migrations in their order; the first makes version 1."""
    folder = resources.files("bot.storage") / "migrations" / "sqlite"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    return tuple((folder / name).read_text("utf-8") for name in names)


def get_newest_version() -> int:
    """Return the version of the schema that this program makes."""
    return len(load_migrations())


def build_migration_sql(number: int) -> str:
    """Return the SQL that brings a schema from `number - 1` to `number`."""
    script = load_migrations()[number - 1]
    return f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
