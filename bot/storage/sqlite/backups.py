"""Database backups: create while in use, verify, rotate and restore."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from bot.domain.errors import ExpanseError
from bot.storage.sqlite.ledger_balances import BALANCES, compare_balances
from bot.storage.sqlite.migrations import get_newest_version

Error = sqlite3.Error
"""Database errors that functions here may raise."""
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
    """Return a name that sorts by time: `expanse-20261122T120000Z.db`."""
    return f"expanse-{made_at:%Y%m%dT%H%M%SZ}{'-' if kind else ''}{kind}.db"


def back_up_database(database: Path, target: Path) -> None:
    """Copy a database that may be in use, verify the copy, and only then rename it to `target`.

    The copy is a consistent snapshot and doesn't block writers. Raises `BackupUnusable`,
    `sqlite3.Error` or `OSError`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unverified = target.with_name(f".{target.name}.new")
    unverified.unlink(missing_ok=True)  # a file of a killed process would keep its rights
    try:
        with (
            closing(_open_connection(database)) as source,
            closing(_open_connection(unverified, "rwc")) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without -wal and -shm
        verify_backup(unverified)
        _sync_to_disk(unverified)
        unverified.replace(target)
    finally:
        unverified.unlink(missing_ok=True)


def verify_backup(path: Path) -> None:
    """Raise `BackupUnusable` unless the file is intact, not too new, and its ledger balances."""
    try:
        with closing(_open_connection(path)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if found != "ok":
                raise BackupUnusable(path, found)
            if not 1 <= version <= get_newest_version():
                raise BackupUnusable(path, f"its version is {version}")
            # version 1 has no table of adjustments, which the query reads
            rows = [] if version < 2 else connection.execute(BALANCES, {"scope": None}).fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise BackupUnusable(path, str(error)) from error
    differences = compare_balances(rows)
    if differences:
        raise BackupUnusable(path, f"its ledger does not balance ({differences[0].scope})")


def find_newest_usable(folder: Path) -> Path | None:
    """Return the newest usable backup, or None."""
    # by modification time, since the names of those before a migration have no date
    files = sorted(folder.glob(_PATTERN), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in files[:_MAX_CHECKED]:
        try:
            verify_backup(path)
        except BackupUnusable:
            continue
        return path
    return None


def delete_old_backups(folder: Path, maximum: int) -> None:
    """Delete all but the newest `maximum`; those made before a migration or restore stay."""
    daily = [path for path in sorted(folder.glob(_PATTERN)) if path.stem.count("-") == 1]
    for path in daily[: max(0, len(daily) - maximum)]:  # sorted by name, so the oldest first
        path.unlink(missing_ok=True)


def restore_backup(backup: Path, database: Path, aside: Path) -> None:
    """Verify a backup and replace the database by it; the old database moves to `aside`.

    Nothing else may have the database open. Raises as `back_up_database` does.
    """
    verify_backup(backup)
    new = database.with_name(f".{database.name}.restored")
    new.unlink(missing_ok=True)
    with closing(_open_connection(backup)) as source, closing(_open_connection(new, "rwc")) as copy:
        source.backup(copy)
    _sync_to_disk(new)
    if database.exists():
        aside.parent.mkdir(parents=True, exist_ok=True)
        # a stale -wal file would be replayed into the restored database
        for suffix in ("", "-wal", "-shm"):
            part = database.with_name(database.name + suffix)
            if part.exists():
                part.replace(aside.with_name(aside.name + suffix))
    new.replace(database)


def _open_connection(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """Open an existing file, or create it if the mode is `rwc`."""
    connection = sqlite3.connect(f"file:{path}?mode={mode}", uri=True, timeout=_WAIT_SECONDS)
    connection.row_factory = sqlite3.Row
    return connection


def _sync_to_disk(path: Path) -> None:
    for name in (path, path.parent):  # the folder too, which holds the file's name
        descriptor = os.open(name, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
