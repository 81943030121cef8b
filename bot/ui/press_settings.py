"""The panel's presses and forms: the permission is asked anew at every one of them."""

from __future__ import annotations

from typing import Final

import discord

from bot.domain.guild import GuildSettings
from bot.domain.ids import GuildId, UserId
from bot.domain.presets import Preset
from bot.errors import PressRefused
from bot.ui import cards_moderation, cards_settings, modals, ways
from bot.ui import wording_panel as panel
from bot.ui import wording_settings as words
from bot.ui.actions import Action
from bot.ui.authority import manager
from bot.ui.cards import Card, note
from bot.ui.router import Handler, Press
from bot.ui.setting_values import parsed
from bot.ui.wording_settings import Section


async def open_section(press: Press) -> None:
    """Turn to a section, or back to the overview."""
    guild, _ = _manager(press)
    settings = await press.desk.rules.guilds.get(guild)
    chosen = next(iter(press.values), "")
    if chosen not in set(Section):
        view = cards_settings.overview(press.controls, guild, settings, press.desk.operators())
    else:
        view = _page(press, guild, settings, Section(chosen))
    await press.interaction.response.edit_message(view=view)


async def change(press: Press) -> None:
    """Take a choice from a menu, or a switch from a button."""
    guild, actor = _manager(press)
    name = press.row[1].replace("-", "_")
    values = (press.row[2],) if len(press.row) > 2 else press.values
    chosen = tuple(each for each in values if each != cards_settings.NONE)
    value = parsed(_guild(press), name, chosen)
    await press.interaction.response.defer()
    settings = await press.desk.rules.set(guild, name, value, actor)
    section = cards_settings.section_of(name)
    view = _page(press, guild, settings, section)
    await press.interaction.edit_original_response(view=view)
    for said in ways.warnings(press.interaction.client, press.say, settings, [name]):
        await press.interaction.followup.send(view=note(said), ephemeral=True)


async def ask_numbers(press: Press) -> None:
    guild, _ = _manager(press)
    section = Section(press.row[1])
    told = words.as_told(await press.desk.rules.guilds.get(guild))
    fields = {
        name: (
            press.say(words.NAMES[name]),
            _written(name, told[name]),
            panel.left_empty(press.say, name),
        )
        for name in cards_settings.NUMBERS[section]
    }
    await press.interaction.response.send_modal(
        modals.numbers(press.controls, section, fields, guild)
    )


async def take_numbers(press: Press) -> None:
    """Change what differs; a value that cannot be is refused, and then all stay as they were."""
    guild, actor = _manager(press)
    section = Section(press.row[1])
    names = [name for name in cards_settings.NUMBERS[section] if name in press.fields]
    wanted = {name: parsed(_guild(press), name, press.fields[name]) for name in names}
    await press.interaction.response.defer()
    settings = await press.desk.rules.set_all(guild, wanted, actor)
    view = _page(press, guild, settings, section)
    await press.interaction.edit_original_response(view=view)


async def settle_preset(press: Press) -> None:
    guild, actor = _manager(press)
    await press.interaction.response.defer()
    preset = Preset(press.row[1])
    await press.desk.rules.apply(guild, preset, actor)
    said = words.preset_done(press.say, preset)
    await press.interaction.edit_original_response(view=note(said))


async def turn_log(press: Press) -> None:
    guild, _ = _manager(press)
    page = await press.desk.rules.record(guild, max(0, int(press.row[1])))
    view = cards_moderation.log(press.controls, guild, page)
    await press.interaction.response.edit_message(view=view)


def _page(press: Press, guild: GuildId, settings: GuildSettings, section: Section) -> Card:
    return cards_settings.section(press.controls, guild, settings, section, press.desk.operators())


def _manager(press: Press) -> tuple[GuildId, UserId]:
    """Return guild and actor; what was made for another guild's panel does nothing here."""
    guild, actor = manager(press.interaction)
    if press.row[0] != str(guild):
        raise PressRefused("forged")
    return guild, actor


def _guild(press: Press) -> discord.Guild:
    guild = press.interaction.guild
    if guild is None:
        raise PressRefused("forged")
    return guild


def _written(name: str, value: object) -> str:
    """Write a value as the form takes it back."""
    if value is None:
        return ""
    if isinstance(value, int) and ("usd" in name or name == "preview_above"):
        return f"{value / 1_000_000:.6f}".rstrip("0").rstrip(".")
    return str(value)


HANDLERS: Final[dict[Action, Handler]] = {
    Action.SECTION: open_section,
    Action.SET: change,
    Action.SETTINGS_ASK: ask_numbers,
    Action.SETTINGS_FORM: take_numbers,
    Action.PRESET: settle_preset,
    Action.LOG: turn_log,
}
