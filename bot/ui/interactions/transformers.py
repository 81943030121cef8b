"""Conversion of command options to domain values, and autocomplete."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, Generic, TypeVar
from zoneinfo import available_timezones

from discord import app_commands

from bot.domain.model import ImageModel
from bot.domain.order import Detail, OutputFormat
from bot.domain.request import Anchor, Direction, parse_ratio
from bot.domain.text.numbers import normalise_number, parse_digits
from bot.ui.i18n.command_texts import mark_name
from bot.ui.i18n.translations import get_translations
from bot.ui.interactions.responses import Interaction
from bot.ui.texts.controls import (
    ANCHORS,
    DETAILS,
    DIRECTIONS,
    FORMATS,
    RATIOS,
    list_amounts,
    ratio_label,
)

_E = TypeVar("_E", bound=StrEnum)


class RatioTransformer(app_commands.Transformer):
    """Parses a ratio such as `16:9`, or raises `NotARatio`."""

    async def transform(self, _interaction: Interaction, value: str) -> Fraction:
        return parse_ratio(value)


class EnumTransformer(app_commands.Transformer, Generic[_E]):
    """Offers the members of an enumeration as named choices."""

    def __init__(self, kind: type[_E], names: Mapping[str, app_commands.locale_str]) -> None:
        self._kind = kind
        self._names = names

    @property
    def choices(self) -> list[app_commands.Choice[Any]]:
        return [
            app_commands.Choice(name=self._names[each], value=each.value) for each in self._kind
        ]

    async def transform(self, _interaction: Interaction, value: str) -> _E:
        return self._kind(value)


async def suggest_ratios(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """Suggest known ratios that contain the typed text, or the text itself."""
    _ = get_translations(str(interaction.locale))
    offered = [(ratio, ratio_label(_, ratio)) for ratio in RATIOS]
    typed = (current.casefold(), normalise_number(current))
    fitting = [each for each in offered if any(text in each[1].casefold() for text in typed)]
    if not fitting and 0 < len(current) <= MAX_RATIO_LENGTH:
        # the text may be a valid ratio that is not in the list
        fitting = [(current, current)]
    return [app_commands.Choice(name=label, value=ratio) for ratio, label in fitting]


async def suggest_time_zones(_: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """Suggest time zones that contain the typed text, first those whose city starts with it."""
    typed = current.strip().replace(" ", "_").casefold()
    zones = await asyncio.to_thread(_list_time_zones)  # at first it reads a file for each
    fitting = [zone for zone in zones if typed in zone.casefold()]
    fitting.sort(key=lambda zone: (f"/{typed}" not in zone.casefold(), zone))
    return [app_commands.Choice(name=zone, value=zone) for zone in fitting[:25]]


@functools.cache
def _list_time_zones() -> tuple[str, ...]:
    """Return UTC and the time zones named after a place."""
    known = {zone for zone in available_timezones() if "/" in zone}
    return ("UTC", *sorted(zone for zone in known if not zone.startswith(("Etc/", "SystemV/"))))


async def suggest_pixels(
    interaction: Interaction, current: int | str, *, model: ImageModel
) -> list[app_commands.Choice[int]]:
    """Suggest common amounts that start with the typed digits, and the typed amount."""
    _, typed = get_translations(str(interaction.locale)), normalise_number(str(current))
    most = model.margin.maximum
    amounts = list_amounts(_, most)
    offered = [
        app_commands.Choice(name=label, value=pixels)
        for pixels, label in amounts.items()
        if str(pixels).startswith(typed)
    ]
    own = parse_digits(typed) or 0
    if 1 <= own <= most and own not in amounts:
        offered.insert(0, app_commands.Choice(name=str(own), value=own))
    return offered


MAX_RATIO_LENGTH: Final = 20
DIRECTION_TRANSFORMER: Final = EnumTransformer(
    Direction, {way: mark_name(name) for way, name in DIRECTIONS.items()}
)
DETAIL_TRANSFORMER: Final = EnumTransformer(
    Detail, {detail: mark_name(name) for detail, name in DETAILS.items()}
)
ANCHOR_TRANSFORMER: Final = EnumTransformer(Anchor, ANCHORS)
FORMAT_TRANSFORMER: Final = EnumTransformer(OutputFormat, FORMATS)
