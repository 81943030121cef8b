"""Rights of the program's files: only its own user reads them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final

import structlog

from bot.storage.sqlite.backups import BACKUP_FOLDER

log = structlog.get_logger(__name__)

_OTHERS: Final = 0o077
"""All rights of the group and of others."""


def tighten_rights(*paths: Path) -> int:
    """Take the group's and others' rights from files and whole folders; return from how many.

    Missing paths are skipped, and links not followed. What belongs to another user is logged.
    """
    changed, refused = 0, 0
    for path in _walk_paths(paths):
        try:
            mode = stat.S_IMODE(path.lstat().st_mode)
            if mode & _OTHERS and not path.is_symlink():
                path.chmod(mode & ~_OTHERS)
                changed += 1
        except FileNotFoundError:
            continue  # another process has deleted it meanwhile
        except OSError:
            refused += 1
    if changed:
        log.warning("others had rights on stored files; now they have none", changed=changed)
    if refused:
        log.warning("rights of files could not be changed; others may read them", files=refused)
    return changed


def tighten_storage(data_dir: Path, database: Path) -> int:
    """Tighten the data folder, and the database with its backups, which may be elsewhere."""
    parts = [database.with_name(database.name + suffix) for suffix in ("", "-wal", "-shm")]
    return tighten_rights(data_dir, *parts, database.parent / BACKUP_FOLDER)


def open_private_file(path: Path) -> IO[bytes]:
    """Open an empty file for writing that only its owner can read, also one that exists."""
    file = path.open("wb")
    # a pipe or a device keeps its rights
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        os.fchmod(file.fileno(), 0o600)
    return file


def _walk_paths(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield path.resolve()  # the data folder itself may be a link
        for folder, names, files in os.walk(path):
            yield from (Path(folder, name) for name in (*names, *files))
