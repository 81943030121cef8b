"""Commands as an application declares them, held against Discord's rules."""

import re
from typing import Any

from sandbox.discord.forms import Field, Form, is_whole
from sandbox.discord.models import Json
from sandbox.discord.option_values import OptionKind

CHAT, USER, MESSAGE = 1, 2, 3
# Documentation, "Application Commands": names, counts and lengths.
MAX_OPTIONS = 25
MAX_CHOICES = 25
MAX_COMMANDS = 130  # bulk overwrite, after Discord's OpenAPI file
MAX_PERMISSIONS = (1 << 54) - 1
_NAME = re.compile(r"[-_'\w]{1,32}")
_NESTED = frozenset(kind for kind in OptionKind if kind.nests)
_LEAVES = frozenset(OptionKind) - _NESTED
# What may stand below: a group holds subcommands, a subcommand holds plain options.
_BELOW = {OptionKind.GROUP: frozenset({OptionKind.SUBCOMMAND}), OptionKind.SUBCOMMAND: _LEAVES}
CHOICE_TYPES: dict[int, tuple[type, ...]] = {
    OptionKind.STRING: (str,),
    OptionKind.INTEGER: (int,),
    OptionKind.NUMBER: (int, float),
}
_BOUNDS = ("min_value", "max_value", "min_length", "max_length")


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
    _name(raw["name"], plain=kind == CHAT)
    if kind == CHAT:
        raw["description"].text(1, 100, required=True)
    command = {
        "type": kind,
        "name": raw["name"].raw,
        "name_localizations": _texts(raw["name_localizations"]),
        "description": raw["description"].raw or "",
        "description_localizations": _texts(raw["description_localizations"]),
        "default_member_permissions": _permissions(raw["default_member_permissions"]),
        "dm_permission": raw["dm_permission"].raw is not False,
        "contexts": _numbers(raw["contexts"]),
        "integration_types": _numbers(raw["integration_types"]) or [0],
        "nsfw": bool(raw["nsfw"].raw),
    }
    if kind == CHAT:
        command["options"] = _options(raw["options"], frozenset(OptionKind))
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
    _name(raw["name"], plain=True)
    raw["description"].text(1, 100, required=True)
    option = {
        "type": int(kind),
        "name": raw["name"].raw,
        "name_localizations": _texts(raw["name_localizations"]),
        "description": raw["description"].raw,
        "description_localizations": _texts(raw["description_localizations"]),
    }
    if kind.nests:
        return option | {"options": _options(raw["options"], _BELOW[kind])}
    return option | _limits(raw) | {"required": bool(raw["required"].raw)}


def _limits(raw: Field) -> Json:
    given: Json = {"autocomplete": True} if raw["autocomplete"].raw else {}
    if raw["choices"].raw:
        types = CHOICE_TYPES.get(raw["type"].raw, ())
        given["choices"] = [choice(each, types) for each in raw["choices"].each(0, MAX_CHOICES)]
    if raw["channel_types"].raw is not None:
        given["channel_types"] = _numbers(raw["channel_types"])
    for name in _BOUNDS:
        bound = raw[name].raw
        if bound is None:
            continue
        if isinstance(bound, bool) or not isinstance(bound, int | float):
            raw[name].fail("NUMBER_TYPE_COERCE", "Value is not a number.")
        given[name] = bound
    return given


def choice(raw: Field, types: tuple[type, ...]) -> Json:
    """Check a choice of an option, or a suggestion for it."""
    raw["name"].text(1, 100, required=True)
    value = raw["value"].raw
    if isinstance(value, bool) or not isinstance(value, types) or len(str(value)) > 100:
        raw["value"].fail("BASE_TYPE_CHOICES", "Does not fit the option's type.")
    return {
        "name": raw["name"].raw,
        "name_localizations": _texts(raw["name_localizations"]),
        "value": value,
    }


def _name(raw: Field, *, plain: bool) -> None:
    if not raw.text(1, 32, required=True) or not plain:
        return
    if not _NAME.fullmatch(raw.raw) or raw.raw != raw.raw.lower():
        raw.fail("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _texts(raw: Field) -> Json | None:
    texts = raw.raw
    if texts is None:
        return None
    if isinstance(texts, dict) and all(isinstance(each, str) for each in texts.values()):
        return texts
    raw.fail("DICT_TYPE_CONVERT", "Only dictionaries of texts may be used")
    return None


def _numbers(raw: Field) -> list[int] | None:
    numbers = raw.raw
    if numbers is None:
        return None
    if isinstance(numbers, list) and all(map(is_whole, numbers)):
        return numbers
    raw.fail("LIST_TYPE_CONVERT", "Only lists of numbers may be used")
    return None


def _permissions(raw: Field) -> str | None:
    """Return the bit set as text; the library sends a number."""
    if raw.raw is None:
        return None
    text = str(raw.raw)
    if text.isascii() and text.isdigit() and len(text) <= 20 and int(text) <= MAX_PERMISSIONS:
        return text
    raw.fail("NUMBER_TYPE_COERCE", "Value is not a set of permissions.")
    return None
