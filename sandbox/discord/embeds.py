"""Embeds of a message, held against Discord's limits."""

from datetime import datetime
from typing import Any

from sandbox.discord.forms import Field
from sandbox.discord.media import SCHEME, embed_names
from sandbox.discord.models import Attachment, Json

# Documentation, "Embed Limits".
MAX_EMBEDS = 10
MAX_FIELDS = 25
MAX_TOTAL = 6000
MAX_COLOR = 0xFFFFFF
_TEXTS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("title",), 256),
    (("description",), 4096),
    (("url",), 2048),
    (("footer", "text"), 2048),
    (("footer", "icon_url"), 2048),
    (("author", "name"), 256),
    (("author", "icon_url"), 2048),
)
_OBJECTS = ("footer", "author", "image", "thumbnail")
_KEPT = ("title", "description", "url", "timestamp", "color", *_OBJECTS)


def check(raw: Field, attachments: tuple[Attachment, ...]) -> tuple[Json, ...]:
    """Return the embeds in the response's shape; faults go into the form."""
    if raw.raw is None:
        return ()
    checked = tuple(_embed(each) for each in raw.each(0, MAX_EMBEDS))
    if raw.form.failed:
        return ()
    if sum(map(_length, checked)) > MAX_TOTAL:
        message = f"Embed size exceeds maximum size of {MAX_TOTAL}"
        raw.fail("MAX_EMBED_SIZE_EXCEEDED", message)
    names = {attachment.filename for attachment in attachments}
    for name in embed_names(checked):
        if name not in names:
            message = f"The referenced attachment was not found: {SCHEME}{name}"
            raw.fail("EMBED_ATTACHMENT_NOT_FOUND", message)
    return checked


def _embed(raw: Field) -> Json:
    if not raw.is_object():
        return {}
    for part in (raw[name] for name in _OBJECTS if raw[name].raw is not None):
        part.is_object()
    for keys, most in _TEXTS:
        _at(raw, keys).text(0, most)
    for name in ("image", "thumbnail"):
        _url(raw[name]["url"])
    fields = [
        _field(each)
        for each in (raw["fields"].each(0, MAX_FIELDS) if raw["fields"].raw is not None else ())
    ]
    raw["color"].number(0, MAX_COLOR)
    if not _is_time(raw["timestamp"].raw):
        raw["timestamp"].fail("DATE_TIME_TYPE_PARSE", "Could not parse the time.")
    kept = {name: raw.raw[name] for name in _KEPT if raw.raw.get(name) is not None}
    if fields:
        kept["fields"] = fields
    return {"type": "rich"} | kept


def _field(raw: Field) -> Json:
    raw["name"].text(1, 256, required=True)
    raw["value"].text(1, 1024, required=True)
    inline = raw["inline"].flag()
    return {"name": raw["name"].raw, "value": raw["value"].raw, "inline": inline}


def _url(raw: Field) -> None:
    if raw.text(0, 2048) and not (raw.raw or SCHEME).startswith(("http://", "https://", SCHEME)):
        raw.fail("URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https').")


def _is_time(text: Any) -> bool:
    if text is None:
        return True
    try:
        datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return False
    return True


def _at(raw: Field, keys: tuple[str, ...]) -> Field:
    for key in keys:
        raw = raw[key]
    return raw


def _length(embed: Json) -> int:
    total = sum(len(embed.get(name) or "") for name in ("title", "description"))
    total += len(embed.get("footer", {}).get("text") or "")
    total += len(embed.get("author", {}).get("name") or "")
    return total + sum(len(each["name"]) + len(each["value"]) for each in embed.get("fields", []))
