"""The lock that lets only one process use a data folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bot.errors import StartError

_LOCK_FILE: Final = "expanse.lock"


def find_lock_owner(data_dir: Path) -> str | None:
    """Return the process id of the Expanse that runs on a folder, None if none; change nothing."""
    try:
        lock = (data_dir / _LOCK_FILE).open()
    except OSError:
        return None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return lock.read().strip() or "unknown"
    return None


@contextmanager
def lock_data_dir(data_dir: Path) -> Iterator[None]:
    """Lock the data folder; raise `StartError` with the owner's process id if it is locked."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / _LOCK_FILE).open("a+")  # keeps the owner's process id readable
    except OSError as error:
        msg = f"The data folder {data_dir} cannot be used ({error.strerror})."
        raise StartError(msg) from error
    with lock:
        try:
            # the kernel releases it when the process dies, so no stale lock can remain
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            msg = f"Another Expanse (process {owner}) is running on {data_dir}. Stop it first."
            raise StartError(msg) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
