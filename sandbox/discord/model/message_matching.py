"""Matching messages in a search: words in order, and message features."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from sandbox.discord.model.records import Message, User

DEFAULT_SLOP = 2  # documentation, "Search Guild Messages"
_WORD = re.compile(r"\w+")
_LINK = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)
_MEDIA = {"image/": "image", "video/": "video", "audio/": "sound"}
FEATURES = ("link", "embed", "file", *_MEDIA.values(), "sticker", "poll", "snapshot")
AUTHORS = ("user", "bot", "webhook")
EMBEDS = ("image", "video", "gif", "sound", "article")


def split_words(text: str) -> tuple[str, ...]:
    """Return a text's words, case-folded for comparison."""
    return tuple(_WORD.findall(text.casefold()))


def count_matches(text: Sequence[str], wanted: Sequence[str], *, slop: int) -> int:
    """Count where a match ends: the wanted words in order, up to `slop` others between two."""
    ends = [at for at, word in enumerate(text) if wanted and word == wanted[0]]
    for word in wanted[1:]:
        ends = _find_following(text, word, ends, slop)
    return len(ends)


def _find_following(text: Sequence[str], wanted: str, ends: list[int], slop: int) -> list[int]:
    """Return positions of a word shortly after a previous end; all positions ascend."""
    found, last, later = [], -slop - 2, iter([*ends, len(text)])
    upcoming = next(later)
    for at, word in enumerate(text):
        if word == wanted and at - last <= slop + 1:
            found.append(at)
        if at == upcoming:
            last, upcoming = at, next(later)
    return found


def list_features(message: Message) -> Iterator[str]:
    """Yield a message's features by their names in the `has` filter."""
    content = message.content
    if _LINK.search(content.text):
        yield "link"
    if content.embeds:
        yield "embed"
    if content.attachments:
        yield "file"
    if any("image" in embed or "thumbnail" in embed for embed in content.embeds):
        yield "image"
    for attachment in content.attachments:
        for prefix, name in _MEDIA.items():
            if (attachment.content_type or "").startswith(prefix):
                yield name


def get_author_type(author: User, message: Message) -> str:
    """Return a message's author type by its name in the `author_type` filter."""
    if message.webhook is not None:
        return "webhook"
    return "bot" if author.bot else "user"


def list_hosts(message: Message) -> Iterator[str]:
    """Yield the host names of links in a message, in lower case."""
    for link in _LINK.findall(message.content.text):
        try:
            yield urlsplit(link).hostname or ""
        except ValueError:
            continue  # it looks like a link, but is none and has no host


def list_filenames(message: Message) -> Iterator[str]:
    for attachment in message.content.attachments:
        yield attachment.filename.lower()


def list_extensions(message: Message) -> Iterator[str]:
    for name in list_filenames(message):
        yield name.rpartition(".")[2]
