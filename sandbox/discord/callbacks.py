"""The body of an interaction's answer, checked against what was asked."""

from typing import Any, NamedTuple

from sandbox.discord import modals
from sandbox.discord.bodies import Body
from sandbox.discord.command_rules import CHOICE_TYPES, MAX_CHOICES, choice
from sandbox.discord.errors import INVALID_FORM, DiscordError, invalid
from sandbox.discord.forms import Form, is_whole
from sandbox.discord.models import (
    CallbackType,
    Content,
    Interaction,
    InteractionType,
    Json,
    Message,
    MessageFlag,
)
from sandbox.discord.rules import Composer

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
    """A checked answer: a message's content, or the data of a modal or of suggestions."""

    type: CallbackType
    content: Content | None = None
    data: Json | None = None


def read_callback(
    composer: Composer, interaction: Interaction, *, source: Message | None, body: Body
) -> Callback:
    """Check an answer, or raise 50035; `source` is the message whose component was pressed."""
    kind = _kind(interaction, body.payload.get("type"))
    data = body.payload.get("data") or {}
    if not isinstance(data, dict):
        raise invalid(("data",), "MODEL_TYPE_CONVERT", "Only dictionaries may be used here")
    if kind is CallbackType.DEFERRED_MESSAGE:
        hidden = _flag(data) & MessageFlag.EPHEMERAL
        return Callback(kind, Content(flags=hidden | MessageFlag.LOADING))
    if kind is CallbackType.DEFERRED_UPDATE:
        return Callback(kind)
    if kind is CallbackType.AUTOCOMPLETE:
        return Callback(kind, data=_choices(interaction, data))
    if kind is CallbackType.MODAL:
        return Callback(kind, data=modals.check(data))
    try:
        return Callback(kind, _content(composer, kind, source, Body(data, body.files)))
    except DiscordError as error:
        if error.kind is INVALID_FORM and error.errors:
            raise DiscordError(INVALID_FORM, errors={"data": error.errors}) from error
        raise


def _kind(interaction: Interaction, raw: Any) -> CallbackType:
    if not is_whole(raw) or raw not in _ALLOWED:
        named = ", ".join(str(int(each)) for each in CallbackType)
        raise invalid(("type",), "BASE_TYPE_CHOICES", f"Value must be one of ({named}).")
    kind = CallbackType(raw)
    on_message = interaction.source_message_id is not None
    updates = kind in _UPDATES
    if interaction.type not in _ALLOWED[kind] or (updates and not on_message):
        message = "Interaction callback type is invalid for this interaction"
        raise invalid(("type",), "INTERACTION_CALLBACK_TYPE_INVALID", message)
    return kind


def _content(
    composer: Composer, kind: CallbackType, source: Message | None, body: Body
) -> Content | None:
    if kind is CallbackType.MESSAGE:
        return composer.create(body)
    return composer.edit(source, body) if source is not None else None


def _flag(data: Json) -> int:
    flags = data.get("flags") or 0
    if not is_whole(flags) or not 0 <= flags < 1 << 31:
        raise invalid(("data", "flags"), "NUMBER_TYPE_COERCE", f'Value "{flags}" is not int.')
    return int(flags)


def _choices(interaction: Interaction, data: Json) -> Json:
    """Check suggestions against the option that is being typed into."""
    form = Form()
    raw = form.field(data, "data")["choices"]
    types = CHOICE_TYPES.get(_focused(interaction.data.get("options", [])), ())
    given = [] if raw.raw is None else raw.each(0, MAX_CHOICES)
    choices = [choice(each, types) for each in given]
    form.check()
    return {"choices": choices}


def _focused(options: list[Json]) -> int:
    """Return the type of the option that is being typed into, 0 when there is none."""
    for option in options:
        if option.get("focused"):
            return int(option["type"])
        if found := _focused(option.get("options", [])):
            return found
    return 0
