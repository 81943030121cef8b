"""Content-addressed files, named by the SHA-256 of their bytes and written atomically."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from bot.domain.ids import Digest

_NEW_PREFIX: Final = ".new-"


class FileStore:
    """Store bytes as `<root>/<first two hex digits>/<digest>`; equal bytes share one file.

    `record_digest` records a digest before its file is stored, so that a file whose row a crash
    prevents is found later.
    """

    def __init__(
        self, root: Path, record_digest: Callable[[Digest], Awaitable[None]] | None = None
    ) -> None:
        self.root = root
        self._record_digest = record_digest
        self._unfinished: set[str] = set()

    def get_path(self, digest: Digest) -> Path:
        return self.root / digest[:2] / digest

    async def save_bytes(self, data: bytes) -> Digest:
        """Store bytes durably and return their digest; safe to repeat."""
        digest = await asyncio.to_thread(_compute_digest, data)
        if self._record_digest is not None:
            await self._record_digest(digest)
        await asyncio.to_thread(self._write_bytes, data, digest)
        return digest

    async def read_bytes(self, digest: Digest) -> bytes:
        """Read stored bytes; raise `FileNotFoundError` if retention has removed them."""
        return await asyncio.to_thread(self.get_path(digest).read_bytes)

    async def has_file(self, digest: Digest) -> bool:
        return await asyncio.to_thread(self.get_path(digest).exists)

    async def delete_file(self, digest: Digest) -> None:
        """Delete stored bytes; safe to repeat."""
        await asyncio.to_thread(self.get_path(digest).unlink, missing_ok=True)

    def list_files(self, before: datetime) -> list[Digest]:
        """Return the files stored before a time."""
        files = self.root.glob(f"[0-9a-f][0-9a-f]/{'[0-9a-f]' * 64}")
        return [Digest(path.name) for path in files if _is_older(path, before)]

    async def delete_files(self, digests: Sequence[Digest]) -> None:
        """Delete stored files; safe to repeat."""
        for digest in digests:
            await self.delete_file(digest)

    def delete_leftovers(self, before: datetime) -> None:
        """Delete the temporary files of interrupted writes that are older than a time."""
        for path in self.root.glob(f"*/{_NEW_PREFIX}*"):
            # after a clock was set ahead, a file that is being written may look old
            if str(path) not in self._unfinished and _is_older(path, before):
                path.unlink(missing_ok=True)

    def _write_bytes(self, data: bytes, digest: Digest) -> None:
        path = self.get_path(digest)
        if path.exists():
            return  # the name is the content's hash, so it is the same file
        path.parent.mkdir(parents=True, exist_ok=True)
        # in the same folder, since a rename is atomic only within one file system
        name = str(path.parent / f"{_NEW_PREFIX}{secrets.token_hex(8)}")
        # before it exists: the sweep may look at any moment
        self._unfinished.add(name)
        try:
            descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())  # before the rename: the name must never show partial data
            Path(name).rename(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        finally:
            self._unfinished.discard(name)
        _sync_folder(path.parent)


def _compute_digest(data: bytes) -> Digest:
    return Digest(hashlib.sha256(data).hexdigest())


def _is_older(path: Path, moment: datetime) -> bool:
    try:
        return path.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    """Make the rename survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
