"""Components of a message: checked against Discord's rules and put into the response's shape."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.discord.errors import Form, is_whole
from sandbox.discord.media import SCHEME
from sandbox.discord.models import Attachment, Json

if TYPE_CHECKING:
    from sandbox.discord.cdn import Links
    from sandbox.discord.snowflakes import Snowflakes

Path = tuple[str | int, ...]

ROW, BUTTON, SELECT, SECTION, TEXT = 1, 2, 3, 9, 10
THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 11, 12, 13, 14, 17
SELECTS = frozenset({3, 5, 6, 7, 8})
IN_CONTAINER = frozenset({ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR})
TOP_LEVEL = IN_CONTAINER | {CONTAINER}

# Documentation, "Component Reference".
MAX_COMPONENTS = 40
MAX_TEXT = 4000
MAX_ROWS = 5
LINK, PREMIUM = 5, 6


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What components may refer to: the message's files, and the maker of ids and links."""

    attachments: tuple[Attachment, ...]
    ids: "Snowflakes"
    links: "Links"


@dataclass(slots=True)
class ComponentCheck:
    """Walk a tree once: collect faults, count, give ids, return the response's shape."""

    form: Form
    around: Surroundings
    v2: bool
    _count: int = 0
    _text: int = 0
    _custom_ids: set[str] = field(default_factory=set)
    _ids: set[int] = field(default_factory=set)

    def run(self, raw: Any, path: Path = ("components",)) -> tuple[Json, ...]:
        allowed = TOP_LEVEL if self.v2 else frozenset({ROW})
        most = MAX_COMPONENTS if self.v2 else MAX_ROWS
        checked = self._list(path, raw, allowed, (0, most))
        self._number(checked, itertools.count(1))
        if self._count > MAX_COMPONENTS:
            message = f"Total number of components must be {MAX_COMPONENTS} or fewer."
            self.form.fail(path, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message)
        if self._text > MAX_TEXT:
            message = f"Displayable text must be {MAX_TEXT} or fewer in length."
            self.form.fail(path, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
        return tuple(checked)

    def _list(
        self, path: Path, raw: Any, allowed: frozenset[int], bounds: tuple[int, int]
    ) -> list[Json]:
        if not isinstance(raw, list) or not bounds[0] <= len(raw) <= bounds[1]:
            message = f"Must be between {bounds[0]} and {bounds[1]} in length."
            self.form.fail(path, "BASE_TYPE_BAD_LENGTH", message)
            return []
        each = (self._one((*path, index), item, allowed) for index, item in enumerate(raw))
        return [component for component in each if component]

    def _one(self, path: Path, raw: Any, allowed: frozenset[int]) -> Json:
        kind = raw.get("type") if isinstance(raw, dict) else None
        if not is_whole(kind) or kind not in allowed:
            named = ", ".join(map(str, sorted(allowed)))
            message = f'Value of field "type" must be one of ({named}).'
            self.form.fail((*path, "type"), "UNION_TYPE_CHOICES", message)
            return {}
        self._count += 1
        own = {"type": kind, "id": self._id(path, raw)}
        return own | self._check(int(kind))(path, raw)

    def _check(self, kind: int) -> Callable[[Path, Json], Json]:
        if kind in SELECTS:
            return self._select
        return {
            ROW: self._row,
            BUTTON: self._button,
            SECTION: self._section,
            TEXT: self._text_display,
            THUMBNAIL: self._thumbnail,
            GALLERY: self._gallery,
            FILE: self._file,
            SEPARATOR: self._separator,
            CONTAINER: self._container,
        }[kind]

    def _id(self, path: Path, raw: Json) -> int:
        """Return the id that was asked for; 0 leaves the choice to `_number`."""
        wanted = raw.get("id") or 0
        if not is_whole(wanted) or wanted < 0 or wanted in self._ids:
            self.form.fail((*path, "id"), "COMPONENT_DUPLICATE_ID", "Component id must be unique.")
            return 0
        if wanted:
            self._ids.add(wanted)
        return int(wanted)

    def _number(self, components: list[Json], following: Iterator[int]) -> None:
        """Give the components without an id the free numbers, in their order."""
        for component in components:
            if not component["id"]:
                component["id"] = next(each for each in following if each not in self._ids)
            below = component.get("accessory") or None
            self._number(component.get("components", []) + ([below] if below else []), following)

    def _row(self, path: Path, raw: Json) -> Json:
        below = self._list((*path, "components"), raw.get("components"), SELECTS | {BUTTON}, (1, 5))
        if len(below) > 1 and any(child["type"] in SELECTS for child in below):
            message = "A select menu fills its row."
            self.form.fail((*path, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)
        return {"components": below}

    def _button(self, path: Path, raw: Json) -> Json:
        style, custom_id, url = raw.get("style"), raw.get("custom_id"), raw.get("url")
        if style not in range(1, 7):
            message = "Value must be one of (1, 2, 3, 4, 5, 6)."
            self.form.fail((*path, "style"), "BASE_TYPE_CHOICES", message)
        if style == LINK:
            if not isinstance(url, str) or custom_id is not None:
                message = "A link button has a url and no custom id."
                self.form.fail(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)
        elif style != PREMIUM:
            self._custom_id(path, custom_id)
        label = raw.get("label")
        if label is None and raw.get("emoji") is None and style != PREMIUM:
            message = "Buttons must have a label or an emoji."
            self.form.fail(path, "BUTTON_COMPONENT_INVALID_LABEL", message)
        self._length((*path, "label"), label, 0, 80)
        keys = ("style", "custom_id", "url", "label", "sku_id")
        given = {key: raw[key] for key in keys if raw.get(key) is not None}
        emoji = raw.get("emoji")
        if isinstance(emoji, dict):
            given["emoji"] = {key: value for key, value in emoji.items() if value is not None}
        return given | ({"disabled": True} if raw.get("disabled") else {})

    def _select(self, path: Path, raw: Json) -> Json:
        self._custom_id(path, raw.get("custom_id"))
        self._length((*path, "placeholder"), raw.get("placeholder"), 0, 150)
        own = {
            "custom_id": raw.get("custom_id"),
            "min_values": _whole(raw.get("min_values"), 1),
            "max_values": _whole(raw.get("max_values"), 1),
        }
        if raw.get("placeholder") is not None:
            own["placeholder"] = raw["placeholder"]
        if raw.get("disabled"):
            own["disabled"] = True
        if raw["type"] != SELECT:
            keys = ("default_values", "channel_types")
            return own | {key: raw[key] for key in keys if raw.get(key) is not None}
        options = raw.get("options")
        if not isinstance(options, list) or not 1 <= len(options) <= 25:
            message = "Must be between 1 and 25 in length."
            self.form.fail((*path, "options"), "BASE_TYPE_BAD_LENGTH", message)
            return own
        for index, option in enumerate(options):
            fields = option if isinstance(option, dict) else {}
            for name in ("label", "value"):
                where = (*path, "options", index, name)
                self._length(where, fields.get(name), 1, 100, required=True)
        return own | {"options": options}

    def _section(self, path: Path, raw: Json) -> Json:
        texts = (*path, "components")
        return {
            "components": self._list(texts, raw.get("components"), frozenset({TEXT}), (1, 3)),
            "accessory": self._one(
                (*path, "accessory"), raw.get("accessory"), frozenset({BUTTON, THUMBNAIL})
            ),
        }

    def _text_display(self, path: Path, raw: Json) -> Json:
        content = raw.get("content")
        if self._length((*path, "content"), content, 1, MAX_TEXT, required=True):
            self._text += len(str(content))
        return {"content": content}

    def _thumbnail(self, path: Path, raw: Json) -> Json:
        return self._media_item(path, raw)

    def _gallery(self, path: Path, raw: Json) -> Json:
        items = raw.get("items")
        if not isinstance(items, list) or not 1 <= len(items) <= 10:
            message = "Must be between 1 and 10 in length."
            self.form.fail((*path, "items"), "BASE_TYPE_BAD_LENGTH", message)
            return {"items": []}
        return {
            "items": [
                self._media_item((*path, "items", index), item if isinstance(item, dict) else {})
                for index, item in enumerate(items)
            ]
        }

    def _media_item(self, path: Path, raw: Json) -> Json:
        self._length((*path, "description"), raw.get("description"), 0, 1024)
        return {
            "media": self._media((*path, "media"), raw.get("media")),
            "description": raw.get("description"),
            "spoiler": bool(raw.get("spoiler")),
        }

    def _file(self, path: Path, raw: Json) -> Json:
        media = self._media((*path, "file"), raw.get("file"))
        if "attachment_id" not in media:
            message = "A file component shows an attachment of this message."
            self.form.fail((*path, "file"), "UNFURLED_MEDIA_ATTACHMENT_REQUIRED", message)
        return {"file": media, "spoiler": bool(raw.get("spoiler"))}

    def _separator(self, path: Path, raw: Json) -> Json:
        spacing = raw.get("spacing") or 1
        if not is_whole(spacing) or spacing not in {1, 2}:
            message = "Value must be one of (1, 2)."
            self.form.fail((*path, "spacing"), "BASE_TYPE_CHOICES", message)
        return {"spacing": spacing, "divider": raw.get("divider") is not False}

    def _container(self, path: Path, raw: Json) -> Json:
        color = raw.get("accent_color")
        if color is not None and (not isinstance(color, int) or not 0 <= color <= 0xFFFFFF):
            message = "Value must be between 0 and 16777215."
            self.form.fail((*path, "accent_color"), "NUMBER_TYPE_MAX", message)
        below = (*path, "components")
        return {
            "accent_color": color,
            "spoiler": bool(raw.get("spoiler")),
            "components": self._list(
                below, raw.get("components"), IN_CONTAINER, (1, MAX_COMPONENTS)
            ),
        }

    def _media(self, path: Path, raw: Any) -> Json:
        url = raw.get("url") if isinstance(raw, dict) else None
        if not isinstance(url, str) or not 1 <= len(url) <= 2048:
            message = "Must be between 1 and 2048 in length."
            self.form.fail((*path, "url"), "BASE_TYPE_BAD_LENGTH", message)
            return {"url": "", "id": "0"}
        attachment = self._attachment(url)
        if attachment is not None:
            return {"url": url, "attachment_id": attachment.id}
        if url.startswith(SCHEME):
            message = "The referenced attachment was not found"
            self.form.fail(
                (*path, "url"), "UNFURLED_MEDIA_REFERENCED_ATTACHMENT_NOT_FOUND", message
            )
        elif not url.startswith(("http://", "https://")):
            message = "Scheme must be one of ('http', 'https', 'attachment')."
            self.form.fail((*path, "url"), "URL_TYPE_INVALID_SCHEME", message)
        return {"url": url, "id": str(self.around.ids.next())}

    def _attachment(self, url: str) -> Attachment | None:
        name = url[len(SCHEME) :] if url.startswith(SCHEME) else None
        number = None if name is not None else self.around.links.attachment_id(url)
        for attachment in self.around.attachments:
            if attachment.filename == name or attachment.id == number:
                return attachment
        return None

    def _custom_id(self, path: Path, custom_id: Any) -> None:
        where = (*path, "custom_id")
        if not self._length(where, custom_id, 1, 100, required=True):
            return
        if custom_id in self._custom_ids:
            message = "Component custom id cannot be duplicated"
            self.form.fail(where, "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        self._custom_ids.add(custom_id)

    def _length(
        self, path: Path, text: Any, least: int, most: int, *, required: bool = False
    ) -> bool:
        if text is None and not required:
            return True
        if isinstance(text, str) and least <= len(text) <= most:
            return True
        message = f"Must be between {least} and {most} in length."
        self.form.fail(path, "BASE_TYPE_BAD_LENGTH", message)
        return False


def _whole(value: Any, default: int) -> int:
    return value if is_whole(value) else default
