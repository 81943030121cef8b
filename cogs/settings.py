"""Settings commands: the panel, presets, the log, and commands built from the settings table."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, TypeVar

import discord
from discord import app_commands
from discord.app_commands.transformers import BaseChannelTransformer, RangeTransformer
from discord.ext import commands

from bot.domain.guild import SETTINGS, Preset, list_settings
from bot.domain.settings_table import Kind, Section
from bot.ui.channels.access import (
    POSTABLE_CHANNELS,
    RULED_CHANNELS,
    list_permission_warnings,
)
from bot.ui.i18n.command_texts import (
    Option,
    create_command,
    describe_command,
    mark_name,
    set_options,
)
from bot.ui.i18n.translations import LANGUAGE_NAMES, get_translations
from bot.ui.interactions.moderator_access import require_visible_channels
from bot.ui.interactions.permissions import require_manager
from bot.ui.interactions.responses import Interaction
from bot.ui.interactions.services import InteractionServices
from bot.ui.interactions.setting_values import compute_value, list_changes
from bot.ui.interactions.transformers import EnumTransformer, suggest_time_zones
from bot.ui.texts.settings import settings as texts
from bot.ui.texts.settings.panel import describe_unchanged
from bot.ui.texts.settings.table import (
    CHOICE_TEXTS,
    RESET_OPTION,
    SECTION_COMMANDS,
    TARGET_OPTIONS,
    TEXTS,
    get_option,
)
from bot.ui.views import settings_panel as views
from bot.ui.views.base import build_note
from bot.ui.views.moderation import build_log_card

_E = TypeVar("_E", bound=StrEnum)


def _offer(kind: type[_E], names: Mapping[Any, str]) -> EnumTransformer[_E]:
    return EnumTransformer(kind, {each: mark_name(names[each]) for each in kind})


class _RuledChannel(BaseChannelTransformer[discord.Client]):
    """Takes a channel that the bot need not see: commands work there too."""

    async def transform(self, _: Interaction, value: Any, /) -> Any:
        return value


PresetOption = app_commands.Transform[Preset, _offer(Preset, texts.PRESET_NAMES)]
Page = app_commands.Range[int, 1, 10_000]
_INTEGER, _STRING = discord.AppCommandOptionType.integer, discord.AppCommandOptionType.string
_TYPES: Final[dict[Kind, Any]] = {
    Kind.FLAG: bool,
    Kind.MONEY: RangeTransformer(_STRING, min=1, max=12),
    Kind.CHANNEL: BaseChannelTransformer(*POSTABLE_CHANNELS),
    Kind.CHANNELS: bool,
    Kind.ROLES: bool,
    Kind.LANGUAGE: str,
    Kind.ZONE: RangeTransformer(_STRING, min=1, max=60),
}
"""Option types of discord.py by kind; other kinds are integers within the setting's bounds."""
_TARGETS: Final = {"channel": _RuledChannel(*RULED_CHANNELS), "role": discord.Role}
_SUGGESTIONS: Final[dict[Kind, Any]] = {
    Kind.LANGUAGE: app_commands.choices(
        language=[app_commands.Choice(name=own, value=each) for each, own in LANGUAGE_NAMES.items()]
    ),
    Kind.ZONE: app_commands.autocomplete(zone=suggest_time_zones),
}


def _build_group(section: Section) -> app_commands.Group:
    """Build a section's command group; adjacent settings with the same command share it."""
    group = app_commands.Group(**SECTION_COMMANDS[section])
    rows = [name for name in list_settings(section) if TEXTS[name].command]
    for _, names in itertools.groupby(rows, lambda name: TEXTS[name].command):
        _add_command(group, tuple(names))
    return group


def _add_command(group: app_commands.Group, names: Sequence[str]) -> None:
    async def run(cog: SettingsCog, interaction: Interaction, **given: Any) -> None:
        await cog.change_settings(interaction, names, given)

    first = TEXTS[names[0]]
    options = [*(each for name in names for each in _list_options(name)), (RESET_OPTION, bool)]
    # left out, an option changes nothing: the command then shows the value
    set_options(run, [option.build_parameter(kind, None) for option, kind in options])
    for option, _ in options:
        option(run)
    for kind in {SETTINGS[name].kind for name in names} & set(_SUGGESTIONS):
        _SUGGESTIONS[kind](run)
    create_command(first.command, str(first.description), group)(run)


def _list_options(name: str) -> Iterator[tuple[Option, Any]]:
    """Yield the options that change a setting, each with its type."""
    row = SETTINGS[name]
    lowest, highest = row.bounds
    kind = _TYPES.get(row.kind, RangeTransformer(_INTEGER, min=lowest, max=highest))
    if row.kind is Kind.CHOICE:
        kind = _offer(type(row.default), CHOICE_TEXTS)
    elif row.kind in TARGET_OPTIONS:
        target = TARGET_OPTIONS[row.kind]
        yield target, _TARGETS[target.parameter]
    yield get_option(name), kind


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class SettingsCog(
    commands.GroupCog, **describe_command("settings", "Settle what this server allows and shows")
):
    """Settings commands; each call checks permissions, Discord's own only hide the commands."""

    # discord.py finds command groups among the class attributes
    safety, access, amounts, quotas, gallery, place = map(_build_group, Section)

    def __init__(self, services: InteractionServices) -> None:
        self._services, self._guild_settings = services, services.guild_settings

    @create_command("panel", "See and change everything in one place")
    async def open_panel(self, interaction: Interaction) -> None:
        guild, _ = require_manager(interaction)
        settings = await self._guild_settings.get(guild)
        controls = self._services.build_controls(interaction.locale)
        limits = self._services.limits.get_operator_limits()
        view = views.build_overview_card(views.Panel(controls, guild, settings, limits))
        await interaction.response.send_message(view=view, ephemeral=True)

    @create_command("preset", "Settle what suits a kind of community at once")
    @Option("kind", "The kind of community")
    async def offer_preset(self, interaction: Interaction, kind: PresetOption) -> None:
        guild, _ = require_manager(interaction)
        controls = self._services.build_controls(interaction.locale)
        view = views.build_preset_card(controls, guild, kind)
        await interaction.response.send_message(view=view, ephemeral=True)

    @create_command("log", "See who changed and did what")
    @Option("page", "Which page, the newest being 1")
    async def show_log(self, interaction: Interaction, page: Page = 1) -> None:
        guild, _ = require_manager(interaction)
        found = await self._guild_settings.get_log_page(guild, page - 1)
        view = build_log_card(self._services.build_controls(interaction.locale), guild, found)
        await interaction.response.send_message(view=view, ephemeral=True)

    async def change_settings(
        self, interaction: Interaction, names: Sequence[str], given: Mapping[str, Any]
    ) -> None:
        """Change the settings that a command's options give, and show the values of all."""
        guild, actor = require_manager(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        _, changed = get_translations(str(interaction.locale)), list_changes(names, given)
        chosen = {
            name: getattr(given.get(get_option(name).parameter), "id", None) for name in changed
        }
        require_visible_channels(interaction, chosen)
        if not changed:
            settings = await self._guild_settings.get(guild)
            limits = self._services.limits.get_operator_limits()
            unchanged = describe_unchanged(_, names, settings, limits)
            await interaction.edit_original_response(view=build_note(unchanged))
            return
        # computed from the stored values, so that concurrent changes to a list are not lost
        settings = await self._guild_settings.change_values(
            guild, lambda now: {name: compute_value(now, name, given) for name in changed}, actor
        )
        text = [texts.describe_change(_, name, settings) for name in names]
        text += list_permission_warnings(interaction.client, _, settings, names)
        await interaction.edit_original_response(view=build_note("\n".join(text)))
