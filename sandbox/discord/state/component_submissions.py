"""Component clicks and modal submissions, validated against what the bot sent."""

from typing import TYPE_CHECKING, Any

from sandbox.discord.model import snowflakes
from sandbox.discord.model.errors import (
    UNKNOWN_INTERACTION,
    UNKNOWN_MESSAGE,
    DiscordError,
    build_field_error,
)
from sandbox.discord.model.records import CallbackType, Json, Message
from sandbox.discord.state.invocations import Invocation, PreparedInvocation
from sandbox.discord.state.resolved_data import Resolver
from sandbox.discord.validation.component_tree import (
    BUTTON,
    CHANNEL_SELECT,
    CHECKBOX,
    FILE_UPLOAD,
    LABEL,
    MENTIONABLE_SELECT,
    RADIO_GROUP,
    ROLE_SELECT,
    ROW,
    TEXT,
    TEXT_INPUT,
    USER_SELECT,
    iter_components,
)
from sandbox.discord.validation.forms import Form, FormField
from sandbox.discord.validation.option_values import OptionKind

if TYPE_CHECKING:
    from sandbox.discord.state.state import State

_SELECT_KINDS = {
    USER_SELECT: OptionKind.USER,
    ROLE_SELECT: OptionKind.ROLE,
    MENTIONABLE_SELECT: OptionKind.MENTIONABLE,
    CHANNEL_SELECT: OptionKind.CHANNEL,
    FILE_UPLOAD: OptionKind.ATTACHMENT,
}
_SUBMITTED = (CHECKBOX, RADIO_GROUP, TEXT_INPUT)  # these have one `value`, the others `values`


def prepare_component_use(state: "State", invocation: Invocation) -> PreparedInvocation:
    """Validate the use of a message component; raise DiscordError if invalid."""
    message = state.messages.find(invocation.message_id)
    if message is None or message.channel_id != invocation.channel_id:
        raise DiscordError(UNKNOWN_MESSAGE)
    if message.audience is not None and invocation.user_id not in message.audience:
        raise DiscordError(UNKNOWN_MESSAGE)
    data = _check_component(state, invocation, message)
    return PreparedInvocation(data, _find_owners(state, message), message_id=message.id)


def _find_owners(state: "State", message: Message) -> dict[str, str]:
    """Return the installation a message belongs to: its command's, else the guild's."""
    origin = state.interactions.find(message.interaction_id)
    if origin is not None and origin.owners:
        return origin.owners
    return {"0": str(state.get_channel(message.channel_id).guild_id or 0)}


def _check_component(state: "State", invocation: Invocation, message: Message) -> Json:
    custom_id = invocation.data.get("custom_id")
    if invocation.forged:
        found: Json = {"type": invocation.data.get("component_type", BUTTON), "id": 1}
        return _find_component(custom_id, found) | {"values": invocation.data.get("values", [])}
    every = iter_components(message.content.components)
    found = next((each for each in every if each.get("custom_id") == custom_id), {})
    if custom_id is None or not found or found.get("disabled"):
        raise build_field_error(
            ("data", "custom_id"), "COMPONENT_VALIDATION_FAILED", "Not on this message"
        )
    if found["type"] == BUTTON:
        return _find_component(custom_id, found)
    form, resolver = Form(), Resolver(state, invocation)
    values = _check_values(form.field(invocation.data, "data")["values"], found, resolver)
    form.raise_errors()
    return _find_component(custom_id, found) | {"values": values} | resolver.build_result()


def prepare_modal_submission(state: "State", invocation: Invocation) -> PreparedInvocation:
    """Validate a modal submission against the modal shown; raise DiscordError if invalid."""
    source = state.interactions.get(snowflakes.parse_snowflake(invocation.data.get("id")))
    modal = source.callback_data
    if source.callback is not CallbackType.MODAL or modal is None:
        raise DiscordError(UNKNOWN_INTERACTION)
    if source.user_id != invocation.user_id or source.channel_id != invocation.channel_id:
        raise DiscordError(UNKNOWN_INTERACTION)
    given = _find_submitted(invocation.data.get("components"))
    form, resolver = Form(), Resolver(state, invocation)
    filled = [
        _check_field(each, form.field(given, "data", "components"), resolver)
        for each in modal["components"]
    ]
    form.raise_errors()
    # Files get their ids only now, when nothing can be refused any more.
    real = resolver.store_files()
    for each in iter_components(filled):
        if each["type"] == FILE_UPLOAD:
            each["values"] = [real[value] for value in each["values"]]
    data = {"custom_id": modal["custom_id"], "components": filled} | resolver.build_result()
    return PreparedInvocation(data, source.owners, source.source_message_id, source.id)


def _find_component(custom_id: Any, found: Json) -> Json:
    return {"component_type": found["type"], "custom_id": custom_id, "id": found["id"]}


def _find_submitted(submitted: Any) -> dict[str, Json]:
    """Map custom ids to the submitted fields, at any depth."""
    found: dict[str, Json] = {}
    # A loop, not a recursion: hostile input may be nested deeply.
    waiting = [submitted]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            if isinstance(part.get("custom_id"), str):
                found[part["custom_id"]] = part
            waiting += [part.get("components"), part.get("component")]
    return found


def _check_field(shown: Json, given: FormField, resolver: Resolver) -> Json:
    """Return one component of the submission in the form that the bot gets."""
    own = {"type": shown["type"], "id": shown["id"]}
    if shown["type"] == TEXT:
        return own
    if shown["type"] == ROW:
        below = [_check_field(each, given, resolver) for each in shown["components"]]
        return own | {"components": below}
    if shown["type"] == LABEL:
        return own | {"component": _check_field(shown["component"], given, resolver)}
    own["custom_id"] = shown["custom_id"]
    entry = given[shown["custom_id"]]
    if shown["type"] not in _SUBMITTED:
        return own | {"values": _check_values(entry["values"], shown, resolver)}
    return own | {"value": _check_value(entry["value"], shown)}


def _check_value(raw: FormField, shown: Json) -> Any:
    if shown["type"] == CHECKBOX:
        return raw.raw is True
    if shown["type"] == RADIO_GROUP:
        values = [option["value"] for option in shown["options"]]
        if raw.raw not in values and (raw.raw is not None or shown["required"]):
            raw.add_error("BASE_TYPE_CHOICES", f"Value must be one of {values}.")
        return raw.raw
    text = "" if raw.raw is None else raw.raw
    if text == "" and not shown["required"]:
        return text
    least = max(shown.get("min_length", 0), 1 if shown["required"] else 0)
    checked = raw if raw.raw is not None else FormField(raw.form, text, raw.path)
    checked.check_text(least, shown.get("max_length", 4000), required=True)
    return text


def _check_values(raw: FormField, shown: Json, resolver: Resolver) -> list[str]:
    """Validate the chosen values: their number, and that each is offered."""
    values = [] if raw.raw is None else raw.raw
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raw.add_error("LIST_TYPE_CONVERT", "Must be a list of strings")
        return []
    empty = not values and not shown.get("required", True)
    if not empty and not shown["min_values"] <= len(values) <= shown["max_values"]:
        span = f"between {shown['min_values']} and {shown['max_values']}"
        raw.add_error("BASE_TYPE_BAD_LENGTH", f"Must be {span} in length.")
    offered = {option["value"] for option in shown.get("options", ())}
    kind = _SELECT_KINDS.get(shown["type"])
    for index, value in enumerate(values):
        types = shown.get("channel_types", ())
        if not (value in offered if kind is None else resolver.resolve_value(kind, value, types)):
            one = FormField(raw.form, value, (*raw.path, index))
            one.add_error("BASE_TYPE_CHOICES", f"Unknown value {value!r}")
    if len(set(values)) != len(values):
        raw.add_error("SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")
    return values
