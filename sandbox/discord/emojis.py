"""Emojis: the application's own, how an address names one, and how JSON shows it."""

import base64
import binascii
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sandbox.discord import files, snowflakes
from sandbox.discord.errors import MAXIMUM_EMOJIS, UNKNOWN_EMOJI, DiscordError
from sandbox.discord.forms import Field
from sandbox.discord.models import Json

if TYPE_CHECKING:
    from sandbox.discord.state import State

MOST = 2000  # documentation, "Application Emojis"
LARGEST = 256 * 1024  # bytes
_DATA_URI = re.compile(r"data:image/(?:png|jpe?g|gif|webp|avif);base64,")
_CUSTOM = re.compile(r"(?:<?a?:)?(\w{2,32}):([0-9]{15,20})>?")


def shown(emoji: str) -> Json:
    """Return the partial emoji object of a key."""
    name, _, number = emoji.rpartition(":")
    if name and snowflakes.parse(number) is not None:
        return {"id": number, "name": name, "animated": False}
    return {"id": None, "name": emoji}


@dataclass(frozen=True, slots=True)
class Emoji:
    """An application's own emoji; `image` is its data URI, as the application sent it."""

    id: int
    name: str
    animated: bool
    image: str = ""  # a folder that was kept before pictures were has none

    @property
    def data(self) -> bytes:
        """Return the picture's bytes; none where no picture was kept."""
        return base64.b64decode(self.image.partition(";base64,")[2])


class EmojiStore:
    """Keep the application's own emojis."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._by_id: dict[int, Emoji] = {}

    def create(self, fields: Field) -> Emoji:
        """Add an emoji from {"name", "image": data URI}; raise 50035, or 30008 at 2000."""
        if len(self._by_id) >= MOST:
            raise DiscordError(MAXIMUM_EMOJIS)
        name = self._name(fields["name"])
        kind = _image(fields["image"])
        fields.form.check()
        image = str(fields["image"].raw)
        made = Emoji(self._state.ids.next(), name, kind == "image/gif", image)
        self._by_id[made.id] = made
        return made

    def rename(self, emoji: Emoji, fields: Field) -> Emoji:
        name = self._name(fields["name"]) if fields["name"].raw is not None else emoji.name
        fields.form.check()
        self._by_id[emoji.id] = replace(emoji, name=name)
        return self._by_id[emoji.id]

    def find(self, emoji_id: int | None) -> Emoji | None:
        return None if emoji_id is None else self._by_id.get(emoji_id)

    def get(self, emoji_id: int | None) -> Emoji:
        """Return an emoji, else raise 10014."""
        found = self.find(emoji_id)
        if found is None:
            raise DiscordError(UNKNOWN_EMOJI)
        return found

    def delete(self, emoji: Emoji) -> None:
        del self._by_id[emoji.id]

    def all(self) -> list[Emoji]:
        return list(self._by_id.values())

    def restore(self, kept: list[Emoji]) -> None:
        """Put back what was kept, without telling anybody."""
        self._by_id = {each.id: each for each in kept}

    def key(self, text: str) -> str:
        """Return how reactions know an emoji: the sign itself, or name:id; else raise 10014."""
        if (custom := _CUSTOM.fullmatch(text)) is not None:
            known = self.get(int(custom[2]))
            return f"{known.name}:{known.id}"
        if text.isascii() or len(text) > 16 or re.search(r"[\x00-\x7f]{2}", text):
            raise DiscordError(UNKNOWN_EMOJI)
        return text

    def payload(self, emoji: Emoji) -> Json:
        return {
            "id": str(emoji.id),
            "name": emoji.name,
            "animated": emoji.animated,
            "available": True,
            "managed": False,
            "require_colons": True,
            "roles": [],
            "user": self._state.payloads.user(self._state.world.bot),
        }

    def _name(self, raw: Field) -> str:
        if not raw.text(2, 32, required=True):
            return ""
        if not re.fullmatch(r"[A-Za-z0-9_]+", raw.raw):
            raw.fail("STRING_TYPE_REGEX", "String value did not match validation regex.")
        if any(each.name == raw.raw for each in self._by_id.values()):
            raw.fail("APPLICATION_EMOJI_NAME_ALREADY_TAKEN", "Emoji name is already taken")
        return str(raw.raw)


def _image(raw: Field) -> str | None:
    """Return the content type of a data URI's picture; not above 256 KiB, and a picture."""
    found = _DATA_URI.match(raw.raw) if isinstance(raw.raw, str) else None
    try:
        data = base64.b64decode(raw.raw[found.end() :], validate=True) if found else b""
    except (binascii.Error, ValueError):
        data = b""
    kind, _ = files.picture(data)
    if kind is None:
        raw.fail("IMAGE_INVALID", "Invalid image data")
    elif len(data) > LARGEST:
        raw.fail("BINARY_TYPE_MAX_SIZE", f"File cannot be larger than {LARGEST // 1024} kb.")
    return kind
