"""The messages of one guild as Discord's clients see them, with what each picture shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from PIL import UnidentifiedImageError

from sandbox.discord.model.events import Event
from sandbox.discord.model.records import SPOILER_PREFIX, MessageFlag
from sandbox.discord.server import LocalDiscord
from tests.support.walks.picture_codes import read_codes

Json = dict[str, Any]
_IS_SPOILER = 1 << 3
_ROW, _BUTTON, _SELECT, _THUMBNAIL, _GALLERY, _FILE = 1, 2, 3, 11, 12, 13
_PROGRESS = "### Expanding:"
_REFUSED = ("### Not done", "### Not expanded")


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture in a message; a file that is only offered for download is `is_file`."""

    path: str
    codes: frozenset[int]
    spoiler: bool
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """A message as it is now; `audience` is None where the whole channel sees it."""

    id: int
    channel: int
    author: int
    audience: frozenset[int] | None
    json: Json
    pictures: tuple[ShownPicture, ...]
    forwarded_from: int | None = None
    """The channel of the message that this one forwards."""

    @property
    def text(self) -> str:
        return "\n".join(
            part["content"] for part, _ in iter_parts(self.json) if part.get("content")
        )

    @property
    def buttons(self) -> dict[str, str]:
        """The labels of the buttons that can be pressed, with their custom_ids."""
        return {
            part["label"]: part["custom_id"]
            for part, _ in iter_parts(self.json)
            if part["type"] == _BUTTON and not part.get("disabled")
        }

    @property
    def menu(self) -> Json | None:
        return next((part for part, _ in iter_parts(self.json) if part["type"] == _SELECT), None)

    @property
    def is_refusal(self) -> bool:
        return self.text.startswith(_REFUSED)

    @property
    def is_under_way(self) -> bool:
        return bool(self.json["flags"] & MessageFlag.LOADING) or self.text.startswith(_PROGRESS)

    def is_seen_by(self, member: int) -> bool:
        return self.audience is None or member in self.audience


@dataclass(slots=True)
class MessageLog:
    """Keep the latest form of every message of a guild."""

    discord: LocalDiscord
    guild: int
    messages: dict[int, SeenMessage] = field(default_factory=dict)
    _codes: dict[str, frozenset[int]] = field(default_factory=dict)
    _unsubscribe: Callable[[], None] | None = None

    def open(self) -> None:
        self._unsubscribe = self.discord.state.subscribe(self._record_event)

    def close(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()

    def _record_event(self, event: Event) -> None:
        if event.guild_id != self.guild or not event.name.startswith("MESSAGE_"):
            return
        if event.name in {"MESSAGE_CREATE", "MESSAGE_UPDATE"}:
            payload = event.payload
            self.messages[int(payload["id"])] = self._read_message(payload, event.audience)
        elif event.name == "MESSAGE_DELETE":
            self.messages.pop(int(event.payload["id"]), None)

    def _read_message(self, payload: Json, audience: frozenset[int] | None) -> SeenMessage:
        is_private = bool(payload["flags"] & MessageFlag.EPHEMERAL)
        place = payload.get("message_reference") or {}
        snapshots = [each["message"] for each in payload.get("message_snapshots", ())]
        return SeenMessage(
            id=int(payload["id"]),
            channel=int(payload["channel_id"]),
            author=int(payload["author"]["id"]),
            audience=audience if is_private else None,
            json=payload,
            pictures=tuple(
                self._read_picture(*found)
                for part in (payload, *snapshots)
                for found in _list_links(part)
            ),
            forwarded_from=int(place["channel_id"]) if snapshots else None,
        )

    def _read_picture(self, url: str, spoiler: bool, is_file: bool) -> ShownPicture:  # noqa: FBT001 - a row of a list
        path = urlsplit(url).path
        if path not in self._codes:
            self._codes[path] = self._read_file(url)
        hidden = spoiler or path.rpartition("/")[2].startswith(SPOILER_PREFIX)
        return ShownPicture(path, self._codes[path], hidden, is_file)

    def _read_file(self, url: str) -> frozenset[int]:
        try:
            return read_codes(self.discord.read_attachment({"url": url}))
        except (LookupError, UnidentifiedImageError):
            return frozenset()


def iter_parts(message: Json) -> Iterator[tuple[Json, bool]]:
    """Iterate over all components, each with whether a container hides it."""
    yield from _iter_tree(message.get("components", ()), hidden=False)


def _iter_tree(components: Iterable[Json], *, hidden: bool) -> Iterator[tuple[Json, bool]]:
    for part in components:
        covered = hidden or bool(part.get("spoiler"))
        yield part, covered
        inner = [*part.get("components", ())]
        if "accessory" in part:
            inner.append(part["accessory"])
        yield from _iter_tree(inner, hidden=covered)


def _list_links(message: Json) -> Iterator[tuple[str, bool, bool]]:
    """Yield the address of each picture, whether it is hidden, and whether it is only a file."""
    for part, hidden in iter_parts(message):
        yield from _list_media(part, hidden=hidden)
    for file in message.get("attachments", ()):
        yield file["url"], bool(file.get("flags", 0) & _IS_SPOILER), False
    for embed in message.get("embeds", ()):
        if "thumbnail" in embed:
            yield embed["thumbnail"]["url"], f"||{embed['url']}||" in message["content"], False


def _list_media(part: Json, *, hidden: bool) -> Iterator[tuple[str, bool, bool]]:
    if part["type"] == _GALLERY:
        for item in part["items"]:
            yield item["media"]["url"], hidden or bool(item.get("spoiler")), False
    elif part["type"] == _THUMBNAIL:
        yield part["media"]["url"], hidden, False
    elif part["type"] == _FILE:
        yield part["file"]["url"], hidden, True
