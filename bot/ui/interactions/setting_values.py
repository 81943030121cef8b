"""Parsing of setting values from menus, forms and command options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import discord

from bot.domain.errors import SettingRefused
from bot.domain.guild import SETTINGS, GuildSettings, RoleTier
from bot.domain.ids import ChannelId, RoleId
from bot.domain.money import MicroUsd, parse_usd
from bot.domain.settings_table import BETWEEN, PANEL_KINDS, Kind, Setting
from bot.domain.text.numbers import normalise_number, parse_digits
from bot.domain.tolerance import ChannelTolerance, RoleTolerance
from bot.errors import ComponentReason, ComponentRefused
from bot.ui.i18n.translations import LANGUAGES
from bot.ui.texts.settings.table import TARGET_OPTIONS, get_option

_MAX_DOLLARS: Final = 10**6
_ENTRIES: Final[Mapping[Kind, Callable[[Any, int], object]]] = {
    Kind.CHANNEL_LEVELS: ChannelTolerance,
    Kind.ROLE_LEVELS: RoleTolerance,
    Kind.ROLE_COUNTS: RoleTier,
}
"""Types of list entries that pair an ID with a number."""


def parse_setting(guild: discord.Guild, name: str, values: tuple[str, ...]) -> object:
    """Parse a setting's value from menu or form; raise `SettingRefused` if it is invalid."""
    row = SETTINGS.get(name)
    if row is None or row.kind not in PANEL_KINDS:
        raise SettingRefused(name, "", "there is no such setting")
    given = tuple(value.strip() for value in values if value.strip())
    match row.kind:
        case Kind.CHANNELS:
            return _parse_channels(guild, name, given)
        case Kind.CHANNEL:
            return next(iter(_parse_channels(guild, name, given)), None)
        case Kind.ROLES:
            return tuple(RoleId(_parse_known_id(guild.get_role, name, each)) for each in given)
        case Kind.FLAG:
            return given == ("1",)
        case _:
            return _parse_text(name, row, next(iter(given), ""))


def _parse_text(name: str, row: Setting, text: str) -> object:
    """Parse a single value; empty text means unset, or the default if a value is required."""
    match row.kind:
        case Kind.CHOICE | Kind.LANGUAGE:
            values: Any = ("", *LANGUAGES) if row.kind is Kind.LANGUAGE else type(row.default)
            if text not in tuple(values):
                raise SettingRefused(name, text[:20], "one of those on offer")
            return type(row.default)(text)
        case Kind.ZONE:
            return text or row.default
        case Kind.MONEY:
            return parse_dollars(name, text) if text else None
        case _:
            return None if not text and row.default is None else _parse_number(name, text)


def parse_dollars(name: str, text: str) -> MicroUsd:
    """Parse dollars as people write them: `5`, `0.25`, `0,25`, `$5`."""
    try:
        amount = Decimal(normalise_number(text).strip("$ "))
    except InvalidOperation:
        raise SettingRefused(name, text[:20], "a number") from None
    if not amount.is_finite() or not 0 <= amount <= _MAX_DOLLARS:
        raise SettingRefused(name, text[:20], BETWEEN, {"lowest": 0, "highest": _MAX_DOLLARS})
    return parse_usd(amount)


def _parse_number(name: str, text: str) -> int:
    plain = normalise_number(text)
    number = parse_digits(plain.removeprefix("-"))
    if number is None:
        raise SettingRefused(name, text[:20], "a number")
    return -number if plain.startswith("-") else number


def _parse_channels(
    guild: discord.Guild, name: str, values: tuple[str, ...]
) -> tuple[ChannelId, ...]:
    get = guild.get_channel_or_thread
    try:
        return tuple(ChannelId(_parse_known_id(get, name, each)) for each in values)
    except SettingRefused as error:
        raise ComponentRefused(ComponentReason.UNSEEN) from error


def _parse_known_id(get: Callable[[int], object], name: str, text: str) -> int:
    """Parse an ID and check that this guild has it: untrusted input may name another's."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else 0
    if get(number) is None:
        raise SettingRefused(name, text[:20], "one of those on offer")
    return number


def compute_value(settings: GuildSettings, name: str, given: Mapping[str, Any]) -> object:
    """Return a setting's new value from command options; lists gain or lose one entry."""
    kind, now = SETTINGS[name].kind, getattr(settings, name)
    value = given.get(get_option(name).parameter)
    if kind in TARGET_OPTIONS:
        target = TARGET_OPTIONS[kind].parameter
        entry = given[target].id
        if kind in _ENTRIES:
            others = tuple(each for each in now if getattr(each, target) != entry)
            return others if value is None else (*others, _ENTRIES[kind](entry, value))
        others = tuple(each for each in now if each != entry)
        return (*others, entry) if value else others
    if kind is Kind.MONEY and value is not None:
        return parse_dollars(name, value)
    return value.id if kind is Kind.CHANNEL and value is not None else value
