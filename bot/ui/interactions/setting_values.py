"""Parsing of setting values from menus, forms and command options."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import discord

from bot.domain.content import ChannelTolerance, RoleTolerance
from bot.domain.errors import SettingRefused
from bot.domain.guild import SETTINGS, GuildSettings, RoleTier
from bot.domain.ids import ChannelId, RoleId
from bot.domain.money import MicroUsd, parse_usd
from bot.domain.settings_table import BETWEEN, PANEL_KINDS, Kind, Setting
from bot.domain.text.numbers import normalise_number, parse_digits
from bot.errors import ComponentReason, ComponentRefused
from bot.ui.channels.access import POSTABLE_CHANNELS, RULED_CHANNELS
from bot.ui.i18n.translations import LANGUAGES
from bot.ui.texts.settings.table import RESET_OPTION, TARGET_OPTIONS, get_option

_MAX_DOLLARS: Final = 10**6
_ENTRIES: Final[Mapping[Kind, Callable[[Any, int], object]]] = {
    Kind.CHANNEL_LEVELS: ChannelTolerance,
    Kind.ROLE_LEVELS: RoleTolerance,
    Kind.ROLE_COUNTS: RoleTier,
}
"""Types of list entries that pair an ID with a number."""


def parse_setting(
    guild: discord.Guild,
    name: str,
    values: tuple[str, ...],
    chosen_channels: Collection[int] = (),
) -> object:
    """Parse a setting's value from menu or form; raise `SettingRefused` if it is invalid.

    A rule may be set for `chosen_channels` that the bot cannot see: commands work there too.
    """
    row = SETTINGS.get(name)
    if row is None or row.kind not in PANEL_KINDS:
        raise SettingRefused(name, "", "there is no such setting")
    given = tuple(value.strip() for value in values if value.strip())
    match row.kind:
        case Kind.CHANNELS:
            return tuple(
                ChannelId(int(each))
                if each in set(map(str, chosen_channels))
                else _parse_channel(guild, name, each, RULED_CHANNELS)
                for each in given
            )
        case Kind.CHANNEL:
            chosen = (_parse_channel(guild, name, each, POSTABLE_CHANNELS) for each in given)
            return next(chosen, None)
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


def _parse_channel(
    guild: discord.Guild, name: str, text: str, kinds: tuple[type, ...]
) -> ChannelId:
    """Parse a channel's ID and check that the bot sees it and that it is of one of the kinds."""
    try:
        number = _parse_known_id(guild.get_channel, name, text)
    except SettingRefused as error:
        raise ComponentRefused(ComponentReason.UNSEEN) from error
    if not isinstance(guild.get_channel(number), kinds):
        raise SettingRefused(name, text[:20], "one of those on offer")
    return ChannelId(number)


def _parse_known_id(get: Callable[[int], object], name: str, text: str) -> int:
    """Parse an ID and check that this guild has it: untrusted input may name another's."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else 0
    if get(number) is None:
        raise SettingRefused(name, text[:20], "one of those on offer")
    return number


def list_changes(names: Sequence[str], given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return which settings the options of their command change: none without a value.

    Raises `SettingRefused` for a value beside a reset, or without its channel or role.
    """
    if given.get(RESET_OPTION.parameter):
        for name in names:
            if (value := given.get(get_option(name).parameter)) is not None:
                raise SettingRefused(name, str(value), "a value or a reset, not both")
        return tuple(names)
    return tuple(name for name in names if _is_given(name, given))


def _is_given(name: str, given: Mapping[str, Any]) -> bool:
    kind, value = SETTINGS[name].kind, given.get(get_option(name).parameter)
    if kind not in TARGET_OPTIONS:
        return value is not None
    has_target = given.get(TARGET_OPTIONS[kind].parameter) is not None
    if value is not None and not has_target:
        raise SettingRefused(name, str(value), "given together with a channel or role")
    # a channel or role alone puts it on a list, but has no level or number of its own
    return has_target and (value is not None or kind not in _ENTRIES)


def compute_value(settings: GuildSettings, name: str, given: Mapping[str, Any]) -> object:
    """Return a setting's new value from command options; lists gain or lose one entry.

    A reset returns the default; with a channel or role it takes that off the list.
    """
    row, now = SETTINGS[name], getattr(settings, name)
    value: Any = given.get(get_option(name).parameter)
    is_reset = given.get(RESET_OPTION.parameter)
    target = TARGET_OPTIONS[row.kind].parameter if row.kind in TARGET_OPTIONS else ""
    if target and given.get(target) is not None:
        entry = given[target].id
        if row.kind in _ENTRIES:
            others = tuple(each for each in now if getattr(each, target) != entry)
            return others if is_reset else (*others, _ENTRIES[row.kind](entry, value))
        others = tuple(each for each in now if each != entry)
        return others if is_reset or value is False else (*others, entry)
    if is_reset:
        return row.default
    if row.kind is Kind.MONEY:
        return parse_dollars(name, str(value))
    return value.id if row.kind is Kind.CHANNEL and value is not None else value
