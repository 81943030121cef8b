"""The description of a guild setting: its section, kind and bounds, and the check of its value.

Each field of `bot.domain.guild.GuildSettings` is annotated with one; panel, commands, parser and
docs/settings.md read them from `SETTINGS`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum, auto
from typing import Any, Final, get_type_hints
from zoneinfo import ZoneInfo

from bot.domain.errors import SettingRefused

BETWEEN: Final = "from {lowest} to {highest}"
MOST: Final = "at most {most}"
"""What a setting may be, as `SettingRefused` says it."""
_MAX_LISTED: Final = 25
"""Roles or channels in one setting: as many as a Discord select menu can hold."""


class Section(StrEnum):
    """A page of the panel, and a group of commands."""

    SAFETY = "safety"
    ACCESS = "access"
    AMOUNTS = "amounts"
    QUOTAS = "quotas"
    GALLERY = "gallery"
    PLACE = "place"


class Kind(StrEnum):
    """The kind of a setting's value, which determines its text and its control."""

    FLAG = auto()
    LEVEL = auto()
    COUNT = auto()
    MONEY = auto()
    CHOICE = auto()
    """A member of the enumeration that the default belongs to."""
    CHANNEL = auto()
    CHANNELS = auto()
    ROLES = auto()
    LANGUAGE = auto()
    ZONE = auto()
    WORDS = auto()
    CHANNEL_LEVELS = auto()
    ROLE_LEVELS = auto()
    ROLE_COUNTS = auto()


MENU_KINDS: Final = frozenset(
    {Kind.LEVEL, Kind.CHOICE, Kind.CHANNEL, Kind.CHANNELS, Kind.ROLES, Kind.LANGUAGE}
)
FORM_KINDS: Final = frozenset({Kind.COUNT, Kind.MONEY, Kind.ZONE})
PANEL_KINDS: Final = MENU_KINDS | FORM_KINDS | {Kind.FLAG}
"""Kinds the panel changes by menus, by a form, and in total; the others have their own commands."""
LEVEL_KINDS: Final = frozenset({Kind.LEVEL, Kind.CHANNEL_LEVELS, Kind.ROLE_LEVELS})
"""Kinds whose values are levels of the safety tolerance."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting; `bounds` are those of its number, of each entry's, or of each word's length."""

    section: Section
    kind: Kind
    bounds: tuple[int, int] = (0, 0)
    max_entries: int = _MAX_LISTED
    default: Any = None
    """The field's default, filled in by `read_table`."""

    def check_value(self, name: str, value: Any) -> None:
        """Raise `SettingRefused` for an invalid value; None means the operator's default."""
        lowest, highest = self.bounds
        bounds = {"lowest": lowest, "highest": highest}
        if isinstance(self.default, tuple) and len(value) > self.max_entries:
            raise SettingRefused(name, str(len(value)), MOST, {"most": self.max_entries})
        for number in self.list_numbers(value):
            is_number = isinstance(number, int) and not isinstance(number, bool)
            if not is_number or not lowest <= number <= highest:
                raise SettingRefused(name, str(number), BETWEEN, bounds)
        for text in value if self.kind is Kind.WORDS else ():
            if not text.strip() or len(text) > highest:
                raise SettingRefused(name, text, BETWEEN, bounds)
        if self.kind is Kind.ZONE:
            _check_time_zone(name, value)

    def list_numbers(self, value: Any) -> list[Any]:
        """Return the numbers in a value: itself, or those of its entries."""
        match self.kind:
            case Kind.LEVEL | Kind.COUNT | Kind.MONEY:
                return [] if value is None else [value]
            case Kind.CHANNEL_LEVELS | Kind.ROLE_LEVELS:
                return [each.tolerance for each in value]
            case Kind.ROLE_COUNTS:
                return [each.results_per_day for each in value]
            case _:
                return []


def read_table(record: type) -> dict[str, Setting]:
    """Return the settings that a dataclass's fields are annotated with, including defaults."""
    hints = get_type_hints(record, include_extras=True)
    return {
        each.name: replace(hints[each.name].__metadata__[0], default=each.default)
        for each in fields(record)
    }


def _check_time_zone(setting: str, name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise SettingRefused(setting, name, "a time zone such as Europe/Berlin") from error
