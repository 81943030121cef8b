"""Message content from request bodies, validated, for new and edited messages."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Protocol

from sandbox.discord.model import snowflakes
from sandbox.discord.model.cdn_links import SignedLinks
from sandbox.discord.model.errors import (
    BLOCKED,
    EMPTY_MESSAGE,
    TOO_LARGE,
    DiscordError,
    build_field_error,
)
from sandbox.discord.model.files import AttachmentStore
from sandbox.discord.model.records import Attachment, Content, Json, Message, MessageFlag, Upload
from sandbox.discord.model.seed_data import World
from sandbox.discord.model.snowflakes import Snowflakes
from sandbox.discord.validation import embeds, media
from sandbox.discord.validation.components import ComponentCheck, ComponentContext
from sandbox.discord.validation.forms import Form, FormField, is_whole
from sandbox.discord.validation.request_bodies import Body

MAX_CONTENT = 2000  # documentation, "Create Message"
MAX_FILES = 10
MAX_DESCRIPTION = 1024
MAX_NONCE = 25
_TEXT = 10  # documentation, "Component Types": Text Display
_MENTION = re.compile(r"<@!?(\d{1,20})>")
_SETTABLE = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.EPHEMERAL
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.COMPONENTS_V2
)
_UNCHANGEABLE = MessageFlag.EPHEMERAL | MessageFlag.COMPONENTS_V2
_EDITABLE = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2
_LASTING = _UNCHANGEABLE | _EDITABLE  # flags kept by an edit; the first edit ends LOADING


class Resources(Protocol):
    """What content is validated against; `state.State` implements it."""

    world: World
    ids: Snowflakes
    files: AttachmentStore
    links: SignedLinks


class MessageComposer:
    """Build validated content for one channel; files are stored last."""

    def __init__(self, resources: Resources, channel_id: int) -> None:
        self._resources = resources
        self._channel_id = channel_id

    def compose_new(self, body: Body, *, allowed: int = _SETTABLE) -> Content:
        """Validate a new message; flags outside `allowed` are ignored, as on Discord."""
        flags = _read_flags(body.payload) & allowed
        return self._compose_content(body, Content(flags=flags), flags=flags)

    def compose_edit(self, message: Message, body: Body) -> Content:
        """Validate an edit: omitted fields stay, null removes."""
        old = message.content
        if "flags" in body.payload:
            flags = old.flags & _UNCHANGEABLE | _read_flags(body.payload) & _EDITABLE
        else:
            flags = old.flags & _LASTING
        return self._compose_content(body, old, flags=flags)

    def _compose_content(self, body: Body, old: Content, *, flags: int) -> Content:
        form, payload = Form(), body.payload
        fields = form.field(payload)
        text = _read_content(fields["content"]) if "content" in payload else old.text
        attachments = self._build_attachments(fields["attachments"], body, old=old, flags=flags)
        shown, components = old.embeds, old.components
        if "embeds" in payload:
            shown = embeds.check_embeds(fields["embeds"], attachments)
        if "components" in payload:
            around = ComponentContext(
                attachments, self._resources.files, self._resources.ids, self._resources.links
            )
            checking = ComponentCheck(context=around, v2=flags & MessageFlag.COMPONENTS_V2 != 0)
            given = payload["components"]
            components = checking.run(fields["components"]) if given is not None else ()
        mentions = self._find_mentions("\n".join([text, *_iter_texts(components)]), payload)
        content = Content(text, shown, components, attachments, flags, mentions)
        _check_content(fields, content)
        form.raise_errors()
        self._check_automod(content)
        # Stored only when all is valid: a refused message must leave no files behind.
        for attachment in attachments:
            self._resources.files.save(attachment)
        return content

    def _check_automod(self, content: Content) -> None:
        """Refuse words that AutoMod blocks, anywhere in the message."""
        words = self._resources.world.blocked_words
        if not words:
            return
        written = json.dumps([content.text, content.embeds, content.components], ensure_ascii=False)
        if any(word.lower() in written.lower() for word in words):
            raise DiscordError(BLOCKED)

    def _build_attachments(
        self, listed: FormField, body: Body, *, old: Content, flags: int
    ) -> tuple[Attachment, ...]:
        """Return the message's files: the old ones that stay, then the new ones."""
        if any(
            len(file.data) > self._resources.world.attachment_limit for file in body.files.values()
        ):
            raise DiscordError(TOO_LARGE)
        ephemeral = flags & MessageFlag.EPHEMERAL != 0
        kept = {each.id: each for each in old.attachments}
        files = dict(body.files)
        found = []
        for entry in [] if listed.raw is None else listed.read_list(0, MAX_FILES):
            number = snowflakes.parse_snowflake(entry["id"].raw)
            _check_meta(entry)
            if number in files:
                found.append(
                    self._build_attachment(files.pop(number), entry.raw, ephemeral=ephemeral)
                )
            elif number in kept:
                found.append(_update_attachment(kept.pop(number), entry.raw))
            else:
                entry["id"].add_error("ATTACHMENT_NOT_FOUND", "Attachment data is not found")
        if listed.raw is None:
            found += kept.values()
        found += [
            self._build_attachment(upload, {}, ephemeral=ephemeral) for upload in files.values()
        ]
        if len(found) > MAX_FILES:
            listed.add_error("BASE_TYPE_MAX_LENGTH", f"Must be {MAX_FILES} or fewer in length.")
        return tuple(found)

    def _build_attachment(self, upload: Upload, meta: Json, *, ephemeral: bool) -> Attachment:
        name = meta.get("filename")
        if isinstance(name, str) and name:
            upload = replace(upload, filename=name)
        return self._resources.files.build_attachment(
            upload, self._channel_id, ephemeral=ephemeral, meta=meta
        )

    def _find_mentions(self, text: str, payload: Json) -> tuple[int, ...]:
        allowed = payload.get("allowed_mentions")
        ids = [int(each) for each in _MENTION.findall(text)]
        members = [each for each in dict.fromkeys(ids) if each in self._resources.world.people]
        if not isinstance(allowed, dict):
            return tuple(members)
        parse, users = (_read_file_ids(allowed.get(name)) for name in ("parse", "users"))
        return tuple(each for each in members if "users" in parse or str(each) in users)


def _iter_texts(components: Iterable[Json]) -> Iterator[str]:
    """Yield the texts of components, in which mentions work as in content."""
    for component in components:
        if component["type"] == _TEXT and isinstance(component["content"], str):
            yield component["content"]
        yield from _iter_texts(component.get("components", ()))


def read_nonce(payload: Json) -> str | int | None:
    """Return the nonce, or None if there is none; raise 50035 when it is too long."""
    nonce = payload.get("nonce")
    if nonce is None or isinstance(nonce, bool):
        return None
    if isinstance(nonce, int | str) and len(str(nonce)) <= MAX_NONCE:
        return nonce
    message = f"Must be {MAX_NONCE} or fewer in length."
    raise build_field_error(("nonce",), "NONCE_TYPE_TOO_LONG", message)


def _read_content(raw: FormField) -> str:
    text = raw.raw
    if isinstance(text, int | float) and not isinstance(text, bool):
        return str(text)
    if text is None:
        return ""
    if not isinstance(text, str):
        raw.add_error("STRING_TYPE_CONVERT", "Could not interpret value as string.")
        return ""
    raw.form.field(text.strip(), *raw.path).check_text(0, MAX_CONTENT)
    return text.strip()


def _read_flags(payload: Json) -> int:
    flags = payload.get("flags") or 0
    if not is_whole(flags) or not 0 <= flags < 1 << 31:
        raise build_field_error(("flags",), "NUMBER_TYPE_COERCE", f'Value "{flags}" is not int.')
    return int(flags) & _SETTABLE


def _check_content(fields: FormField, content: Content) -> None:
    """Validate what depends on several fields."""
    form = fields.form
    if content.flags & MessageFlag.COMPONENTS_V2:
        filled = bool(content.components)
        for name, given in (("content", content.text), ("embeds", content.embeds)):
            if given:
                code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
                message = f"The '{name}' field cannot be used with MessageFlags.IS_COMPONENTS_V2"
                fields[name].add_error(code, message)
    else:
        filled = bool(content.text or content.embeds or content.attachments)
    if form.has_errors:
        return
    if not filled:
        raise DiscordError(EMPTY_MESSAGE)
    ids = {attachment.id for attachment in content.attachments}
    for holder, key in media.find_media_holders(content.components):
        if holder[key].get("attachment_id") not in ids | {None}:
            code = "UNFURLED_MEDIA_REFERENCED_ATTACHMENT_NOT_FOUND"
            fields["components"].add_error(code, "The referenced attachment was not found")


def _read_file_ids(raw: Any) -> set[str]:
    return set(map(str, raw)) if isinstance(raw, list) else set()


def _check_meta(entry: FormField) -> None:
    if entry.is_object():
        for name in ("filename", "description", "title"):
            entry[name].check_text(0, MAX_DESCRIPTION)
        if not isinstance(entry["is_spoiler"].raw, bool | None):
            entry["is_spoiler"].add_error("BOOLEAN_TYPE_CONVERT", "Must be either true or false.")


def _update_attachment(attachment: Attachment, meta: Json) -> Attachment:
    if "description" in meta and meta["description"] != attachment.description:
        return attachment._replace(description=meta["description"])
    return attachment
