"""Commands as an application declares them, held against Discord's rules."""

import re
from typing import Any

from sandbox.discord.errors import Form, is_whole
from sandbox.discord.models import Json
from sandbox.discord.option_values import OptionKind

Path = tuple[str | int, ...]

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
_CHOICE_TYPES: dict[int, tuple[type, ...]] = {
    OptionKind.STRING: (str,),
    OptionKind.INTEGER: (int,),
    OptionKind.NUMBER: (int, float),
}
_BOUNDS = ("min_value", "max_value", "min_length", "max_length")


def check(wanted: list[Any]) -> list[Json]:
    """Return commands in the response's shape, or raise 50035 with every field at fault."""
    form = Form()
    if len(wanted) > MAX_COMMANDS:
        form.fail((), "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_COMMANDS} or fewer in length.")
    checked = [_command(form, (index,), each) for index, each in enumerate(wanted)]
    form.check()
    seen: set[tuple[str, int]] = set()
    for index, each in enumerate(checked):
        key = (each["name"], each["type"])
        if key in seen:
            message = "Application command names must be unique"
            form.fail((index,), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        seen.add(key)
    form.check()
    return checked


def _command(form: Form, path: Path, raw: Any) -> Json:
    if not isinstance(raw, dict):
        form.fail(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return {}
    kind = raw.get("type") or CHAT
    if not is_whole(kind) or kind not in {CHAT, USER, MESSAGE}:
        form.fail((*path, "type"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3).")
        return {}
    _name(form, path, raw, plain=kind == CHAT)
    if kind == CHAT:
        _description(form, path, raw)
    command = {
        "type": kind,
        "name": raw.get("name"),
        "name_localizations": _texts(form, path, raw, "name_localizations"),
        "description": raw.get("description") or "",
        "description_localizations": _texts(form, path, raw, "description_localizations"),
        "default_member_permissions": _permissions(form, path, raw),
        "dm_permission": raw.get("dm_permission") is not False,
        "contexts": _numbers(form, path, raw, "contexts"),
        "integration_types": _numbers(form, path, raw, "integration_types") or [0],
        "nsfw": bool(raw.get("nsfw")),
    }
    if kind == CHAT:
        allowed = frozenset(OptionKind)
        command["options"] = _options(form, (*path, "options"), raw.get("options"), allowed)
    return command


def _options(form: Form, path: Path, raw: Any, allowed: frozenset[OptionKind]) -> list[Json]:
    if raw is None:
        return []
    if not isinstance(raw, list) or len(raw) > MAX_OPTIONS:
        form.fail(path, "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_OPTIONS} or fewer in length.")
        return []
    options = [_option(form, (*path, index), each, allowed) for index, each in enumerate(raw)]
    names = [each.get("name") for each in options]
    if any(name in names[:index] for index, name in enumerate(names)):
        form.fail(path, "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names must be unique")
    if len({each.get("type") in _NESTED for each in options}) > 1:
        message = "Sub-commands and plain options exclude each other"
        form.fail(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
    demanded = [each.get("required", True) for each in options]
    if demanded != sorted(demanded, reverse=True):
        message = "Required options must be placed before non-required options"
        form.fail(path, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
    return options


def _option(form: Form, path: Path, raw: Any, allowed: frozenset[OptionKind]) -> Json:
    kind = raw.get("type") if isinstance(raw, dict) else None
    if not is_whole(kind) or kind not in allowed:
        named = ", ".join(str(int(each)) for each in sorted(allowed))
        form.fail((*path, "type"), "BASE_TYPE_CHOICES", f"Value must be one of ({named}).")
        return {}
    _name(form, path, raw, plain=True)
    _description(form, path, raw)
    option = {
        "type": kind,
        "name": raw.get("name"),
        "name_localizations": _texts(form, path, raw, "name_localizations"),
        "description": raw.get("description"),
        "description_localizations": _texts(form, path, raw, "description_localizations"),
    }
    if kind in _NESTED:
        below = _BELOW[OptionKind(kind)]
        return option | {"options": _options(form, (*path, "options"), raw.get("options"), below)}
    return option | _limits(form, path, raw) | {"required": bool(raw.get("required"))}


def _limits(form: Form, path: Path, raw: Json) -> Json:
    given: Json = {"autocomplete": True} if raw.get("autocomplete") else {}
    if raw.get("choices"):
        given["choices"] = _choices(form, (*path, "choices"), raw)
    if raw.get("channel_types") is not None:
        given["channel_types"] = _numbers(form, path, raw, "channel_types")
    for name in _BOUNDS:
        bound = raw.get(name)
        if bound is None:
            continue
        if isinstance(bound, bool) or not isinstance(bound, int | float):
            form.fail((*path, name), "NUMBER_TYPE_COERCE", f'Value "{bound}" is not a number.')
        given[name] = bound
    return given


def _choices(form: Form, path: Path, raw: Json) -> list[Json]:
    choices, types = raw["choices"], _CHOICE_TYPES.get(raw["type"])
    if not isinstance(choices, list) or len(choices) > MAX_CHOICES or types is None:
        form.fail(path, "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_CHOICES} or fewer in length.")
        return []
    checked = []
    for index, choice in enumerate(choices):
        name, value = (
            (choice.get("name"), choice.get("value")) if isinstance(choice, dict) else ("", None)
        )
        if not isinstance(name, str) or not 1 <= len(name) <= 100:
            message = "Must be between 1 and 100 in length."
            form.fail((*path, index, "name"), "BASE_TYPE_BAD_LENGTH", message)
        if isinstance(value, bool) or not isinstance(value, types) or len(str(value)) > 100:
            message = "Does not fit the option's type."
            form.fail((*path, index, "value"), "BASE_TYPE_CHOICES", message)
        checked.append({"name": name, "name_localizations": None, "value": value})
    return checked


def _name(form: Form, path: Path, raw: Json, *, plain: bool) -> None:
    name = raw.get("name")
    if not isinstance(name, str) or not 1 <= len(name) <= 32:
        form.fail((*path, "name"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 32 in length.")
    elif plain and (not _NAME.fullmatch(name) or name != name.lower()):
        message = "Command name is invalid"
        form.fail((*path, "name"), "APPLICATION_COMMAND_INVALID_NAME", message)


def _description(form: Form, path: Path, raw: Json) -> None:
    description = raw.get("description")
    if not isinstance(description, str) or not 1 <= len(description) <= 100:
        message = "Must be between 1 and 100 in length."
        form.fail((*path, "description"), "BASE_TYPE_BAD_LENGTH", message)


def _texts(form: Form, path: Path, raw: Json, name: str) -> Json | None:
    texts = raw.get(name)
    if texts is None:
        return None
    if not isinstance(texts, dict) or not all(isinstance(each, str) for each in texts.values()):
        form.fail((*path, name), "DICT_TYPE_CONVERT", "Only dictionaries of texts may be used")
        return None
    return texts


def _numbers(form: Form, path: Path, raw: Json, name: str) -> list[int] | None:
    numbers = raw.get(name)
    if numbers is None:
        return None
    if not isinstance(numbers, list) or not all(map(is_whole, numbers)):
        form.fail((*path, name), "LIST_TYPE_CONVERT", "Only lists of numbers may be used")
        return None
    return numbers


def _permissions(form: Form, path: Path, raw: Json) -> str | None:
    """Return the bit set as text; the library sends a number."""
    bits = raw.get("default_member_permissions")
    if bits is None:
        return None
    text = str(bits)
    if text.isascii() and text.isdigit() and len(text) <= 20 and int(text) <= MAX_PERMISSIONS:
        return text
    where = (*path, "default_member_permissions")
    form.fail(where, "NUMBER_TYPE_COERCE", f'Value "{text[:40]}" is not int.')
    return None
