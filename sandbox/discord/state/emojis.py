"""The application's emojis, and emoji keys in URLs and JSON."""

import base64
import binascii
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sandbox.discord.model import files, snowflakes
from sandbox.discord.model.errors import MAXIMUM_EMOJIS, UNKNOWN_EMOJI, DiscordError
from sandbox.discord.model.records import Json
from sandbox.discord.validation.forms import FormField

if TYPE_CHECKING:
    from sandbox.discord.state.state import State

MAX_EMOJIS = 2000  # documentation, "Application Emojis"
MAX_EMOJI_BYTES = 256 * 1024  # bytes
_DATA_URI = re.compile(r"data:image/(?:png|jpe?g|gif|webp|avif);base64,")
_CUSTOM = re.compile(r"(?:<?a?:)?(\w{2,32}):([0-9]{15,20})>?")


def build_partial_emoji(emoji: str) -> Json:
    """Return the partial emoji object of an emoji key."""
    name, _, number = emoji.rpartition(":")
    if name and snowflakes.parse_snowflake(number) is not None:
        return {"id": number, "name": name, "animated": False}
    return {"id": None, "name": emoji}


@dataclass(frozen=True, slots=True)
class Emoji:
    """An application emoji; `image` is its data URI, as the application sent it."""

    id: int
    name: str
    animated: bool
    image: str = ""  # empty in folders written before images were stored

    @property
    def data(self) -> bytes:
        """Return the image's bytes; empty if no image is stored."""
        return base64.b64decode(self.image.partition(";base64,")[2])


class EmojiStore:
    """Store the application's emojis."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._by_id: dict[int, Emoji] = {}

    def create(self, fields: FormField) -> Emoji:
        """Add an emoji from {"name", "image": data URI}; raise 50035, or 30008 above 2000."""
        if len(self._by_id) >= MAX_EMOJIS:
            raise DiscordError(MAXIMUM_EMOJIS)
        name = self._read_name(fields["name"])
        kind = _detect_image_type(fields["image"])
        fields.form.raise_errors()
        image = str(fields["image"].raw)
        emoji = Emoji(self._state.ids.make_id(), name, kind == "image/gif", image)
        self._by_id[emoji.id] = emoji
        return emoji

    def rename(self, emoji: Emoji, fields: FormField) -> Emoji:
        name = self._read_name(fields["name"]) if fields["name"].raw is not None else emoji.name
        fields.form.raise_errors()
        self._by_id[emoji.id] = replace(emoji, name=name)
        return self._by_id[emoji.id]

    def find(self, emoji_id: int | None) -> Emoji | None:
        return None if emoji_id is None else self._by_id.get(emoji_id)

    def get(self, emoji_id: int | None) -> Emoji:
        """Return an emoji; raise 10014 if unknown."""
        found = self.find(emoji_id)
        if found is None:
            raise DiscordError(UNKNOWN_EMOJI)
        return found

    def delete(self, emoji: Emoji) -> None:
        del self._by_id[emoji.id]

    def all(self) -> list[Emoji]:
        return list(self._by_id.values())

    def restore(self, kept: list[Emoji]) -> None:
        """Replace all emojis by stored ones, without emitting events."""
        self._by_id = {each.id: each for each in kept}

    def parse_key(self, text: str) -> str:
        """Return an emoji's key in reactions: itself, or name:id; raise 10014 if invalid."""
        if (custom := _CUSTOM.fullmatch(text)) is not None:
            known = self.get(int(custom[2]))
            return f"{known.name}:{known.id}"
        if text.isascii() or len(text) > 16 or re.search(r"[\x00-\x7f]{2}", text):
            raise DiscordError(UNKNOWN_EMOJI)
        return text

    def build_payload(self, emoji: Emoji) -> Json:
        return {
            "id": str(emoji.id),
            "name": emoji.name,
            "animated": emoji.animated,
            "available": True,
            "managed": False,
            "require_colons": True,
            "roles": [],
            "user": self._state.payloads.build_user(self._state.world.bot),
        }

    def _read_name(self, raw: FormField) -> str:
        if not raw.check_text(2, 32, required=True):
            return ""
        if not re.fullmatch(r"[A-Za-z0-9_]+", raw.raw):
            raw.add_error("STRING_TYPE_REGEX", "String value did not match validation regex.")
        if any(each.name == raw.raw for each in self._by_id.values()):
            raw.add_error("APPLICATION_EMOJI_NAME_ALREADY_TAKEN", "Emoji name is already taken")
        return str(raw.raw)


def _detect_image_type(raw: FormField) -> str | None:
    """Return a data URI's content type; an error if it is no picture or above 256 KiB."""
    found = _DATA_URI.match(raw.raw) if isinstance(raw.raw, str) else None
    try:
        data = base64.b64decode(raw.raw[found.end() :], validate=True) if found else b""
    except (binascii.Error, ValueError):
        data = b""
    kind, _ = files.detect_image_type(data)
    if kind is None:
        raw.add_error("IMAGE_INVALID", "Invalid image data")
    elif len(data) > MAX_EMOJI_BYTES:
        raw.add_error(
            "BINARY_TYPE_MAX_SIZE", f"File cannot be larger than {MAX_EMOJI_BYTES // 1024} kb."
        )
    return kind
