"""Components of a message: checked against Discord's rules and put into the response's shape."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.discord.forms import Field, is_whole
from sandbox.discord.media import SCHEME
from sandbox.discord.models import Attachment, Json

if TYPE_CHECKING:
    from sandbox.discord.cdn import Links
    from sandbox.discord.snowflakes import Snowflakes

ROW, BUTTON, SELECT, SECTION, TEXT = 1, 2, 3, 9, 10
THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 11, 12, 13, 14, 17
SELECTS = frozenset({3, 5, 6, 7, 8})
IN_CONTAINER = frozenset({ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR})
TOP_LEVEL = IN_CONTAINER | {CONTAINER}

# Documentation, "Component Reference".
MAX_COMPONENTS = 40
MAX_TEXT = 4000
MAX_ROWS = 5
MAX_COLOR = 0xFFFFFF
LINK, PREMIUM = 5, 6


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What components may refer to: the message's files, and the maker of ids and links."""

    attachments: tuple[Attachment, ...]
    ids: "Snowflakes"
    links: "Links"

    def named(self, url: str) -> Attachment | None:
        """Find the file that attachment://, or one of our own links, stands for."""
        name = url[len(SCHEME) :] if url.startswith(SCHEME) else None
        number = None if name is not None else self.links.attachment_id(url)
        for attachment in self.attachments:
            if attachment.filename == name or attachment.id == number:
                return attachment
        return None


@dataclass(slots=True)
class ComponentCheck:
    """Walk a tree once: collect faults, count, give ids, return the response's shape."""

    around: Surroundings
    v2: bool
    _count: int = 0
    _text: int = 0
    _custom_ids: set[str] = field(default_factory=set)
    _ids: set[int] = field(default_factory=set)

    def run(self, components: Field) -> tuple[Json, ...]:
        allowed = TOP_LEVEL if self.v2 else frozenset({ROW})
        each = components.each(0, MAX_COMPONENTS if self.v2 else MAX_ROWS)
        checked = self._list(each, allowed)
        self._number(checked, itertools.count(1))
        if self._count > MAX_COMPONENTS:
            message = f"Total number of components must be {MAX_COMPONENTS} or fewer."
            components.fail("COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message)
        if self._text > MAX_TEXT:
            message = f"Displayable text must be {MAX_TEXT} or fewer in length."
            components.fail("COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
        return tuple(checked)

    def _list(self, components: list[Field], allowed: frozenset[int]) -> list[Json]:
        checked = (self._one(component, allowed) for component in components)
        return [component for component in checked if component]

    def _one(self, raw: Field, allowed: frozenset[int]) -> Json:
        if not raw["type"].choice(*sorted(allowed)):
            return {}
        self._count += 1
        own = {"type": raw["type"].raw, "id": self._id(raw["id"])}
        return own | self._check(own["type"])(raw)

    def _check(self, kind: int) -> Callable[[Field], Json]:
        if kind in SELECTS:
            return self._select
        return {
            ROW: self._row,
            BUTTON: self._button,
            SECTION: self._section,
            TEXT: self._text_display,
            THUMBNAIL: self._media_item,
            GALLERY: self._gallery,
            FILE: self._file,
            SEPARATOR: self._separator,
            CONTAINER: self._container,
        }[kind]

    def _id(self, raw: Field) -> int:
        """Return the id that was asked for; 0 leaves the choice to `_number`."""
        wanted = raw.raw or 0
        if not is_whole(wanted) or wanted < 0 or wanted in self._ids:
            raw.fail("COMPONENT_DUPLICATE_ID", "Component id must be unique.")
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

    def _row(self, raw: Field) -> Json:
        below = self._list(raw["components"].each(1, 5), SELECTS | {BUTTON})
        if len(below) > 1 and any(child["type"] in SELECTS for child in below):
            message = "A select menu fills its row."
            raw["components"].fail("COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)
        return {"components": below}

    def _button(self, raw: Field) -> Json:
        raw["style"].choice(1, 2, 3, 4, LINK, PREMIUM)
        style = raw["style"].raw
        if style == LINK:
            if not raw["url"].text(1, 512, required=True) or raw["custom_id"].raw is not None:
                message = "A link button has a url and no custom id."
                raw.fail("BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)
        elif style != PREMIUM:
            self._custom_id(raw["custom_id"])
        emoji = raw["emoji"].raw
        if raw["label"].raw is None and emoji is None and style != PREMIUM:
            raw.fail("BUTTON_COMPONENT_INVALID_LABEL", "Buttons must have a label or an emoji.")
        raw["label"].text(0, 80)
        given = _given(raw, "style", "custom_id", "url", "label", "sku_id")
        if isinstance(emoji, dict):
            given["emoji"] = {key: value for key, value in emoji.items() if value is not None}
        return given | ({"disabled": True} if raw["disabled"].raw else {})

    def _select(self, raw: Field) -> Json:
        self._custom_id(raw["custom_id"])
        raw["placeholder"].text(0, 150)
        raw["min_values"].number(0, 25)
        raw["max_values"].number(1, 25)
        own = {"min_values": 1, "max_values": 1}
        own |= _given(raw, "custom_id", "placeholder", "min_values", "max_values")
        if raw["disabled"].raw:
            own["disabled"] = True
        if raw["type"].raw != SELECT:
            return own | _given(raw, "default_values", "channel_types")
        for option in raw["options"].each(1, 25):
            option["label"].text(1, 100, required=True)
            option["value"].text(1, 100, required=True)
        return own | {"options": raw["options"].raw}

    def _section(self, raw: Field) -> Json:
        return {
            "components": self._list(raw["components"].each(1, 3), frozenset({TEXT})),
            "accessory": self._one(raw["accessory"], frozenset({BUTTON, THUMBNAIL})),
        }

    def _text_display(self, raw: Field) -> Json:
        content = raw["content"]
        if content.text(1, MAX_TEXT, required=True):
            self._text += len(content.raw)
        return {"content": content.raw}

    def _gallery(self, raw: Field) -> Json:
        return {"items": [self._media_item(item) for item in raw["items"].each(1, 10)]}

    def _media_item(self, raw: Field) -> Json:
        raw["description"].text(0, 1024)
        return {
            "media": self._media(raw["media"]),
            "description": raw["description"].raw,
            "spoiler": bool(raw["spoiler"].raw),
        }

    def _file(self, raw: Field) -> Json:
        media = self._media(raw["file"])
        if "attachment_id" not in media:
            message = "A file component shows an attachment of this message."
            raw["file"].fail("UNFURLED_MEDIA_ATTACHMENT_REQUIRED", message)
        return {"file": media, "spoiler": bool(raw["spoiler"].raw)}

    def _separator(self, raw: Field) -> Json:
        raw["spacing"].number(1, 2)
        return {"spacing": raw["spacing"].raw or 1, "divider": raw["divider"].raw is not False}

    def _container(self, raw: Field) -> Json:
        raw["accent_color"].number(0, MAX_COLOR)
        return {
            "accent_color": raw["accent_color"].raw,
            "spoiler": bool(raw["spoiler"].raw),
            "components": self._list(raw["components"].each(1, MAX_COMPONENTS), IN_CONTAINER),
        }

    def _media(self, raw: Field) -> Json:
        """Return the media as it is stored: with the file it means, or an id of its own."""
        url = raw["url"]
        if not url.text(1, 2048, required=True):
            return {"url": "", "id": "0"}
        attachment = self.around.named(url.raw)
        if attachment is not None:
            return {"url": url.raw, "attachment_id": attachment.id}
        if url.raw.startswith(SCHEME):
            code = "UNFURLED_MEDIA_REFERENCED_ATTACHMENT_NOT_FOUND"
            url.fail(code, "The referenced attachment was not found")
        elif not url.raw.startswith(("http://", "https://")):
            message = "Scheme must be one of ('http', 'https', 'attachment')."
            url.fail("URL_TYPE_INVALID_SCHEME", message)
        return {"url": url.raw, "id": str(self.around.ids.next())}

    def _custom_id(self, raw: Field) -> None:
        if not raw.text(1, 100, required=True):
            return
        if raw.raw in self._custom_ids:
            message = "Component custom id cannot be duplicated"
            raw.fail("COMPONENT_CUSTOM_ID_DUPLICATED", message)
        self._custom_ids.add(raw.raw)


def _given(raw: Field, *names: str) -> Json:
    return {name: raw[name].raw for name in names if raw[name].raw is not None}
