"""Validation of option values against their command's declaration."""

from enum import IntEnum
from typing import Any

from sandbox.discord.model import snowflakes
from sandbox.discord.model.records import Json

Problem = tuple[str, str]

MAX_TEXT_LENGTH = 6000  # documentation, "Application Command Option Structure"
_SAFE_INTEGER = 1 << 53


class OptionKind(IntEnum):
    SUBCOMMAND = 1
    GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11

    @property
    def has_options(self) -> bool:
        """Tell whether it has nested options instead of a value."""
        return self is OptionKind.SUBCOMMAND or self is OptionKind.GROUP

    @property
    def is_reference(self) -> bool:
        """Tell whether the value is another object's id."""
        return self is OptionKind.ATTACHMENT or OptionKind.USER <= self <= OptionKind.MENTIONABLE


def check_value(option: Json, value: Any) -> Problem | None:
    """Return Discord's error code and message for an invalid value, else None."""
    kind = OptionKind(option["type"])
    if kind is OptionKind.BOOLEAN:
        good = isinstance(value, bool)
        return None if good else ("BASE_TYPE_CHOICES", "Must be either true or false.")
    if kind.is_reference:
        good = snowflakes.parse_snowflake(value) is not None
        return None if good else ("NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
    choices = [choice["value"] for choice in option.get("choices", ())]
    if choices and value not in choices:
        named = ", ".join(map(repr, choices))
        return "BASE_TYPE_CHOICES", f"Value must be one of ({named})."
    if kind is OptionKind.STRING:
        return _check_text(option, value)
    return _check_number(option, value, whole=kind is OptionKind.INTEGER)


def _check_text(option: Json, value: Any) -> Problem | None:
    if not isinstance(value, str):
        return "STRING_TYPE_CONVERT", "Could not interpret value as a string."
    shortest = option.get("min_length", 0)
    longest = option.get("max_length", MAX_TEXT_LENGTH)
    if not shortest <= len(value) <= longest:
        return "BASE_TYPE_BAD_LENGTH", f"Must be between {shortest} and {longest} in length."
    return None


def _check_number(option: Json, value: Any, *, whole: bool) -> Problem | None:
    kinds = (int,) if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        return "NUMBER_TYPE_COERCE", f'Value "{value}" is not {"int" if whole else "float"}.'
    smallest = option.get("min_value", -_SAFE_INTEGER)
    largest = option.get("max_value", _SAFE_INTEGER)
    if value < smallest:
        return "NUMBER_TYPE_MIN", f"Value should be greater than or equal to {smallest}."
    # Negated, so that NaN is refused too.
    if not value <= largest:
        return "NUMBER_TYPE_MAX", f"Value should be less than or equal to {largest}."
    return None
