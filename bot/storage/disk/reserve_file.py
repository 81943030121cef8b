"""A file that reserves disk space and is deleted when the disk is full, so the ledger can write."""

from __future__ import annotations

import os
from pathlib import Path

RESERVE_NAME = "reserve"


class ReserveFile:
    """Reserve `size` bytes in the data folder; 0 reserves none."""

    def __init__(self, folder: Path, size: int) -> None:
        self._path = folder / RESERVE_NAME
        self._size = size

    def allocate_space(self) -> None:
        """Allocate the file unless it exists; raise `OSError` if the disk has no space."""
        if not self._size or self.is_allocated:
            return
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._size)  # a sparse file reserves nothing
        except OSError:
            self._path.unlink(missing_ok=True)
            raise

    def free_space(self) -> bool:
        """Delete the file; return whether it was allocated."""
        was_allocated = self.is_allocated
        self._path.unlink(missing_ok=True)
        return was_allocated

    @property
    def is_allocated(self) -> bool:
        return self._path.exists() and self._path.stat().st_size >= self._size
