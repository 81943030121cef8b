"""Payloads of every action, for tests that write custom_ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_type_hints

from bot.domain.guild import SETTINGS
from bot.ui.actions import Action
from bot.ui.texts.controls import ZOOM_FACTORS
from bot.ui.views.payloads import PAYLOADS

WORDS: Mapping[str, Sequence[str]] = {
    "factor": list(ZOOM_FACTORS),
    "name": [name.replace("_", "-") for name in SETTINGS],
    "value": ["0", "1"],
}
"""Values of the fields that are text, by the field's name: those that occur."""


def build_payload(action: Action, number: int, ids: Mapping[Any, Any] | None = None) -> Any:
    """Make a payload of the type that an action takes.

    `ids` gives what stands for a type of ids, as JobId; all else is computed from the number.
    """
    return _build_value(PAYLOADS[action], number, ids or {})


def _build_value(kind: Any, number: int, ids: Mapping[Any, Any]) -> Any:
    if is_dataclass(kind):
        return kind(  # type: ignore[operator]  # a class of the table
            *(
                WORDS[name][number % len(WORDS[name])]
                if name in WORDS
                else _build_value(each, number, ids)
                for name, each in get_type_hints(kind).items()
            )
        )
    if kind in ids:
        return ids[kind]
    plain = next(iter(get_args(kind)), kind)
    plain = getattr(plain, "__supertype__", plain)
    if plain is NoneType:
        return None
    if issubclass(plain, StrEnum):
        return list(plain)[number % len(plain)]
    if plain is bool:
        return bool(number % 2)
    return number if plain is int else f"job{number}"
