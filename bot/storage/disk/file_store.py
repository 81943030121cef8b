"""Content-addressed files, named by the SHA-256 of their bytes and written atomically."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from pathlib import Path

from bot.domain.ids import Digest


class FileStore:
    """Store bytes as `<root>/<first two hex digits>/<digest>`; equal bytes share one file."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def get_path(self, digest: Digest) -> Path:
        return self.root / digest[:2] / digest

    async def save_bytes(self, data: bytes) -> Digest:
        """Store bytes durably and return their digest; safe to repeat."""
        return await asyncio.to_thread(self._write_bytes, data)

    async def read_bytes(self, digest: Digest) -> bytes:
        """Read stored bytes; raise `FileNotFoundError` if retention has removed them."""
        return await asyncio.to_thread(self.get_path(digest).read_bytes)

    async def has_file(self, digest: Digest) -> bool:
        return await asyncio.to_thread(self.get_path(digest).exists)

    async def delete_file(self, digest: Digest) -> None:
        """Delete stored bytes; safe to repeat."""
        await asyncio.to_thread(self.get_path(digest).unlink, missing_ok=True)

    def _write_bytes(self, data: bytes) -> Digest:
        digest = Digest(hashlib.sha256(data).hexdigest())
        path = self.get_path(digest)
        if path.exists():
            return digest  # the name is the content's hash, so it is the same file
        path.parent.mkdir(parents=True, exist_ok=True)
        # in the same folder, since a rename is atomic only within one file system
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())  # before the rename: the name must never show partial data
            Path(name).rename(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        return digest


def _sync_folder(folder: Path) -> None:
    """Make the rename survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
