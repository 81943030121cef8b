"""Permissions of the program's files: only its own user may read them."""

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
"""All permissions of the group and of others."""


def tighten_permissions(*paths: Path) -> int:
    """Remove the permissions of group and others from files and folders; return how many changed.

    Folders are walked. Missing paths are skipped, links are not followed, and a warning is logged
    for files of another user.
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
        log.warning("permissions of stored files were too wide; fixed", changed=changed)
    if refused:
        log.warning("permissions could not be changed; others may read files", files=refused)
    return changed


def tighten_storage(data_dir: Path, database: Path) -> int:
    """Do so with the data folder, and with the database and its backups, which may be elsewhere."""
    parts = [database.with_name(database.name + suffix) for suffix in ("", "-wal", "-shm")]
    return tighten_permissions(data_dir, *parts, database.parent / BACKUP_FOLDER)


def open_private_file(path: Path) -> IO[bytes]:
    """Create or empty a file for writing, readable by its owner only."""
    file = path.open("wb")
    # a pipe or a device keeps its permissions
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        os.fchmod(file.fileno(), 0o600)
    return file


def _walk_paths(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield path.resolve()  # the data folder itself may be a link
        for folder, names, files in os.walk(path):
            yield from (Path(folder, name) for name in (*names, *files))
