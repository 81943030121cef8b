"""Media in embeds and components: their attachments, and their form in responses.

Stored components have media as {"url", "id"} or {"url", "attachment_id"}; responses have the whole
media object with a newly signed link.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sandbox.discord.model.records import Attachment, Content, Json

AttachmentJson = Callable[[Attachment], Json]

EMBED_MEDIA = (
    ("image", "url"),
    ("thumbnail", "url"),
    ("author", "icon_url"),
    ("footer", "icon_url"),
)
SCHEME = "attachment://"


def find_media_holders(components: tuple[Json, ...] | list[Json]) -> Iterator[tuple[Json, str]]:
    """Yield the parent and key of every media object in a component tree."""
    for component in components:
        kind = component["type"]
        if kind == 11:
            yield component, "media"
        elif kind == 12:
            yield from ((item, "media") for item in component["items"])
        elif kind == 13:
            yield component, "file"
        elif kind == 9:
            yield from find_media_holders([component["accessory"]])
        elif kind == 17:
            yield from find_media_holders(component["components"])


def find_embed_filenames(embeds: tuple[Json, ...]) -> Iterator[str]:
    """Yield the names of files that embeds show by attachment://."""
    for embed in embeds:
        for part, key in EMBED_MEDIA:
            url = (embed.get(part) or {}).get(key) or ""
            if url.startswith(SCHEME):
                yield url[len(SCHEME) :]


def find_referenced_ids(content: Content) -> frozenset[int]:
    """Return ids of attachments shown inline, which Discord omits from `attachments`."""
    if not content.attachments:
        return frozenset()
    names = set(find_embed_filenames(content.embeds))
    ids = {each.id for each in content.attachments if each.filename in names}
    for holder, key in find_media_holders(content.components):
        if attachment_id := holder[key].get("attachment_id"):
            ids.add(attachment_id)
    return frozenset(ids)


def resolve_embeds(content: Content, show: AttachmentJson) -> list[Json]:
    """Return embeds with attachment:// replaced by links and sizes."""
    if not content.embeds:
        return []
    by_name = {each.filename: each for each in content.attachments}
    return [_resolve_embed(embed, by_name, show=show) for embed in content.embeds]


def _resolve_embed(embed: Json, by_name: dict[str, Attachment], *, show: AttachmentJson) -> Json:
    shown = dict(embed)
    for part, key in EMBED_MEDIA:
        url = (embed.get(part) or {}).get(key) or ""
        attachment = by_name.get(url[len(SCHEME) :]) if url.startswith(SCHEME) else None
        if attachment is not None:
            file = show(attachment)
            shown[part] = embed[part] | {key: file["url"], f"proxy_{key}": file["proxy_url"]}
            if key == "url":
                sizes = {name: file[name] for name in ("width", "height") if name in file}
                shown[part] |= sizes | {"content_type": file.get("content_type", "")}
    return shown


def resolve_components(content: Content, show: AttachmentJson) -> list[Json]:
    """Return components with complete media objects."""
    if next(find_media_holders(content.components), None) is None:
        return list(content.components)
    by_id = {each.id: each for each in content.attachments}
    return [_resolve_component(each, by_id, show=show) for each in content.components]


def _resolve_component(
    component: Json, by_id: dict[int, Attachment], *, show: AttachmentJson
) -> Json:
    def media(stored: Json) -> Json:
        return _resolve_media(stored, by_id.get(stored.get("attachment_id", 0)), show=show)

    shown: dict[str, Any] = dict(component)
    kind = component["type"]
    if kind == 11:
        shown["media"] = media(component["media"])
    elif kind == 12:
        shown["items"] = [item | {"media": media(item["media"])} for item in component["items"]]
    elif kind == 13:
        file = by_id.get(component["file"].get("attachment_id", 0))
        size = len(file.data) if file else None
        shown["file"] = media(component["file"])
        shown |= {"name": file.filename if file else None, "size": size}
    elif kind == 9:
        shown["accessory"] = _resolve_component(component["accessory"], by_id, show=show)
    elif kind == 17:
        shown["components"] = [
            _resolve_component(child, by_id, show=show) for child in component["components"]
        ]
    return shown


def describe_size(attachment: Attachment) -> Json:
    """Return the media fields of a picture that is shown by link."""
    return {
        "width": attachment.width,
        "height": attachment.height,
        "content_type": attachment.content_type,
    }


def _resolve_media(stored: Json, attachment: Attachment | None, *, show: AttachmentJson) -> Json:
    if attachment is None:
        return {
            "id": stored.get("id", "0"),
            "url": stored["url"],
            "proxy_url": stored["url"],
            "width": stored.get("width"),
            "height": stored.get("height"),
            "content_type": stored.get("content_type"),
            "loading_state": 2,
        }
    file = show(attachment)
    return {
        "id": file["id"],
        "attachment_id": file["id"],
        "url": file["url"],
        "proxy_url": file["proxy_url"],
        "width": file.get("width"),
        "height": file.get("height"),
        "content_type": file.get("content_type"),
        "loading_state": 2,
        "flags": 0,
    }
