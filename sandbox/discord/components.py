"""Components of a message: checked against Discord's rules and put into the response's shape."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.discord import snowflakes
from sandbox.discord.cdn_links import Links
from sandbox.discord.component_tree import (
    BUTTON,
    CONTAINER,
    FILE,
    GALLERY,
    MAX_COMPONENTS,
    ROW,
    SECTION,
    SELECTS,
    SEPARATOR,
    TEXT,
    THUMBNAIL,
    Tree,
    emoji,
    given,
)
from sandbox.discord.files import FileStore
from sandbox.discord.forms import Field
from sandbox.discord.media import SCHEME, sizes
from sandbox.discord.models import Attachment, Json
from sandbox.discord.snowflakes import Snowflakes

IN_CONTAINER = frozenset({ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR})
TOP_LEVEL = IN_CONTAINER | {CONTAINER}

# Documentation, "Component Reference".
MAX_ROWS = 5
MAX_COLOR = 0xFFFFFF
LINK, PREMIUM = 5, 6


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What components may refer to: the message's files, all files, the maker of ids and links."""

    attachments: tuple[Attachment, ...]
    files: FileStore
    ids: Snowflakes
    links: Links

    def named(self, url: str) -> Attachment | None:
        """Find the file that attachment://, or one of our own links, stands for."""
        name = url[len(SCHEME) :] if url.startswith(SCHEME) else None
        number = None if name is not None else self.links.attachment_id(url)
        for attachment in self.attachments:
            if attachment.filename == name or attachment.id == number:
                return attachment
        return None


@dataclass(slots=True)
class ComponentCheck(Tree):
    """Check the components of a message."""

    around: Surroundings = field(kw_only=True)
    v2: bool = field(kw_only=True)

    def run(self, components: Field) -> tuple[Json, ...]:
        if self.v2:
            return self._walk(components, TOP_LEVEL, most=MAX_COMPONENTS)
        return self._walk(components, frozenset({ROW}), most=MAX_ROWS)

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
            self._link(raw)
        elif style == PREMIUM:
            self._premium(raw)
        else:
            self._custom_id(raw["custom_id"])
        symbol = emoji(raw)
        if not raw["label"].raw and not symbol and style != PREMIUM:
            raw.fail("BUTTON_COMPONENT_INVALID_LABEL", "Buttons must have a label or an emoji.")
        raw["label"].text(0, 80)
        own = given(raw, "style", "custom_id", "url", "label", "sku_id")
        return own | symbol | ({"disabled": True} if raw["disabled"].raw else {})

    def _link(self, raw: Field) -> None:
        if not raw["url"].text(1, 512, required=True) or raw["custom_id"].raw is not None:
            message = "A link button has a url and no custom id."
            raw.fail("BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)
        elif not raw["url"].raw.startswith(("http://", "https://", "discord://")):
            message = "Scheme must be one of ('http', 'https', 'discord')."
            raw["url"].fail("URL_TYPE_INVALID_SCHEME", message)

    def _premium(self, raw: Field) -> None:
        sku = snowflakes.parse(raw["sku_id"].raw)
        if sku is None or any(raw[name].raw is not None for name in ("custom_id", "label", "url")):
            message = "A premium button has a sku_id and nothing else."
            raw.fail("BUTTON_COMPONENT_PREMIUM_INVALID", message)

    def _section(self, raw: Field) -> Json:
        return {
            "components": self._list(raw["components"].each(1, 3), frozenset({TEXT})),
            "accessory": self._one(raw["accessory"], frozenset({BUTTON, THUMBNAIL})),
        }

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
        media = {"url": url.raw, "id": str(self.around.ids.next())}
        other = self.around.files.find(self.around.links.attachment_id(url.raw))
        return media | (sizes(other) if other else {})
