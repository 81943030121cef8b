"""Stored pictures, in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

MAX_PICTURES: Final = 512 * 1024 * 1024
"""Maximum bytes of pictures; the oldest are deleted first, so that memory is bounded."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture; `expires_at` is seconds since 1970 or None, `task` the one it is from.

    `idle_seconds` is how long an upload is kept after each use.
    """

    data: bytes
    extension: str
    expires_at: float | None
    task: UUID | None = None
    idle_seconds: float | None = None


class PictureStore:
    def __init__(self, now: Callable[[], float]) -> None:
        """Let pictures expire by `now`, in seconds since 1970."""
        self._now = now
        self._pictures: dict[UUID, Picture] = {}
        self._bytes = 0

    def keep(self, uuid: UUID, picture: Picture) -> None:
        self._pictures[uuid] = picture
        self._bytes += len(picture.data)
        while self._bytes > MAX_PICTURES and len(self._pictures) > 1:
            self.drop(next(iter(self._pictures)))

    def drop(self, uuid: UUID) -> bool:
        """Delete a picture; return whether it existed."""
        picture = self._pictures.pop(uuid, None)
        self._bytes -= len(picture.data) if picture else 0
        return picture is not None

    def picture(self, uuid: UUID) -> Picture | None:
        """Return a picture that is stored and has not expired."""
        picture = self._pictures.get(uuid)
        if picture is None:
            return None
        expired = picture.expires_at is not None and picture.expires_at <= self._now()
        return None if expired else picture

    def use(self, uuid: UUID) -> Picture | None:
        """Return a picture for a task, which keeps an upload for longer."""
        picture = self.picture(uuid)
        if picture is not None and picture.idle_seconds is not None:
            picture = replace(picture, expires_at=self._now() + picture.idle_seconds)
            self._pictures[uuid] = picture
        return picture

    def clear(self) -> None:
        self._pictures.clear()
        self._bytes = 0
