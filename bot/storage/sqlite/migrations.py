"""The numbered schema migrations, each one transaction together with its version number."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def load_migrations() -> tuple[str, ...]:
    """Return the migrations in order; the first creates version 1."""
    folder = resources.files("bot.storage") / "migrations" / "sqlite"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    return tuple((folder / name).read_text("utf-8") for name in names)


def get_newest_version() -> int:
    """Return the schema version of this program."""
    return len(load_migrations())


def build_migration_sql(number: int) -> str:
    """Return the SQL that migrates the schema from version `number - 1` to `number`."""
    script = load_migrations()[number - 1]
    return f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
