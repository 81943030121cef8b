"""Emojis: how an address names one, and how JSON shows it."""

import re

from sandbox.discord import snowflakes
from sandbox.discord.errors import UNKNOWN_EMOJI, DiscordError
from sandbox.discord.models import Json

_CUSTOM = re.compile(r"(?:<?a?:)?(\w{2,32}):([0-9]{15,20})>?")


def key(text: str) -> str:
    """Return how reactions know an emoji: the sign itself, or name:id; else raise 10014."""
    if (custom := _CUSTOM.fullmatch(text)) is not None:
        return f"{custom[1]}:{custom[2]}"
    if text.isascii() or len(text) > 16 or re.search(r"[\x00-\x7f]{2}", text):
        raise DiscordError(UNKNOWN_EMOJI)
    return text


def shown(emoji: str) -> Json:
    """Return the partial emoji object of a key."""
    name, _, number = emoji.rpartition(":")
    if name and snowflakes.parse(number) is not None:
        return {"id": number, "name": name, "animated": False}
    return {"id": None, "name": emoji}
