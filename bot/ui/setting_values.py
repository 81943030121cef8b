"""Setting values as they come from outside, from menus and forms, to what the domain takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final, TypeVar

import discord

from bot.domain.gallery import GalleryMode
from bot.domain.guild import MenuPolicy
from bot.domain.ids import ChannelId, RoleId
from bot.domain.money import MicroUsd, parse_usd
from bot.domain.problems import SettingRefused
from bot.errors import PressRefused
from bot.ui.speech import LANGUAGES

_E = TypeVar("_E", bound=StrEnum)
Parser = Callable[[discord.Guild, str, tuple[str, ...]], object]


def parsed(guild: discord.Guild, name: str, values: tuple[str, ...]) -> object:
    """Read what was chosen or written for a setting; raise `SettingRefused` for what cannot be."""
    parser = PARSERS.get(name)
    if parser is None:
        raise SettingRefused(name, "", "there is no such setting")
    return parser(guild, name, tuple(value.strip() for value in values if value.strip()))


def usd(name: str, text: str) -> MicroUsd:
    """Read an amount of dollars as people write it: `5`, `0.25`, `0,25`, `$5`."""
    try:
        amount = Decimal(text.strip().lstrip("$").replace(",", "."))
    except InvalidOperation:
        raise SettingRefused(name, text[:20], "a number") from None
    if not amount.is_finite() or not 0 <= amount <= 10**6:
        raise SettingRefused(name, text[:20], "from 0 to 1000000")
    return parse_usd(amount)


def _whole(_guild: discord.Guild, name: str, values: tuple[str, ...]) -> object:
    if not values:
        return None
    text = values[0]
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise SettingRefused(name, text[:20], "a number")
    return int(text)


def _needed(guild: discord.Guild, name: str, values: tuple[str, ...]) -> object:
    found = _whole(guild, name, values)
    if found is None:
        raise SettingRefused(name, "", "a number")
    return found


def _money(_guild: discord.Guild, name: str, values: tuple[str, ...]) -> object:
    return usd(name, values[0]) if values else None


def _flag(_guild: discord.Guild, _name: str, values: tuple[str, ...]) -> object:
    return values == ("1",)


def _channel(guild: discord.Guild, name: str, values: tuple[str, ...]) -> object:
    return next(iter(_channels(guild, name, values)), None)


def _channels(guild: discord.Guild, name: str, values: tuple[str, ...]) -> tuple[ChannelId, ...]:
    try:
        return tuple(ChannelId(_known(guild.get_channel_or_thread, name, each)) for each in values)
    except SettingRefused as error:
        raise PressRefused("unseen") from error


def _roles(guild: discord.Guild, name: str, values: tuple[str, ...]) -> object:
    return tuple(RoleId(_known(guild.get_role, name, each)) for each in values)


def _known(get: Callable[[int], object], name: str, text: str) -> int:
    """Return an id that is of this guild; what comes from outside may name any other's."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else 0
    if get(number) is None:
        raise SettingRefused(name, text[:20], "one of those on offer")
    return number


def _one_of(kind: type[_E]) -> Parser:
    def parse(_guild: discord.Guild, name: str, values: tuple[str, ...]) -> object:
        try:
            return kind(next(iter(values), ""))
        except ValueError:
            raise SettingRefused(name, "", "one of those on offer") from None

    return parse


def _language(_guild: discord.Guild, name: str, values: tuple[str, ...]) -> object:
    chosen = next(iter(values), "")
    if chosen not in {"", *LANGUAGES}:
        raise SettingRefused(name, chosen[:20], "one of those on offer")
    return chosen


def _zone(_guild: discord.Guild, _name: str, values: tuple[str, ...]) -> object:
    return next(iter(values), "UTC")


PARSERS: Final[Mapping[str, Parser]] = {
    "tolerance": _needed,
    "adult_tolerance": _whole,
    "check_content": _flag,
    "approve_first": _flag,
    "menu_on_others": _one_of(MenuPolicy),
    "allowed_channels": _channels,
    "allowed_roles": _roles,
    "max_side": _whole,
    "results_per_command": _whole,
    "preview_above": _money,
    "results_per_user_day": _whole,
    "usd_per_user_month": _money,
    "usd_per_month": _money,
    "gallery_channel": _channel,
    "gallery_mode": _one_of(GalleryMode),
    "gallery_threshold": _needed,
    "gallery_lower": _needed,
    "gallery_self_votes": _flag,
    "gallery_voter_roles": _roles,
    "gallery_account_days": _needed,
    "gallery_message_minutes": _needed,
    "gallery_frozen": _flag,
    "gallery_weekly": _flag,
    "language": _language,
    "time_zone": _zone,
    "log_channel": _channel,
    "moderators_channel": _channel,
}
"""What the panel changes; lists of pairs and of words have commands of their own."""
