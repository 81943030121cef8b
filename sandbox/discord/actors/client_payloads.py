"""Turn an actor's arguments into a client's payload: values, uploads, modal fields."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.discord.model.guild_payloads import format_timestamp
from sandbox.discord.model.records import Json, Upload
from sandbox.discord.validation.component_tree import (
    CHECKBOX,
    FILE_UPLOAD,
    LABEL,
    RADIO_GROUP,
    TEXT_INPUT,
    iter_components,
)

_BY_VALUE = frozenset({TEXT_INPUT, CHECKBOX, RADIO_GROUP})


async def load_files(value: Any) -> Any:
    """Read the file at each path, also within lists; return other values unchanged."""
    if isinstance(value, Path):
        return Upload(value.name, await asyncio.to_thread(value.read_bytes))
    if isinstance(value, list):
        return [await load_files(each) for each in value]
    return value


def encode_value(given: Any, uploads: dict[str, Upload]) -> Any:
    """Encode a value as a client does: an upload by a temporary id, a member by its id."""
    if isinstance(given, Upload):
        key = str(len(uploads))
        uploads[key] = given
        return key
    number = getattr(given, "id", None)
    return given if number is None else str(number)


def build_poll(question: str, answers: tuple[str, ...], now: float) -> Json:
    """Return a new poll that ends a day after `now`, in seconds since 1970."""
    numbered = list(enumerate(answers, 1))
    return {
        "question": {"text": question},
        "answers": [{"answer_id": at, "poll_media": {"text": text}} for at, text in numbered],
        "expiry": format_timestamp(now + 24 * 3600),
        "allow_multiselect": False,
        "layout_type": 1,
        "results": {
            "answer_counts": [{"id": at, "count": 0, "me_voted": False} for at, _ in numbered],
            "is_finalized": False,
        },
    }


def find_custom_id(message: Json, name: str) -> str:
    """Find a custom_id by itself, else by label, emoji or placeholder; else return the name."""
    found = list(iter_components(message["components"]))
    if any(each.get("custom_id") == name for each in found):
        return name
    for each in found:
        signs = (each.get("label"), each.get("placeholder"), each.get("emoji", {}).get("name"))
        if "custom_id" in each and name in signs:
            return str(each["custom_id"])
    return name


def encode_choices(message: Json, name: str, values: tuple[Any, ...]) -> list[str]:
    """Encode a menu selection: labels become values, members become ids."""
    every = iter_components(message["components"])
    menu = next((each for each in every if each.get("custom_id") == name), {})
    return _encode_selection(menu, values, {})


def encode_modal_fields(
    modal: Json, values: dict[str, Any], uploads: dict[str, Upload]
) -> list[Json]:
    """Encode a modal's fields as a client sends them; raise LookupError for an unknown field."""
    left = dict(values)
    fields = []
    for field, label in _iter_fields(modal["components"]):
        given = next((left.pop(name) for name in (field["custom_id"], label) if name in left), None)
        fields.append(_encode_field(field, given, uploads))
    if left:
        raise LookupError(f"the modal has no field {', '.join(left)}")
    return fields


def _iter_fields(tree: list[Json]) -> Iterator[tuple[Json, str | None]]:
    """Iterate over a modal's fields, each with its label."""
    for component in tree:
        if component["type"] == LABEL:
            yield component["component"], component["label"]
        for child in component.get("components", ()):
            yield child, child.get("label")


def _encode_field(field: Json, given: Any, uploads: dict[str, Upload]) -> Json:
    own = {"type": field["type"], "custom_id": field["custom_id"]}
    if field["type"] in _BY_VALUE:
        return own | {
            "value": _get_initial_value(field)
            if given is None
            else _find_option_value(field, given)
        }
    if given is None:
        return own | {"values": [] if field["type"] == FILE_UPLOAD else _list_preset_values(field)}
    several = given if isinstance(given, list | tuple) else [given]
    return own | {"values": _encode_selection(field, tuple(several), uploads)}


def _encode_selection(menu: Json, values: tuple[Any, ...], uploads: dict[str, Upload]) -> list[str]:
    written = [str(encode_value(each, uploads)) for each in values]
    return [_find_option_value(menu, each) for each in written]


def _find_option_value(field: Json, given: Any) -> Any:
    """Return an option's value, given its value or label; other fields' values unchanged."""
    if field.get("type") == TEXT_INPUT:
        return str(given)
    options = field.get("options", ())
    if any(option["value"] == given for option in options):
        return given
    return next((option["value"] for option in options if option["label"] == given), given)


def _get_initial_value(field: Json) -> Any:
    if field["type"] == CHECKBOX:
        return field["default"]
    if field["type"] == TEXT_INPUT:
        return field.get("value", "")
    return next(iter(_list_preset_values(field)), None)


def _list_preset_values(field: Json) -> list[str]:
    """Return the values that are selected by default."""
    options = [each["value"] for each in field.get("options", ()) if each.get("default")]
    return options or [each["id"] for each in field.get("default_values", ())]
