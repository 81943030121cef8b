"""Copies of the database: made while it is in use, proved to be whole, and put back."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from bot.errors import ExpanseError
from bot.storage.sqlite.ledger_balances import BALANCES, compare_balances
from bot.storage.sqlite.migrations import get_newest_version

Error = sqlite3.Error
"""What the database itself may raise here."""
BACKUP_FOLDER: Final = "backups"
_PATTERN: Final = "expanse-*.db"
_MAX_CHECKED: Final = 20
_WAIT_SECONDS: Final = 15.0


@dataclass(eq=False)
class BackupUnusable(ExpanseError):
    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.path} is no usable backup: {self.reason}."


def format_backup_name(made_at: datetime, kind: str = "") -> str:
    """Name a backup so that names sort by time: `expanse-20261122T120000Z.db`."""
    return f"expanse-{made_at:%Y%m%dT%H%M%SZ}{'-' if kind else ''}{kind}.db"


def back_up_database(database: Path, target: Path) -> None:
    """Copy a database that may be in use, prove the copy, and only then give it its name.

    The copy is the state of one moment, and writers go on meanwhile. Raises `BackupUnusable`, and
    `sqlite3.Error` or `OSError` where the disk does not allow it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unproved = target.with_name(f".{target.name}.new")
    try:
        with (
            closing(_open_connection(database)) as source,
            closing(_open_connection(unproved, "rwc")) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        verify_backup(unproved)
        _sync_to_disk(unproved)
        unproved.replace(target)
    finally:
        unproved.unlink(missing_ok=True)


def verify_backup(path: Path) -> None:
    """Raise `BackupUnusable` unless the file is whole, not too new, and its books balance."""
    try:
        with closing(_open_connection(path)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if found != "ok":
                raise BackupUnusable(path, found)
            if not 1 <= version <= get_newest_version():
                raise BackupUnusable(path, f"its version is {version}")
            rows = [] if version < 2 else connection.execute(BALANCES, {"scope": None}).fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise BackupUnusable(path, str(error)) from error
    differences = compare_balances(rows)
    if differences:
        raise BackupUnusable(path, f"its books do not balance ({differences[0].scope})")


def find_newest_usable(folder: Path) -> Path | None:
    """Return the newest backup that can be used, if there is one."""
    made = sorted(folder.glob(_PATTERN), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in made[:_MAX_CHECKED]:
        try:
            verify_backup(path)
        except BackupUnusable:
            continue
        return path
    return None


def delete_old_backups(folder: Path, maximum: int) -> None:
    """Remove all but the newest; those made before a migration or a restore stay."""
    made = [path for path in sorted(folder.glob(_PATTERN)) if path.stem.count("-") == 1]
    for path in made[: max(0, len(made) - maximum)]:
        path.unlink(missing_ok=True)


def restore_backup(backup: Path, database: Path, aside: Path) -> None:
    """Put a proved backup in the database's place; what was there is kept at `aside`.

    Only while nothing has the database open. Raises as `back_up` does.
    """
    verify_backup(backup)
    new = database.with_name(f".{database.name}.restored")
    new.unlink(missing_ok=True)
    with closing(_open_connection(backup)) as source, closing(_open_connection(new, "rwc")) as copy:
        source.backup(copy)
    _sync_to_disk(new)
    if database.exists():
        aside.parent.mkdir(parents=True, exist_ok=True)
        for suffix in ("", "-wal", "-shm"):
            part = database.with_name(database.name + suffix)
            if part.exists():
                part.replace(aside.with_name(aside.name + suffix))
    new.replace(database)


def _open_connection(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """Open a file that must be there, unless the mode is `rwc`."""
    connection = sqlite3.connect(f"file:{path}?mode={mode}", uri=True, timeout=_WAIT_SECONDS)
    connection.row_factory = sqlite3.Row
    return connection


def _sync_to_disk(path: Path) -> None:
    for name in (path, path.parent):
        descriptor = os.open(name, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
