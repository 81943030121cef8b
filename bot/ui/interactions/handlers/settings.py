"""Handlers of the settings panel; each one checks permissions again."""

from __future__ import annotations

from typing import Final

import discord

from bot.domain.guild import SETTINGS, GuildSettings, list_settings
from bot.domain.ids import GuildId, UserId
from bot.domain.settings_table import FORM_KINDS, Kind, Section
from bot.errors import ComponentReason, ComponentRefused
from bot.ui.actions import Action
from bot.ui.channels.access import list_permission_warnings
from bot.ui.interactions.moderator_access import require_visible_channels
from bot.ui.interactions.permissions import require_manager
from bot.ui.interactions.router import ComponentEvent, Handler
from bot.ui.interactions.setting_values import parse_setting
from bot.ui.texts.settings import settings as texts
from bot.ui.texts.settings.panel import describe_empty_value
from bot.ui.views import modals
from bot.ui.views.base import build_note
from bot.ui.views.moderation import build_log_card
from bot.ui.views.payloads import LogPayload, PresetPayload, SectionPayload, SettingPayload
from bot.ui.views.settings_panel import UNSET_VALUE, Panel, build_overview_card, build_section_card


async def open_section(event: ComponentEvent, guild_id: GuildId) -> None:
    """Open a section, or return to the overview."""
    guild, _ = _require_panel_manager(event, guild_id)
    settings = await event.services.guild_settings.get(guild)
    panel = _build_panel(event, guild, settings)
    chosen = next(iter(event.values), "")
    if chosen in set(Section):
        view = build_section_card(panel, Section(chosen))
    else:
        view = build_overview_card(panel)
    await event.interaction.response.edit_message(view=view)


async def change_setting(event: ComponentEvent, payload: SettingPayload) -> None:
    """Change a setting by a menu's choice or a button's value."""
    guild, actor = _require_panel_manager(event, payload.guild_id)
    name = payload.name.replace("-", "_")
    values = event.values if payload.value is None else (payload.value,)
    chosen = tuple(each for each in values if each != UNSET_VALUE)
    value = parse_setting(_require_guild(event), name, chosen, event.chosen_channels)
    require_visible_channels(event.interaction, {name: value})
    await event.interaction.response.defer()
    settings = await event.services.guild_settings.set_values(guild, {name: value}, actor)
    view = build_section_card(_build_panel(event, guild, settings), SETTINGS[name].section)
    await event.interaction.edit_original_response(view=view)
    client = event.interaction.client
    for text in list_permission_warnings(client, event.gettext, settings, [name]):
        await event.interaction.followup.send(view=build_note(text), ephemeral=True)


async def open_numbers_form(event: ComponentEvent, payload: SectionPayload) -> None:
    guild, _ = _require_panel_manager(event, payload.guild_id)
    stored = texts.dump_settings(await event.services.guild_settings.get(guild))
    values = {
        name: (_format_input(name, stored[name]), describe_empty_value(event.gettext, name))
        for name in list_settings(payload.section, FORM_KINDS)
    }
    form = modals.build_settings_modal(event.controls, payload, values)
    await event.interaction.response.send_modal(form)


async def submit_numbers_form(event: ComponentEvent, payload: SectionPayload) -> None:
    """Change the values that differ; if one is invalid, none changes."""
    guild, actor = _require_panel_manager(event, payload.guild_id)
    names = [name for name in list_settings(payload.section, FORM_KINDS) if name in event.fields]
    wanted = {
        name: parse_setting(_require_guild(event), name, event.fields[name]) for name in names
    }
    await event.interaction.response.defer()
    settings = await event.services.guild_settings.set_values(guild, wanted, actor)
    view = build_section_card(_build_panel(event, guild, settings), payload.section)
    await event.interaction.edit_original_response(view=view)


async def apply_preset(event: ComponentEvent, payload: PresetPayload) -> None:
    guild, actor = _require_panel_manager(event, payload.guild_id)
    await event.interaction.response.defer()
    await event.services.guild_settings.apply_preset(guild, payload.preset, actor)
    text = texts.preset_applied_text(event.gettext, payload.preset)
    await event.show_note(text)


async def show_log_page(event: ComponentEvent, payload: LogPayload) -> None:
    guild, _ = _require_panel_manager(event, payload.guild_id)
    page = await event.services.guild_settings.get_log_page(guild, max(0, payload.page))
    view = build_log_card(event.controls, guild, page)
    await event.interaction.response.edit_message(view=view)


def _build_panel(event: ComponentEvent, guild: GuildId, settings: GuildSettings) -> Panel:
    limits = event.services.limits.get_operator_limits()
    return Panel(event.controls, guild, settings, limits)


def _require_panel_manager(event: ComponentEvent, panel: GuildId) -> tuple[GuildId, UserId]:
    """Return guild and actor; raise `ComponentRefused` for a panel of another guild."""
    guild, actor = require_manager(event.interaction)
    if panel != guild:
        raise ComponentRefused(ComponentReason.FORGED)
    return guild, actor


def _require_guild(event: ComponentEvent) -> discord.Guild:
    guild = event.interaction.guild
    if guild is None:
        raise ComponentRefused(ComponentReason.FORGED)
    return guild


def _format_input(name: str, value: object) -> str:
    """Format a value as the form's field accepts it."""
    if value is None:
        return ""
    if isinstance(value, int) and SETTINGS[name].kind is Kind.MONEY:
        return f"{value / 1_000_000:.6f}".rstrip("0").rstrip(".")
    return str(value)


HANDLERS: Final[dict[Action, Handler]] = {
    Action.SECTION: open_section,
    Action.SET: change_setting,
    Action.SETTINGS_ASK: open_numbers_form,
    Action.SETTINGS_FORM: submit_numbers_form,
    Action.PRESET: apply_preset,
    Action.LOG: show_log_page,
}
