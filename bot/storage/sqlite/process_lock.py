"""The lock that lets only one process use a data folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StartError


@contextmanager
def lock_data_dir(data_dir: Path) -> Iterator[None]:
    """Lock the data folder; raise `StartError` with the owner's process id if it is locked."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "expanse.lock").open("a+")  # keeps the owner's process id readable
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
