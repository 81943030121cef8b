"""Validation of message components, which returns them in response form."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.discord.model import snowflakes
from sandbox.discord.model.cdn_links import SignedLinks
from sandbox.discord.model.files import AttachmentStore
from sandbox.discord.model.records import Attachment, Json
from sandbox.discord.model.snowflakes import Snowflakes
from sandbox.discord.validation.component_tree import (
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
    ComponentTree,
    pick_present,
    read_emoji,
)
from sandbox.discord.validation.forms import FormField
from sandbox.discord.validation.media import SCHEME, describe_size

IN_CONTAINER = frozenset({ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR})
TOP_LEVEL = IN_CONTAINER | {CONTAINER}

# Documentation, "Component Reference".
MAX_ROWS = 5
MAX_COLOR = 0xFFFFFF
LINK, PREMIUM = 5, 6


@dataclass(frozen=True, slots=True)
class ComponentContext:
    """What components may reference: the message's files and all stored files."""

    attachments: tuple[Attachment, ...]
    files: AttachmentStore
    ids: Snowflakes
    links: SignedLinks

    def find_attachment(self, url: str) -> Attachment | None:
        """Return the file that an attachment:// URL or one of our own links refers to."""
        name = url[len(SCHEME) :] if url.startswith(SCHEME) else None
        number = None if name is not None else self.links.parse_attachment_id(url)
        for attachment in self.attachments:
            if attachment.filename == name or attachment.id == number:
                return attachment
        return None


@dataclass(slots=True)
class ComponentCheck(ComponentTree):
    context: ComponentContext = field(kw_only=True)
    v2: bool = field(kw_only=True)

    def run(self, components: FormField) -> tuple[Json, ...]:
        if self.v2:
            return self._check_tree(components, TOP_LEVEL, maximum=MAX_COMPONENTS)
        return self._check_tree(components, frozenset({ROW}), maximum=MAX_ROWS)

    def _find_check(self, kind: int) -> Callable[[FormField], Json]:
        if kind in SELECTS:
            return self._check_select
        return {
            ROW: self._check_row,
            BUTTON: self._check_button,
            SECTION: self._check_section,
            TEXT: self._check_text_display,
            THUMBNAIL: self._check_media_item,
            GALLERY: self._check_gallery,
            FILE: self._check_file,
            SEPARATOR: self._check_separator,
            CONTAINER: self._check_container,
        }[kind]

    def _check_row(self, raw: FormField) -> Json:
        below = self._check_list(raw["components"].read_list(1, 5), SELECTS | {BUTTON})
        if len(below) > 1 and any(child["type"] in SELECTS for child in below):
            message = "A select menu fills its row."
            raw["components"].add_error("COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)
        return {"components": below}

    def _check_button(self, raw: FormField) -> Json:
        raw["style"].check_choice(1, 2, 3, 4, LINK, PREMIUM)
        style = raw["style"].raw
        if style == LINK:
            self._check_link(raw)
        elif style == PREMIUM:
            self._check_premium(raw)
        else:
            self._check_custom_id(raw["custom_id"])
        symbol = read_emoji(raw)
        if not raw["label"].raw and not symbol and style != PREMIUM:
            raw.add_error(
                "BUTTON_COMPONENT_INVALID_LABEL", "Buttons must have a label or an emoji."
            )
        raw["label"].check_text(0, 80)
        own = pick_present(raw, "style", "custom_id", "url", "label", "sku_id")
        return own | symbol | ({"disabled": True} if raw["disabled"].raw else {})

    def _check_link(self, raw: FormField) -> None:
        if not raw["url"].check_text(1, 512, required=True) or raw["custom_id"].raw is not None:
            message = "A link button has a url and no custom id."
            raw.add_error("BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)
        elif not raw["url"].raw.startswith(("http://", "https://", "discord://")):
            message = "Scheme must be one of ('http', 'https', 'discord')."
            raw["url"].add_error("URL_TYPE_INVALID_SCHEME", message)

    def _check_premium(self, raw: FormField) -> None:
        sku = snowflakes.parse_snowflake(raw["sku_id"].raw)
        if sku is None or any(raw[name].raw is not None for name in ("custom_id", "label", "url")):
            message = "A premium button has a sku_id and nothing else."
            raw.add_error("BUTTON_COMPONENT_PREMIUM_INVALID", message)

    def _check_section(self, raw: FormField) -> Json:
        return {
            "components": self._check_list(raw["components"].read_list(1, 3), frozenset({TEXT})),
            "accessory": self._check_component(raw["accessory"], frozenset({BUTTON, THUMBNAIL})),
        }

    def _check_gallery(self, raw: FormField) -> Json:
        return {"items": [self._check_media_item(item) for item in raw["items"].read_list(1, 10)]}

    def _check_media_item(self, raw: FormField) -> Json:
        raw["description"].check_text(0, 1024)
        return {
            "media": self._read_media(raw["media"]),
            "description": raw["description"].raw,
            "spoiler": bool(raw["spoiler"].raw),
        }

    def _check_file(self, raw: FormField) -> Json:
        media = self._read_media(raw["file"])
        if "attachment_id" not in media:
            message = "A file component shows an attachment of this message."
            raw["file"].add_error("UNFURLED_MEDIA_ATTACHMENT_REQUIRED", message)
        return {"file": media, "spoiler": bool(raw["spoiler"].raw)}

    def _check_separator(self, raw: FormField) -> Json:
        raw["spacing"].check_number(1, 2)
        return {"spacing": raw["spacing"].raw or 1, "divider": raw["divider"].raw is not False}

    def _check_container(self, raw: FormField) -> Json:
        raw["accent_color"].check_number(0, MAX_COLOR)
        return {
            "accent_color": raw["accent_color"].raw,
            "spoiler": bool(raw["spoiler"].raw),
            "components": self._check_list(
                raw["components"].read_list(1, MAX_COMPONENTS), IN_CONTAINER
            ),
        }

    def _read_media(self, raw: FormField) -> Json:
        """Return media as stored: with its attachment's id, or an id of its own."""
        url = raw["url"]
        if not url.check_text(1, 2048, required=True):
            return {"url": "", "id": "0"}
        attachment = self.context.find_attachment(url.raw)
        if attachment is not None:
            return {"url": url.raw, "attachment_id": attachment.id}
        if url.raw.startswith(SCHEME):
            code = "UNFURLED_MEDIA_REFERENCED_ATTACHMENT_NOT_FOUND"
            url.add_error(code, "The referenced attachment was not found")
        elif not url.raw.startswith(("http://", "https://")):
            message = "Scheme must be one of ('http', 'https', 'attachment')."
            url.add_error("URL_TYPE_INVALID_SCHEME", message)
        media = {"url": url.raw, "id": str(self.context.ids.make_id())}
        other = self.context.files.find(self.context.links.parse_attachment_id(url.raw))
        return media | (describe_size(other) if other else {})
