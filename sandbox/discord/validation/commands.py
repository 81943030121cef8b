"""Validation of the commands that an application registers."""

from typing import Any

from sandbox.discord.model.records import Json
from sandbox.discord.validation import command_localizations
from sandbox.discord.validation.file_types import read_file_types
from sandbox.discord.validation.forms import Form, FormField
from sandbox.discord.validation.option_values import MAX_TEXT_LENGTH, OptionKind

CHAT, USER, MESSAGE = 1, 2, 3
# Documentation, "Application Commands": names, counts and lengths.
MAX_OPTIONS = 25
MAX_CHOICES = 25
MAX_COMMANDS = 130  # for bulk overwrite, from Discord's OpenAPI file
MAX_PERMISSIONS = (1 << 54) - 1
_NESTED = frozenset(kind for kind in OptionKind if kind.has_options)
_LEAVES = frozenset(OptionKind) - _NESTED
# Allowed children: subcommands in a group, other options in a subcommand.
_BELOW = {OptionKind.GROUP: frozenset({OptionKind.SUBCOMMAND}), OptionKind.SUBCOMMAND: _LEAVES}
CHOICE_TYPES: dict[int, tuple[type, ...]] = {
    OptionKind.STRING: (str,),
    OptionKind.INTEGER: (int,),
    OptionKind.NUMBER: (int, float),
}
_BOUNDS: dict[int, tuple[str, ...]] = {
    OptionKind.STRING: ("min_length", "max_length"),
    OptionKind.INTEGER: ("min_value", "max_value"),
    OptionKind.NUMBER: ("min_value", "max_value"),
}
_CONTEXTS = frozenset({0, 1, 2})
_INTEGRATIONS = frozenset({0, 1})
_CHANNEL_TYPES = frozenset({0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16})


def check_commands(wanted: list[Any]) -> list[Json]:
    """Return commands in response form; raise 50035 with all invalid fields."""
    form = Form()
    each = form.field(wanted).read_list(0, MAX_COMMANDS)
    checked = [_read_command(raw) for raw in each]
    form.raise_errors()
    seen: set[tuple[str, int]] = set()
    for raw, command in zip(each, checked, strict=True):
        key = (command["name"], command["type"])
        if key in seen:
            message = "Application command names must be unique"
            raw.add_error("APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        seen.add(key)
    form.raise_errors()
    return checked


def _read_command(raw: FormField) -> Json:
    if not raw.is_object():
        return {}
    kind = raw["type"].raw or CHAT
    if raw["type"].raw is not None and not raw["type"].check_choice(CHAT, USER, MESSAGE):
        return {}
    command = {
        "type": kind,
        **command_localizations.read_names(raw, plain=kind == CHAT),
        "default_member_permissions": _read_permissions(raw["default_member_permissions"]),
        "dm_permission": raw["dm_permission"].raw is not False,
        "contexts": _read_numbers(raw["contexts"], _CONTEXTS),
        "integration_types": _read_numbers(raw["integration_types"], _INTEGRATIONS) or [0],
        "nsfw": bool(raw["nsfw"].raw),
    }
    if kind == CHAT:
        command["options"] = _read_options(raw["options"], frozenset(OptionKind))
    if (
        not raw.form.has_errors
        and command_localizations.count_characters(command) > command_localizations.MAX_CHARACTERS
    ):
        message = f"Command exceeds maximum size ({command_localizations.MAX_CHARACTERS})"
        raw.add_error("APPLICATION_COMMAND_TOO_LARGE", message)
    return command


def _read_options(raw: FormField, allowed: frozenset[OptionKind]) -> list[Json]:
    if raw.raw is None:
        return []
    options = [_read_option(each, allowed) for each in raw.read_list(0, MAX_OPTIONS)]
    names = [each.get("name") for each in options]
    if any(name in names[:index] for index, name in enumerate(names)):
        raw.add_error("APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names must be unique")
    if len({each.get("type") in _NESTED for each in options}) > 1:
        message = "Sub-commands and plain options exclude each other"
        raw.add_error("APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
    demanded = [each.get("required", True) for each in options]
    if demanded != sorted(demanded, reverse=True):
        message = "Required options must be placed before non-required options"
        raw.add_error("APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
    return options


def _read_option(raw: FormField, allowed: frozenset[OptionKind]) -> Json:
    if not raw["type"].check_choice(*sorted(map(int, allowed))):
        return {}
    kind = OptionKind(raw["type"].raw)
    option = {"type": int(kind), **command_localizations.read_names(raw, plain=True)}
    if kind.has_options:
        return option | {"options": _read_options(raw["options"], _BELOW[kind])}
    return option | _read_limits(raw) | {"required": bool(raw["required"].raw)}


def _read_limits(raw: FormField) -> Json:
    kind = raw["type"].raw
    given: Json = {"autocomplete": True} if raw["autocomplete"].read_flag() else {}
    if raw["choices"].raw:
        types = CHOICE_TYPES.get(kind, ())
        given["choices"] = [
            read_choice(each, types) for each in raw["choices"].read_list(0, MAX_CHOICES)
        ]
        if given.get("autocomplete"):
            message = "Autocomplete and choices exclude each other"
            raw["autocomplete"].add_error(
                "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_INVALID", message
            )
    if kind == OptionKind.CHANNEL and raw["channel_types"].raw is not None:
        given["channel_types"] = _read_numbers(raw["channel_types"], _CHANNEL_TYPES)
    if kind == OptionKind.ATTACHMENT:
        given |= read_file_types(raw)
    return given | _read_bounds(raw, *_BOUNDS.get(kind, ()))


def _read_bounds(raw: FormField, *names: str) -> Json:
    """Return an option's minimum and maximum value or length."""
    given = {}
    for name in names:
        bound = raw[name].raw
        if bound is None:
            continue
        if isinstance(bound, bool) or not isinstance(bound, int | float):
            raw[name].add_error("NUMBER_TYPE_COERCE", "Value is not a number.")
        elif name.endswith("length") and not 0 <= bound <= MAX_TEXT_LENGTH:
            raw[name].add_error("NUMBER_TYPE_MAX", f"Must be between 0 and {MAX_TEXT_LENGTH}.")
        given[name] = bound
    if not raw.form.has_errors and len(given) == 2 and given[names[0]] > given[names[1]]:
        raw[names[0]].add_error("NUMBER_TYPE_MAX", f"{names[0]} must not be above {names[1]}.")
    return given


def read_choice(raw: FormField, types: tuple[type, ...]) -> Json:
    """Validate an option's choice, or an autocomplete suggestion."""
    raw["name"].check_text(1, 100, required=True)
    value = raw["value"].raw
    if isinstance(value, bool) or not isinstance(value, types) or len(str(value)) > 100:
        raw["value"].add_error("BASE_TYPE_CHOICES", "Does not fit the option's type.")
    return {
        "name": raw["name"].raw,
        "name_localizations": command_localizations.read_translations(
            raw["name_localizations"], 100, plain=False
        ),
        "value": value,
    }


def _read_numbers(raw: FormField, allowed: frozenset[int]) -> list[int] | None:
    """Return numbers out of the allowed ones, without repetition."""
    if raw.raw is None:
        return None
    numbers = [
        each.raw for each in raw.read_list(1, len(allowed)) if each.check_choice(*sorted(allowed))
    ]
    if len(set(numbers)) != len(numbers):
        raw.add_error("SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")
    return numbers


def _read_permissions(raw: FormField) -> str | None:
    """Return the permission bits as a string; discord.py sends a number."""
    if raw.raw is None:
        return None
    text = str(raw.raw)
    if text.isascii() and text.isdigit() and len(text) <= 20 and int(text) <= MAX_PERMISSIONS:
        return text
    raw.add_error("NUMBER_TYPE_COERCE", "Value is not a set of permissions.")
    return None
