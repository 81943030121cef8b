"""From a request's body to the checked content of a message, new or changed."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.discord import embeds, media, snowflakes
from sandbox.discord.bodies import Body
from sandbox.discord.components import ComponentCheck, Surroundings
from sandbox.discord.errors import EMPTY_MESSAGE, TOO_LARGE, DiscordError, Form, invalid
from sandbox.discord.models import Attachment, Content, Json, Message, MessageFlag, Upload

if TYPE_CHECKING:
    from sandbox.discord.state import State

MAX_CONTENT = 2000  # documentation, "Create Message"
MAX_FILES = 10
MAX_DESCRIPTION = 1024
MAX_NONCE = 25
_MENTION = re.compile(r"<@!?(\d{1,20})>")
_SETTABLE = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.EPHEMERAL
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.COMPONENTS_V2
)


class Composer:
    """Build contents for one channel under Discord's rules; files are stored as a last step."""

    def __init__(self, state: "State", channel_id: int) -> None:
        self._state = state
        self._channel_id = channel_id

    def create(self, body: Body, *, allowed: MessageFlag = _SETTABLE) -> Content:
        """Check a new message; flags outside `allowed` are ignored, as Discord does."""
        flags = _flags(body.payload) & allowed
        return self._compose(body, Content(flags=flags), flags)

    def edit(self, message: Message, body: Body) -> Content:
        """Check a change: what the body leaves out stays, null takes away."""
        old = message.content
        kept = MessageFlag.EPHEMERAL | MessageFlag.COMPONENTS_V2
        settable = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2
        flags = old.flags & kept
        if "flags" in body.payload:
            flags |= _flags(body.payload) & settable
        else:
            flags |= old.flags & MessageFlag.SUPPRESS_EMBEDS
        return self._compose(body, old, flags)

    def _compose(self, body: Body, old: Content, flags: MessageFlag) -> Content:
        form, payload = Form(), body.payload
        text = _content(form, payload, old)
        attachments = self._attachments(form, body, old, flags)
        shown, v2 = old.embeds, MessageFlag.COMPONENTS_V2 in flags
        if "embeds" in payload:
            shown = embeds.check(form, payload["embeds"], attachments)
        components = old.components
        if "components" in payload:
            around = Surroundings(attachments, self._state.ids, self._state.links)
            components = ComponentCheck(form, around, v2).run(payload["components"] or [])
        content = Content(
            text, shown, components, attachments, flags, self._mentions(text, payload)
        )
        _whole(form, content)
        form.check()
        for attachment in attachments:
            self._state.files.keep(attachment)
        return content

    def _attachments(
        self, form: Form, body: Body, old: Content, flags: MessageFlag
    ) -> tuple[Attachment, ...]:
        if any(len(file.data) > self._state.world.attachment_limit for file in body.files.values()):
            raise DiscordError(TOO_LARGE)
        listed = body.payload.get("attachments")
        path: tuple[str | int, ...] = ("attachments",)
        if listed is not None and not _objects(listed):
            form.fail(path, "LIST_TYPE_CONVERT", "Only lists of objects may be used here")
            return ()
        kept = {each.id: each for each in old.attachments}
        found = list(kept.values()) if listed is None else []
        files = dict(body.files)
        for index, meta in enumerate(listed or ()):
            number = snowflakes.parse(meta.get("id"))
            _meta(form, (*path, index), meta)
            if number in files:
                found.append(self._new(files.pop(number), meta, flags))
            elif number in kept:
                found.append(_changed(kept.pop(number), meta))
            else:
                message = "Attachment data is not found"
                form.fail((*path, index, "id"), "ATTACHMENT_NOT_FOUND", message)
        found += [self._new(upload, {}, flags) for upload in files.values()]
        if len(found) > MAX_FILES:
            form.fail(path, "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_FILES} or fewer in length.")
        return tuple(found)

    def _new(self, upload: Upload, meta: Json, flags: MessageFlag) -> Attachment:
        name = meta.get("filename")
        if isinstance(name, str) and name:
            upload = replace(upload, filename=name)
        ephemeral = MessageFlag.EPHEMERAL in flags
        return self._state.files.make(upload, self._channel_id, ephemeral=ephemeral, meta=meta)

    def _mentions(self, text: str, payload: Json) -> tuple[int, ...]:
        allowed = payload.get("allowed_mentions")
        named = [int(each) for each in _MENTION.findall(text)]
        members = [each for each in dict.fromkeys(named) if each in self._state.world.guild.members]
        if not isinstance(allowed, dict):
            return tuple(members)
        parse, users = (_listed(allowed.get(name)) for name in ("parse", "users"))
        return tuple(each for each in members if "users" in parse or str(each) in users)


def nonce_of(payload: Json) -> str | int | None:
    """Return the nonce, or raise 50035 when it is too long or no nonce at all."""
    nonce = payload.get("nonce")
    if nonce is None or isinstance(nonce, bool):
        return None
    if isinstance(nonce, int | str) and len(str(nonce)) <= MAX_NONCE:
        return nonce
    message = f"Must be {MAX_NONCE} or fewer in length."
    raise invalid(("nonce",), "NONCE_TYPE_TOO_LONG", message)


def _content(form: Form, payload: Json, old: Content) -> str:
    if "content" not in payload:
        return old.text
    text = payload["content"]
    if text is None:
        return ""
    if isinstance(text, int | float) and not isinstance(text, bool):
        text = str(text)
    if not isinstance(text, str):
        form.fail(("content",), "STRING_TYPE_CONVERT", "Could not interpret value as string.")
        return ""
    text = text.strip()
    if len(text) > MAX_CONTENT:
        message = f"Must be {MAX_CONTENT} or fewer in length."
        form.fail(("content",), "BASE_TYPE_MAX_LENGTH", message)
    return text


def _flags(payload: Json) -> MessageFlag:
    flags = payload.get("flags") or 0
    if isinstance(flags, bool) or not isinstance(flags, int) or not 0 <= flags < 1 << 31:
        raise invalid(("flags",), "NUMBER_TYPE_COERCE", f'Value "{flags}" is not int.')
    return MessageFlag(flags & _SETTABLE)


def _whole(form: Form, content: Content) -> None:
    """Check what no single field shows."""
    if MessageFlag.COMPONENTS_V2 in content.flags:
        for name, given in (("content", content.text), ("embeds", content.embeds)):
            if given:
                message = (
                    f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                )
                form.fail((name,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message)
        if not content.components and not form.failed:
            raise DiscordError(EMPTY_MESSAGE)
    elif not form.failed and not (content.text or content.embeds or content.attachments):
        raise DiscordError(EMPTY_MESSAGE)
    ids = {attachment.id for attachment in content.attachments}
    for holder, key in () if form.failed else media.holders(content.components):
        wanted = holder[key].get("attachment_id")
        if wanted is not None and wanted not in ids:
            message = "The referenced attachment was not found"
            code = "UNFURLED_MEDIA_REFERENCED_ATTACHMENT_NOT_FOUND"
            form.fail(("components",), code, message)


def _listed(raw: Any) -> set[str]:
    return set(map(str, raw)) if isinstance(raw, list) else set()


def _objects(listed: Any) -> bool:
    return isinstance(listed, list) and all(isinstance(each, dict) for each in listed)


def _meta(form: Form, path: tuple[str | int, ...], meta: Json) -> None:
    for name in ("filename", "description", "title"):
        value = meta.get(name)
        if value is not None and (not isinstance(value, str) or len(value) > MAX_DESCRIPTION):
            message = f"Must be {MAX_DESCRIPTION} or fewer in length."
            form.fail((*path, name), "BASE_TYPE_MAX_LENGTH", message)


def _changed(attachment: Attachment, meta: Json) -> Attachment:
    if "description" in meta and meta["description"] != attachment.description:
        return replace(attachment, description=meta["description"])
    return attachment
