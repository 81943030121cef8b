"""Commands as an application declares them, held against Discord's rules."""

from typing import Any

from sandbox.discord import command_texts
from sandbox.discord.forms import Field, Form
from sandbox.discord.models import Json
from sandbox.discord.option_values import LONGEST_TEXT, OptionKind

CHAT, USER, MESSAGE = 1, 2, 3
# Documentation, "Application Commands": names, counts and lengths.
MAX_OPTIONS = 25
MAX_CHOICES = 25
MAX_COMMANDS = 130  # bulk overwrite, after Discord's OpenAPI file
MAX_PERMISSIONS = (1 << 54) - 1
_NESTED = frozenset(kind for kind in OptionKind if kind.nests)
_LEAVES = frozenset(OptionKind) - _NESTED
# What may stand below: a group holds subcommands, a subcommand holds plain options.
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


def check(wanted: list[Any]) -> list[Json]:
    """Return commands in the response's shape, or raise 50035 with every field at fault."""
    form = Form()
    each = form.field(wanted).each(0, MAX_COMMANDS)
    checked = [_command(raw) for raw in each]
    form.check()
    seen: set[tuple[str, int]] = set()
    for raw, command in zip(each, checked, strict=True):
        key = (command["name"], command["type"])
        if key in seen:
            message = "Application command names must be unique"
            raw.fail("APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        seen.add(key)
    form.check()
    return checked


def _command(raw: Field) -> Json:
    if not raw.is_object():
        return {}
    kind = raw["type"].raw or CHAT
    if raw["type"].raw is not None and not raw["type"].choice(CHAT, USER, MESSAGE):
        return {}
    command = {
        "type": kind,
        **command_texts.named(raw, plain=kind == CHAT),
        "default_member_permissions": _permissions(raw["default_member_permissions"]),
        "dm_permission": raw["dm_permission"].raw is not False,
        "contexts": _numbers(raw["contexts"], _CONTEXTS),
        "integration_types": _numbers(raw["integration_types"], _INTEGRATIONS) or [0],
        "nsfw": bool(raw["nsfw"].raw),
    }
    if kind == CHAT:
        command["options"] = _options(raw["options"], frozenset(OptionKind))
    if not raw.form.failed and command_texts.length(command) > command_texts.MAX_CHARACTERS:
        message = f"Command exceeds maximum size ({command_texts.MAX_CHARACTERS})"
        raw.fail("APPLICATION_COMMAND_TOO_LARGE", message)
    return command


def _options(raw: Field, allowed: frozenset[OptionKind]) -> list[Json]:
    if raw.raw is None:
        return []
    options = [_option(each, allowed) for each in raw.each(0, MAX_OPTIONS)]
    names = [each.get("name") for each in options]
    if any(name in names[:index] for index, name in enumerate(names)):
        raw.fail("APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names must be unique")
    if len({each.get("type") in _NESTED for each in options}) > 1:
        message = "Sub-commands and plain options exclude each other"
        raw.fail("APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
    demanded = [each.get("required", True) for each in options]
    if demanded != sorted(demanded, reverse=True):
        message = "Required options must be placed before non-required options"
        raw.fail("APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
    return options


def _option(raw: Field, allowed: frozenset[OptionKind]) -> Json:
    if not raw["type"].choice(*sorted(map(int, allowed))):
        return {}
    kind = OptionKind(raw["type"].raw)
    option = {"type": int(kind), **command_texts.named(raw, plain=True)}
    if kind.nests:
        return option | {"options": _options(raw["options"], _BELOW[kind])}
    return option | _limits(raw) | {"required": bool(raw["required"].raw)}


def _limits(raw: Field) -> Json:
    kind = raw["type"].raw
    given: Json = {"autocomplete": True} if raw["autocomplete"].flag() else {}
    if raw["choices"].raw:
        types = CHOICE_TYPES.get(kind, ())
        given["choices"] = [choice(each, types) for each in raw["choices"].each(0, MAX_CHOICES)]
        if given.get("autocomplete"):
            message = "Autocomplete and choices exclude each other"
            raw["autocomplete"].fail("APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_INVALID", message)
    if kind == OptionKind.CHANNEL and raw["channel_types"].raw is not None:
        given["channel_types"] = _numbers(raw["channel_types"], _CHANNEL_TYPES)
    return given | _bounds(raw, *_BOUNDS.get(kind, ()))


def _bounds(raw: Field, *names: str) -> Json:
    """Return the smallest and largest that an option takes, or the shortest and longest."""
    given = {}
    for name in names:
        bound = raw[name].raw
        if bound is None:
            continue
        if isinstance(bound, bool) or not isinstance(bound, int | float):
            raw[name].fail("NUMBER_TYPE_COERCE", "Value is not a number.")
        elif name.endswith("length") and not 0 <= bound <= LONGEST_TEXT:
            raw[name].fail("NUMBER_TYPE_MAX", f"Must be between 0 and {LONGEST_TEXT}.")
        given[name] = bound
    if not raw.form.failed and len(given) == 2 and given[names[0]] > given[names[1]]:
        raw[names[0]].fail("NUMBER_TYPE_MAX", f"{names[0]} must not be above {names[1]}.")
    return given


def choice(raw: Field, types: tuple[type, ...]) -> Json:
    """Check a choice of an option, or a suggestion for it."""
    raw["name"].text(1, 100, required=True)
    value = raw["value"].raw
    if isinstance(value, bool) or not isinstance(value, types) or len(str(value)) > 100:
        raw["value"].fail("BASE_TYPE_CHOICES", "Does not fit the option's type.")
    return {
        "name": raw["name"].raw,
        "name_localizations": command_texts.localized(raw["name_localizations"], 100, plain=False),
        "value": value,
    }


def _numbers(raw: Field, allowed: frozenset[int]) -> list[int] | None:
    """Return some of a few numbers, each once."""
    if raw.raw is None:
        return None
    numbers = [each.raw for each in raw.each(1, len(allowed)) if each.choice(*sorted(allowed))]
    if len(set(numbers)) != len(numbers):
        raw.fail("SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")
    return numbers


def _permissions(raw: Field) -> str | None:
    """Return the bit set as text; the library sends a number."""
    if raw.raw is None:
        return None
    text = str(raw.raw)
    if text.isascii() and text.isdigit() and len(text) <= 20 and int(text) <= MAX_PERMISSIONS:
        return text
    raw.fail("NUMBER_TYPE_COERCE", "Value is not a set of permissions.")
    return None
