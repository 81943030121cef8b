"""Setting values as they come from outside, from menus and forms, to what the domain takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final, TypeVar

import discord

from bot.domain.errors import SettingRefused
from bot.domain.gallery import GalleryMode
from bot.domain.guild import MenuPolicy
from bot.domain.ids import ChannelId, RoleId
from bot.domain.money import MicroUsd, parse_usd
from bot.errors import ComponentReason, ComponentRefused
from bot.ui.i18n.translations import LANGUAGES

_E = TypeVar("_E", bound=StrEnum)
Parser = Callable[[discord.Guild, str, tuple[str, ...]], object]


def parse_setting(guild: discord.Guild, name: str, values: tuple[str, ...]) -> object:
    """Read what was chosen or written for a setting; raise `SettingRefused` for what cannot be."""
    parser = PARSERS.get(name)
    if parser is None:
        raise SettingRefused(name, "", "there is no such setting")
    return parser(guild, name, tuple(value.strip() for value in values if value.strip()))


def parse_dollars(name: str, text: str) -> MicroUsd:
    """Read an amount of dollars as people write it: `5`, `0.25`, `0,25`, `$5`."""
    try:
        amount = Decimal(text.strip().lstrip("$").replace(",", "."))
    except InvalidOperation:
        raise SettingRefused(name, text[:20], "a number") from None
    if not amount.is_finite() or not 0 <= amount <= 10**6:
        raise SettingRefused(name, text[:20], "from 0 to 1000000")
    return parse_usd(amount)


def _parse_optional_int(_guild: discord.Guild, name: str, values: tuple[str, ...]) -> object:
    if not values:
        return None
    text = values[0]
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise SettingRefused(name, text[:20], "a number")
    return int(text)


def _parse_required_int(guild: discord.Guild, name: str, values: tuple[str, ...]) -> object:
    found = _parse_optional_int(guild, name, values)
    if found is None:
        raise SettingRefused(name, "", "a number")
    return found


def _parse_money(_guild: discord.Guild, name: str, values: tuple[str, ...]) -> object:
    return parse_dollars(name, values[0]) if values else None


def _parse_flag(_guild: discord.Guild, _name: str, values: tuple[str, ...]) -> object:
    return values == ("1",)


def _parse_channel(guild: discord.Guild, name: str, values: tuple[str, ...]) -> object:
    return next(iter(_parse_channels(guild, name, values)), None)


def _parse_channels(
    guild: discord.Guild, name: str, values: tuple[str, ...]
) -> tuple[ChannelId, ...]:
    try:
        return tuple(
            ChannelId(_parse_known_id(guild.get_channel_or_thread, name, each)) for each in values
        )
    except SettingRefused as error:
        raise ComponentRefused(ComponentReason.UNSEEN) from error


def _parse_roles(guild: discord.Guild, name: str, values: tuple[str, ...]) -> object:
    return tuple(RoleId(_parse_known_id(guild.get_role, name, each)) for each in values)


def _parse_known_id(get: Callable[[int], object], name: str, text: str) -> int:
    """Return an id that is of this guild; what comes from outside may name any other's."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else 0
    if get(number) is None:
        raise SettingRefused(name, text[:20], "one of those on offer")
    return number


def _build_enum_parser(kind: type[_E]) -> Parser:
    def parse(_guild: discord.Guild, name: str, values: tuple[str, ...]) -> object:
        try:
            return kind(next(iter(values), ""))
        except ValueError:
            raise SettingRefused(name, "", "one of those on offer") from None

    return parse


def _parse_language(_guild: discord.Guild, name: str, values: tuple[str, ...]) -> object:
    chosen = next(iter(values), "")
    if chosen not in {"", *LANGUAGES}:
        raise SettingRefused(name, chosen[:20], "one of those on offer")
    return chosen


def _parse_time_zone(_guild: discord.Guild, _name: str, values: tuple[str, ...]) -> object:
    return next(iter(values), "UTC")


PARSERS: Final[Mapping[str, Parser]] = {
    "tolerance": _parse_required_int,
    "adult_tolerance": _parse_optional_int,
    "check_content": _parse_flag,
    "approve_first": _parse_flag,
    "menu_on_others": _build_enum_parser(MenuPolicy),
    "allowed_channels": _parse_channels,
    "allowed_roles": _parse_roles,
    "max_side": _parse_optional_int,
    "results_per_command": _parse_optional_int,
    "preview_above": _parse_money,
    "results_per_user_day": _parse_optional_int,
    "usd_per_user_month": _parse_money,
    "usd_per_month": _parse_money,
    "gallery_channel": _parse_channel,
    "gallery_mode": _build_enum_parser(GalleryMode),
    "gallery_threshold": _parse_required_int,
    "gallery_lower": _parse_required_int,
    "gallery_self_votes": _parse_flag,
    "gallery_voter_roles": _parse_roles,
    "gallery_account_days": _parse_required_int,
    "gallery_message_minutes": _parse_required_int,
    "gallery_frozen": _parse_flag,
    "gallery_weekly": _parse_flag,
    "language": _parse_language,
    "time_zone": _parse_time_zone,
    "log_channel": _parse_channel,
    "moderators_channel": _parse_channel,
}
"""What the panel changes; lists of pairs and of words have commands of their own."""
