"""Room that is kept free for the books: a file that is given up when the disk is full."""

from __future__ import annotations

import os
from pathlib import Path

RESERVE_NAME = "reserve"


class ReserveFile:
    """Keep `size` bytes in the data folder; 0 keeps none."""

    def __init__(self, folder: Path, size: int) -> None:
        self._path = folder / RESERVE_NAME
        self._size = size

    def allocate_space(self) -> None:
        """Occupy the room, if it is not yet; raise `OSError` where there is none."""
        if not self._size or self.is_allocated:
            return
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._size)
        except OSError:
            self._path.unlink(missing_ok=True)
            raise

    def free_space(self) -> bool:
        """Free the room; return whether there was any."""
        held = self.is_allocated
        self._path.unlink(missing_ok=True)
        return held

    @property
    def is_allocated(self) -> bool:
        return self._path.exists() and self._path.stat().st_size >= self._size
