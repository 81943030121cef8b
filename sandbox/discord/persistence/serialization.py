"""The records as JSON and back, read off their types, so that a new field is kept by itself."""

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Final

from sandbox.discord.model.records import Attachment, Interaction, Json

# Bytes are kept in files of their own, and a timer is a thing of its process.
_UNSTORED_FIELDS: Final[Mapping[type, str]] = {Attachment: "data", Interaction: "timer"}
_SEQUENCES: Final = (list, tuple, set, frozenset)


def dump_value(value: Any) -> Any:
    """Return a record, or any part of one, as JSON takes it."""
    if _is_record(type(value)):
        kind: Any = type(value)
        names, left_out = _list_field_names(kind), _UNSTORED_FIELDS.get(kind)
        return {name: dump_value(getattr(value, name)) for name in names if name != left_out}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): dump_value(each) for key, each in value.items()}
    if isinstance(value, _SEQUENCES):
        ordered = sorted(value) if isinstance(value, set | frozenset) else value
        return [dump_value(each) for each in ordered]
    return value


def load_value(kind: Any, raw: Any, files: Mapping[int, bytes]) -> Any:
    """Return the record of a type; raise ValueError, TypeError or KeyError for what is none.

    `files` holds the bytes of attachments by their id; one whose bytes are gone is empty.
    """
    if isinstance(kind, type) and _is_record(kind):
        return _load_record(kind, raw, files)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in {types.UnionType, typing.Union}:
        return _load_one_of(inner, raw, files)
    if origin is dict:
        key, value = inner
        return {key(name): load_value(value, each, files) for name, each in raw.items()}
    if origin in _SEQUENCES:
        return origin(load_value(inner[0], each, files) for each in raw)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(raw)
    return raw


def _load_record(kind: type, raw: Json, files: Mapping[int, bytes]) -> Any:
    hints = _get_type_hints(kind)
    given = {
        name: load_value(hints[name], raw[name], files)
        for name in _list_field_names(kind)
        if name in raw and name in hints
    }
    if kind is Attachment:
        given["data"] = files.get(given["id"], b"")
    return kind(**given)


def _load_one_of(kinds: tuple[Any, ...], raw: Any, files: Mapping[int, bytes]) -> Any:
    if raw is None:
        return None
    wanted = [kind for kind in kinds if kind is not types.NoneType]
    return load_value(wanted[0], raw, files) if len(wanted) == 1 else raw


def _is_record(kind: type) -> bool:
    """Tell whether a type is a dataclass or a named tuple."""
    return is_dataclass(kind) or (issubclass(kind, tuple) and hasattr(kind, "_fields"))


@cache
def _list_field_names(kind: Any) -> tuple[str, ...]:
    named: tuple[str, ...] | None = getattr(kind, "_fields", None)
    return named or tuple(each.name for each in fields(kind))


@cache
def _get_type_hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
