"""The pictures that this service remembers, in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

MAX_PICTURES: Final = 512 * 1024 * 1024
"""Bytes of pictures kept; the oldest go first, so that a long demonstration does not grow."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`expires_at` is seconds since 1970, or None; `task` is the one it was made for, if any."""

    data: bytes
    extension: str
    expires_at: float | None
    task: UUID | None = None


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
        """Forget a picture; return whether it was there."""
        picture = self._pictures.pop(uuid, None)
        self._bytes -= len(picture.data) if picture else 0
        return picture is not None

    def picture(self, uuid: UUID) -> Picture | None:
        """Return a picture that is still kept and has not expired."""
        picture = self._pictures.get(uuid)
        if picture is None:
            return None
        expired = picture.expires_at is not None and picture.expires_at <= self._now()
        return None if expired else picture

    def clear(self) -> None:
        self._pictures.clear()
        self._bytes = 0
