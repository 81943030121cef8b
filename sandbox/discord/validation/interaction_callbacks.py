"""Validation of interaction callbacks."""

from typing import Any, NamedTuple

from sandbox.discord.model.errors import INVALID_FORM, DiscordError, build_field_error
from sandbox.discord.model.records import (
    CallbackType,
    Content,
    Interaction,
    InteractionType,
    Json,
    Message,
    MessageFlag,
)
from sandbox.discord.validation import modals
from sandbox.discord.validation.commands import CHOICE_TYPES, MAX_CHOICES, read_choice
from sandbox.discord.validation.forms import Form, is_whole
from sandbox.discord.validation.message_content import MessageComposer
from sandbox.discord.validation.request_bodies import Body

_ANY = frozenset(InteractionType) - {InteractionType.AUTOCOMPLETE}
_ON_MESSAGES = frozenset({InteractionType.COMPONENT, InteractionType.MODAL})
_UPDATES = frozenset({CallbackType.DEFERRED_UPDATE, CallbackType.UPDATE})
_ALLOWED = {
    CallbackType.MESSAGE: _ANY,
    CallbackType.DEFERRED_MESSAGE: _ANY,
    CallbackType.DEFERRED_UPDATE: _ON_MESSAGES,
    CallbackType.UPDATE: _ON_MESSAGES,
    CallbackType.AUTOCOMPLETE: frozenset({InteractionType.AUTOCOMPLETE}),
    CallbackType.MODAL: _ANY - {InteractionType.MODAL},
}


class Callback(NamedTuple):
    """A valid callback: a message's content, or a modal's or suggestions' data."""

    type: CallbackType
    content: Content | None = None
    data: Json | None = None


def read_callback(
    composer: MessageComposer, interaction: Interaction, *, source: Message | None, body: Body
) -> Callback:
    """Validate a callback; raise 50035 if invalid. `source` is the clicked component's message."""
    kind = _read_type(interaction, body.payload.get("type"))
    data = body.payload.get("data") or {}
    if not isinstance(data, dict):
        raise build_field_error(
            ("data",), "MODEL_TYPE_CONVERT", "Only dictionaries may be used here"
        )
    if kind is CallbackType.DEFERRED_MESSAGE:
        hidden = _read_flags(data) & MessageFlag.EPHEMERAL
        return Callback(kind, Content(flags=hidden | MessageFlag.LOADING))
    if kind is CallbackType.DEFERRED_UPDATE:
        return Callback(kind)
    if kind is CallbackType.AUTOCOMPLETE:
        return Callback(kind, data=_read_choices(interaction, data))
    if kind is CallbackType.MODAL:
        return Callback(kind, data=modals.check_modal(data))
    try:
        return Callback(kind, _read_content(composer, kind, source, Body(data, body.files)))
    except DiscordError as error:
        if error.kind is INVALID_FORM and error.errors:
            raise DiscordError(INVALID_FORM, errors={"data": error.errors}) from error
        raise


def _read_type(interaction: Interaction, raw: Any) -> CallbackType:
    if not is_whole(raw) or raw not in _ALLOWED:
        kinds = ", ".join(str(int(each)) for each in CallbackType)
        raise build_field_error(("type",), "BASE_TYPE_CHOICES", f"Value must be one of ({kinds}).")
    kind = CallbackType(raw)
    on_message = interaction.source_message_id is not None
    updates = kind in _UPDATES
    if interaction.type not in _ALLOWED[kind] or (updates and not on_message):
        message = "Interaction callback type is invalid for this interaction"
        raise build_field_error(("type",), "INTERACTION_CALLBACK_TYPE_INVALID", message)
    return kind


def _read_content(
    composer: MessageComposer, kind: CallbackType, source: Message | None, body: Body
) -> Content | None:
    if kind is CallbackType.MESSAGE:
        return composer.compose_new(body)
    return composer.compose_edit(source, body) if source is not None else None


def _read_flags(data: Json) -> int:
    flags = data.get("flags") or 0
    if not is_whole(flags) or not 0 <= flags < 1 << 31:
        raise build_field_error(
            ("data", "flags"), "NUMBER_TYPE_COERCE", f'Value "{flags}" is not int.'
        )
    return int(flags)


def _read_choices(interaction: Interaction, data: Json) -> Json:
    """Validate suggestions against the focused option."""
    form = Form()
    raw = form.field(data, "data")["choices"]
    types = CHOICE_TYPES.get(_find_focused_type(interaction.data.get("options", [])), ())
    given = [] if raw.raw is None else raw.read_list(0, MAX_CHOICES)
    choices = [read_choice(each, types) for each in given]
    form.raise_errors()
    return {"choices": choices}


def _find_focused_type(options: list[Json]) -> int:
    """Return the focused option's type, or 0 without one."""
    for option in options:
        if option.get("focused"):
            return int(option["type"])
        if found := _find_focused_type(option.get("options", [])):
            return found
    return 0
