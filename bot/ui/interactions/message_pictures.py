"""The pictures of a message that can be expanded: files, embeds, components, forwards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

import discord

from bot.domain.geometry import Size
from bot.domain.order import Attachment

MAX_PICTURES: Final = 25
"""Options of a menu."""
_SPOILER: Final = re.compile(r"\|\|(.+?)\|\|", re.DOTALL)
_LINK: Final = re.compile(r"https?://[^\s<>|]+")
_SPOILER_PREFIX: Final = "SPOILER_"
Part = discord.Message | discord.MessageSnapshot


def to_attachment(attachment: discord.Attachment) -> Attachment:
    """Convert an attachment; its size and type are only what Discord declares."""
    return Attachment(
        url=attachment.url,
        filename=attachment.filename,
        size=attachment.size,
        content_type=attachment.content_type or "",
        declared=_build_size(attachment.width, attachment.height),
        spoiler=attachment.is_spoiler(),
        description=attachment.description or "",
    )


def find_pictures(message: discord.Message) -> list[Attachment]:
    """Return up to 25 pictures of a message, and of the message that it forwards."""
    # signed CDN links to one file differ in their query, so paths are compared
    found: dict[str, Attachment] = {}
    for part in list_parts(message):
        for picture in _iterate_pictures(part):
            path = urlsplit(picture.url).path
            known = found.setdefault(path, picture)
            found[path] = replace(known, spoiler=known.spoiler or picture.spoiler)
    return list(found.values())[:MAX_PICTURES]


def list_parts(message: discord.Message) -> tuple[Part, ...]:
    """Return a message and the snapshot of the message that it forwards, if any."""
    return (message, *message.message_snapshots)


def list_file_names(part: Part) -> list[str]:
    """Return the names of all files and pictures of a message."""
    linked = (each.filename for each in list_linked_pictures(part))
    return [*(each.filename for each in part.attachments), *linked]


def list_linked_pictures(part: Part) -> list[Attachment]:
    """Return the pictures that a message shows by links, which may lead to anybody's files."""
    return [*_iterate_embed_pictures(part), *_iterate_media(part.components)]


def _iterate_pictures(part: Part) -> Iterator[Attachment]:
    declared = [
        *map(to_attachment, part.attachments),
        *_iterate_embed_pictures(part),
        *_iterate_media(part.components),
    ]
    yield from (picture for picture in declared if picture.may_be_picture)


def _iterate_embed_pictures(part: Part) -> Iterator[Attachment]:
    for embed in part.embeds:
        shown = [proxy for proxy in (embed.image, embed.thumbnail) if proxy.proxy_url or proxy.url]
        links = [embed.url, *(proxy.url for proxy in shown)]
        hidden = _is_behind_spoiler(part.content, [link for link in links if link])
        for proxy in shown:
            size = _build_size(proxy.width, proxy.height)
            yield _from_url(proxy.proxy_url or proxy.url or "", "", size, spoiler=hidden)


def _is_behind_spoiler(content: str, links: list[str]) -> bool:
    """Return whether a text hides one of an embed's links, as in `||link||`.

    Where a text hides some link, an embed whose link is not in the open counts as hidden too:
    Discord may write the link differently in the embed.
    """
    spoilers = "\n".join(_SPOILER.findall(content))
    hidden, open_ = _read_links(spoilers), _read_links(_SPOILER.sub(" ", content))
    own = {_normalise_link(link) for link in links}
    return bool(hidden) and (bool(own & hidden) or not own & open_)


def _read_links(text: str) -> set[str]:
    return {_normalise_link(link) for link in _LINK.findall(text)}


def _normalise_link(link: str) -> str:
    parts = urlsplit(link.rstrip(".,;:!?)]'\""))
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}?{parts.query}"


def _iterate_media(components: Iterable[Any], *, spoiler: bool = False) -> Iterator[Attachment]:
    """Yield the pictures of components; a container's spoiler hides all in it."""
    for part in components:
        hidden = spoiler or bool(getattr(part, "spoiler", False))
        if isinstance(part, discord.MediaGalleryComponent):
            for item in part.items:
                yield _from_media(item, spoiler=hidden or item.spoiler)
        elif isinstance(part, discord.ThumbnailComponent | discord.FileComponent):
            yield _from_media(part, spoiler=hidden)
        elif isinstance(part, discord.SectionComponent):
            yield from _iterate_media([part.accessory], spoiler=hidden)
        yield from _iterate_media(getattr(part, "children", ()), spoiler=hidden)


def _from_media(
    part: discord.MediaGalleryItem | discord.ThumbnailComponent | discord.FileComponent,
    *,
    spoiler: bool,
) -> Attachment:
    media, about = part.media, getattr(part, "description", None) or ""
    size, hidden = _build_size(media.width, media.height), spoiler or media.flags.spoiler
    url = media.proxy_url or media.url
    found = _from_url(url, media.content_type or "", size, spoiler=hidden)
    return replace(found, description=about)


def _from_url(url: str, content_type: str, declared: Size | None, *, spoiler: bool) -> Attachment:
    """Build an attachment from a link; what Discord does not declare shows at the download."""
    name = urlsplit(url).path.rpartition("/")[2] or "picture"
    hidden = spoiler or name.startswith(_SPOILER_PREFIX)
    return Attachment(url, name, 0, content_type, declared, spoiler=hidden)


def _build_size(width: int | None, height: int | None) -> Size | None:
    return Size(width, height) if width and height else None
