"""Validation of message embeds by Discord's limits."""

from datetime import datetime
from typing import Any

from sandbox.discord.model.records import Attachment, Json
from sandbox.discord.validation.forms import FormField
from sandbox.discord.validation.media import SCHEME, find_embed_filenames

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


def check_embeds(raw: FormField, attachments: tuple[Attachment, ...]) -> tuple[Json, ...]:
    """Return embeds in response form; errors are added to the form."""
    if raw.raw is None:
        return ()
    checked = tuple(_check_embed(each) for each in raw.read_list(0, MAX_EMBEDS))
    if raw.form.has_errors:
        return ()
    if sum(map(_count_characters, checked)) > MAX_TOTAL:
        message = f"Embed size exceeds maximum size of {MAX_TOTAL}"
        raw.add_error("MAX_EMBED_SIZE_EXCEEDED", message)
    names = {attachment.filename for attachment in attachments}
    for name in find_embed_filenames(checked):
        if name not in names:
            message = f"The referenced attachment was not found: {SCHEME}{name}"
            raw.add_error("EMBED_ATTACHMENT_NOT_FOUND", message)
    return checked


def _check_embed(raw: FormField) -> Json:
    if not raw.is_object():
        return {}
    for part in (raw[name] for name in _OBJECTS if raw[name].raw is not None):
        part.is_object()
    for keys, maximum in _TEXTS:
        _get_nested(raw, keys).check_text(0, maximum)
    for name in ("image", "thumbnail"):
        _check_url(raw[name]["url"])
    fields = [
        _check_field(each)
        for each in (
            raw["fields"].read_list(0, MAX_FIELDS) if raw["fields"].raw is not None else ()
        )
    ]
    raw["color"].check_number(0, MAX_COLOR)
    if not _is_time(raw["timestamp"].raw):
        raw["timestamp"].add_error("DATE_TIME_TYPE_PARSE", "Could not parse the time.")
    kept = {name: raw.raw[name] for name in _KEPT if raw.raw.get(name) is not None}
    if fields:
        kept["fields"] = fields
    return {"type": "rich"} | kept


def _check_field(raw: FormField) -> Json:
    raw["name"].check_text(1, 256, required=True)
    raw["value"].check_text(1, 1024, required=True)
    inline = raw["inline"].read_flag()
    return {"name": raw["name"].raw, "value": raw["value"].raw, "inline": inline}


def _check_url(raw: FormField) -> None:
    if raw.check_text(0, 2048) and not (raw.raw or SCHEME).startswith(
        ("http://", "https://", SCHEME)
    ):
        raw.add_error("URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https').")


def _is_time(text: Any) -> bool:
    if text is None:
        return True
    try:
        datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return False
    return True


def _get_nested(raw: FormField, keys: tuple[str, ...]) -> FormField:
    for key in keys:
        raw = raw[key]
    return raw


def _count_characters(embed: Json) -> int:
    total = sum(len(embed.get(name) or "") for name in ("title", "description"))
    total += len(embed.get("footer", {}).get("text") or "")
    total += len(embed.get("author", {}).get("name") or "")
    return total + sum(len(each["name"]) + len(each["value"]) for each in embed.get("fields", []))
