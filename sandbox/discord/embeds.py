"""Embeds of a message, held against Discord's limits."""

from datetime import datetime
from typing import Any

from sandbox.discord.errors import Form, is_whole
from sandbox.discord.media import SCHEME, embed_names
from sandbox.discord.models import Attachment, Json

Path = tuple[str | int, ...]

# Documentation, "Embed Limits".
MAX_EMBEDS = 10
MAX_FIELDS = 25
MAX_TOTAL = 6000
_TEXTS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("title",), 256),
    (("description",), 4096),
    (("footer", "text"), 2048),
    (("author", "name"), 256),
)
_KEPT = (
    *("title", "description", "url", "timestamp", "color"),
    *("footer", "author", "image", "thumbnail", "fields"),
)
_OBJECTS = ("footer", "author", "image", "thumbnail")


def check(form: Form, raw: Any, attachments: tuple[Attachment, ...]) -> tuple[Json, ...]:
    """Return the embeds in the response's shape; faults go into `form`."""
    if raw is None:
        return ()
    if not isinstance(raw, list) or len(raw) > MAX_EMBEDS:
        form.fail(("embeds",), "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_EMBEDS} or fewer in length.")
        return ()
    checked = tuple(_embed(form, ("embeds", index), each) for index, each in enumerate(raw))
    if form.failed:
        return ()
    if sum(map(_length, checked)) > MAX_TOTAL:
        message = f"Embed size exceeds maximum size of {MAX_TOTAL}"
        form.fail(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", message)
    names = {attachment.filename for attachment in attachments}
    for name in embed_names(checked):
        if name not in names:
            message = f"The referenced attachment was not found: {SCHEME}{name}"
            form.fail(("embeds",), "EMBED_ATTACHMENT_NOT_FOUND", message)
    return checked


def _embed(form: Form, path: Path, raw: Any) -> Json:
    if not isinstance(raw, dict):
        form.fail(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return {"type": "rich"}
    embed: Json = {"type": "rich"}
    embed |= {key: raw[key] for key in _KEPT if raw.get(key) is not None}
    for name in _OBJECTS:
        if not isinstance(embed.get(name, {}), dict):
            form.fail((*path, name), "MODEL_TYPE_CONVERT", "Only dictionaries may be used")
            embed.pop(name)
    for keys, most in _TEXTS:
        _text(form, (*path, *keys), _dig(embed, keys), most)
    _urls(form, path, embed)
    _fields(form, (*path, "fields"), embed.get("fields", []))
    color = embed.get("color", 0)
    if not is_whole(color) or not 0 <= color <= 0xFFFFFF:
        message = "int value should be between 0 and 16777215."
        form.fail((*path, "color"), "NUMBER_TYPE_MAX", message)
    if not _is_time(embed.get("timestamp", "2015-01-01")):
        form.fail((*path, "timestamp"), "DATE_TIME_TYPE_PARSE", "Could not parse the time.")
    return embed


def _is_time(text: Any) -> bool:
    try:
        datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return False
    return True


def _urls(form: Form, path: Path, embed: Json) -> None:
    if not isinstance(embed.get("url", ""), str):
        form.fail((*path, "url"), "STRING_TYPE_CONVERT", "Must be a string.")
    for name in ("image", "thumbnail"):
        url = embed.get(name, {}).get("url", "")
        if not isinstance(url, str) or (url and not url.startswith(("http", SCHEME))):
            message = "Scheme must be one of ('http', 'https')."
            form.fail((*path, name, "url"), "URL_TYPE_INVALID_SCHEME", message)
    for name in ("author", "footer"):
        if not isinstance(embed.get(name, {}).get("icon_url", ""), str | None):
            form.fail((*path, name, "icon_url"), "STRING_TYPE_CONVERT", "Must be a string.")


def _fields(form: Form, path: Path, raw: Any) -> None:
    if not isinstance(raw, list) or len(raw) > MAX_FIELDS:
        form.fail(path, "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_FIELDS} or fewer in length.")
        return
    for index, each in enumerate(raw):
        if not isinstance(each, dict):
            form.fail((*path, index), "MODEL_TYPE_CONVERT", "Only dictionaries may be used")
            continue
        for name, most in (("name", 256), ("value", 1024)):
            if not each.get(name):
                form.fail((*path, index, name), "BASE_TYPE_REQUIRED", "This field is required")
            _text(form, (*path, index, name), each.get(name), most)


def _text(form: Form, path: Path, text: Any, most: int) -> None:
    if text is not None and (not isinstance(text, str) or len(text) > most):
        form.fail(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")


def _dig(embed: Json, keys: tuple[str, ...]) -> Any:
    found: Any = embed
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _length(embed: Json) -> int:
    texts = [str(_dig(embed, keys) or "") for keys, _ in _TEXTS]
    for each in embed.get("fields", []):
        texts += [each["name"], each["value"]]
    return sum(map(len, texts))
