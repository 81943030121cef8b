"""What a guild's managers settle: the panel, and a command for each value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.gallery import GalleryMode
from bot.domain.guild import MAX_RESULTS, GuildSettings, MenuPolicy, RoleTier
from bot.domain.ids import ChannelId, RoleId
from bot.domain.presets import Preset
from bot.domain.tolerance import ChannelCeiling, RoleCeiling
from bot.services.rules import Wanted
from bot.ui import cards_moderation, cards_settings, ways
from bot.ui import wording_settings as words
from bot.ui.authority import manager
from bot.ui.cards import note
from bot.ui.replies import Interaction
from bot.ui.setting_values import usd
from bot.ui.speech import speech
from bot.ui.transformers import Chosen, suggest_zones
from bot.ui.wording_settings_commands import MENU, MODES, PRESETS, SPOKEN, called, group, taking

if TYPE_CHECKING:
    from bot.client import ExpanseBot

Level = app_commands.Range[int, 0, 6]
Strictness = app_commands.Range[int, 0, 2]
PerCommand = app_commands.Range[int, 1, MAX_RESULTS]
Count = app_commands.Range[int, 0, 1_000_000]
Side = app_commands.Range[int, 64, 16_384]
Place = discord.TextChannel | None
Zone = app_commands.Range[str, 1, 60]
Dollars = app_commands.Range[str, 1, 12]
AsMenu = app_commands.Transform[MenuPolicy, Chosen(MenuPolicy, MENU)]
AsMode = app_commands.Transform[GalleryMode, Chosen(GalleryMode, MODES)]
AsPreset = app_commands.Transform[Preset, Chosen(Preset, PRESETS)]


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class Settings(commands.GroupCog, **called("settings")):
    """Discord's own permissions decide who sees these; who may is asked at each call."""

    safety = group("safety")
    access = group("access")
    amounts = group("amounts")
    quotas = group("quotas")
    gallery = group("gallery-rules")
    place = group("place")

    def __init__(self, bot: ExpanseBot) -> None:
        self._desk, self._rules = bot.desk, bot.desk.rules

    @app_commands.command(**called("panel"))
    async def panel(self, interaction: Interaction) -> None:
        guild, _ = manager(interaction)
        settings = await self._rules.guilds.get(guild)
        controls, operators = self._desk.controls(interaction.locale), self._desk.operators()
        view = cards_settings.overview(controls, guild, settings, operators)
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command(**called("preset"))
    @taking(kind="kind")
    async def preset(self, interaction: Interaction, kind: AsPreset) -> None:
        guild, _ = manager(interaction)
        view = cards_settings.preset(self._desk.controls(interaction.locale), guild, kind)
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command(**called("log"))
    @taking(page="page")
    async def log(
        self, interaction: Interaction, page: app_commands.Range[int, 1, 10_000] = 1
    ) -> None:
        guild, _ = manager(interaction)
        found = await self._rules.record(guild, page - 1)
        view = cards_moderation.log(self._desk.controls(interaction.locale), guild, found)
        await interaction.response.send_message(view=view, ephemeral=True)

    @safety.command(**called("tolerance"))
    @taking(level="strictness")
    async def tolerance(self, interaction: Interaction, level: Strictness) -> None:
        await self._set(interaction, "tolerance", level)

    @safety.command(**called("adult-tolerance"))
    @taking(level="level")
    async def adult_tolerance(self, interaction: Interaction, level: Level | None = None) -> None:
        await self._set(interaction, "adult_tolerance", level)

    @safety.command(**called("channel-level"))
    @taking(channel="one-channel", level="level")
    async def channel_level(
        self, interaction: Interaction, channel: discord.TextChannel, level: Level | None = None
    ) -> None:
        number = ChannelId(channel.id)
        own = () if level is None else (ChannelCeiling(number, level),)
        await self._change(
            interaction,
            "channel_tolerance",
            lambda now: (*(x for x in now.channel_tolerance if x.channel != number), *own),
        )

    @safety.command(**called("role-level"))
    @taking(role="role", level="level")
    async def role_level(
        self, interaction: Interaction, role: discord.Role, level: Level | None = None
    ) -> None:
        number = RoleId(role.id)
        own = () if level is None else (RoleCeiling(number, level),)
        await self._change(
            interaction,
            "role_tolerance",
            lambda now: (*(x for x in now.role_tolerance if x.role != number), *own),
        )

    @safety.command(**called("second-check"))
    @taking(on="on")
    async def second_check(self, interaction: Interaction, on: bool) -> None:
        await self._set(interaction, "check_content", on)

    @safety.command(**called("approve-first"))
    @taking(on="on")
    async def approve_first(self, interaction: Interaction, on: bool) -> None:
        await self._set(interaction, "approve_first", on)

    @safety.command(**called("menu"))
    @taking(who="who")
    async def menu(self, interaction: Interaction, who: AsMenu) -> None:
        await self._set(interaction, "menu_on_others", who)

    @access.command(**called("allow-channel"))
    @taking(channel="one-channel", listed="listed")
    async def allow_channel(
        self, interaction: Interaction, channel: discord.TextChannel, listed: bool = True
    ) -> None:
        await self._list(interaction, "allowed_channels", ChannelId(channel.id), listed)

    @access.command(**called("allow-role"))
    @taking(role="role", listed="listed")
    async def allow_role(
        self, interaction: Interaction, role: discord.Role, listed: bool = True
    ) -> None:
        await self._list(interaction, "allowed_roles", RoleId(role.id), listed)

    @amounts.command(**called("max-side"))
    @taking(pixels="number")
    async def max_side(self, interaction: Interaction, pixels: Side | None = None) -> None:
        await self._set(interaction, "max_side", pixels)

    @amounts.command(**called("per-command"))
    @taking(number="number")
    async def per_command(self, interaction: Interaction, number: PerCommand | None = None) -> None:
        await self._set(interaction, "results_per_command", number)

    @amounts.command(**called("preview-above"))
    @taking(dollars="dollars")
    async def preview_above(self, interaction: Interaction, dollars: Dollars | None = None) -> None:
        await self._money(interaction, "preview_above", dollars)

    @quotas.command(**called("daily"))
    @taking(number="number")
    async def daily(self, interaction: Interaction, number: Count | None = None) -> None:
        await self._set(interaction, "results_per_user_day", number)

    @quotas.command(**called("tier"))
    @taking(role="role", number="number")
    async def tier(
        self, interaction: Interaction, role: discord.Role, number: Count | None = None
    ) -> None:
        held = RoleId(role.id)
        own = () if number is None else (RoleTier(held, number),)
        await self._change(
            interaction,
            "role_tiers",
            lambda now: (*(x for x in now.role_tiers if x.role != held), *own),
        )

    @quotas.command(**called("monthly"))
    @taking(dollars="dollars")
    async def monthly(self, interaction: Interaction, dollars: Dollars | None = None) -> None:
        await self._money(interaction, "usd_per_user_month", dollars)

    @quotas.command(**called("budget"))
    @taking(dollars="dollars")
    async def budget(self, interaction: Interaction, dollars: Dollars | None = None) -> None:
        await self._money(interaction, "usd_per_month", dollars)

    @gallery.command(**called("gallery-channel"))
    @taking(channel="channel")
    async def gallery_channel(self, interaction: Interaction, channel: Place = None) -> None:
        await self._set(interaction, "gallery_channel", channel and ChannelId(channel.id))

    @gallery.command(**called("mode"))
    @taking(how="how")
    async def mode(self, interaction: Interaction, how: AsMode) -> None:
        await self._set(interaction, "gallery_mode", how)

    @gallery.command(**called("threshold"))
    @taking(votes="votes", lower="lower")
    async def threshold(
        self,
        interaction: Interaction,
        votes: app_commands.Range[int, 1, 1000],
        lower: app_commands.Range[int, -1, 999] = 0,
    ) -> None:
        await self._set_all(interaction, gallery_threshold=votes, gallery_lower=lower)

    @gallery.command(**called("self-votes"))
    @taking(on="on")
    async def self_votes(self, interaction: Interaction, on: bool) -> None:
        await self._set(interaction, "gallery_self_votes", on)

    @gallery.command(**called("voter-role"))
    @taking(role="role", listed="listed")
    async def voter_role(
        self, interaction: Interaction, role: discord.Role, listed: bool = True
    ) -> None:
        await self._list(interaction, "gallery_voter_roles", RoleId(role.id), listed)

    @gallery.command(**called("voter-age"))
    @taking(days="account-days", minutes="minutes")
    async def voter_age(
        self,
        interaction: Interaction,
        days: app_commands.Range[int, 0, 3650] = 0,
        minutes: app_commands.Range[int, 0, 10_080] = 0,
    ) -> None:
        await self._set_all(interaction, gallery_account_days=days, gallery_message_minutes=minutes)

    @gallery.command(**called("freeze"))
    @taking(on="on")
    async def freeze(self, interaction: Interaction, on: bool) -> None:
        await self._set(interaction, "gallery_frozen", on)

    @gallery.command(**called("weekly"))
    @taking(on="on")
    async def weekly(self, interaction: Interaction, on: bool) -> None:
        await self._set(interaction, "gallery_weekly", on)

    @place.command(**called("language"))
    @taking(language="language")
    @app_commands.choices(language=SPOKEN)
    async def language(self, interaction: Interaction, language: str = "") -> None:
        await self._set(interaction, "language", language)

    @place.command(**called("time-zone"))
    @taking(zone="zone")
    @app_commands.autocomplete(zone=suggest_zones)
    async def time_zone(self, interaction: Interaction, zone: Zone) -> None:
        await self._set(interaction, "time_zone", zone)

    @place.command(**called("log-channel"))
    @taking(channel="channel")
    async def log_channel(self, interaction: Interaction, channel: Place = None) -> None:
        await self._set(interaction, "log_channel", channel and ChannelId(channel.id))

    @place.command(**called("moderators-channel"))
    @taking(channel="channel")
    async def moderators_channel(self, interaction: Interaction, channel: Place = None) -> None:
        await self._set(interaction, "moderators_channel", channel and ChannelId(channel.id))

    async def _set(self, interaction: Interaction, name: str, value: object) -> None:
        await self._change(interaction, name, lambda _: value)

    async def _money(self, interaction: Interaction, name: str, text: str | None) -> None:
        await self._set(interaction, name, None if text is None else usd(name, text))

    async def _list(self, interaction: Interaction, name: str, entry: object, listed: bool) -> None:
        own = (entry,) if listed else ()
        await self._change(
            interaction, name, lambda now: (*(x for x in getattr(now, name) if x != entry), *own)
        )

    async def _change(self, interaction: Interaction, name: str, wanted: Wanted) -> None:
        guild, actor = manager(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._say(interaction, await self._rules.change(guild, name, wanted, actor), name)

    async def _set_all(self, interaction: Interaction, **values: object) -> None:
        guild, actor = manager(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        settings = await self._rules.set_all(guild, values, actor)
        await self._say(interaction, settings, *values)

    async def _say(self, interaction: Interaction, settings: GuildSettings, *names: str) -> None:
        say = speech(str(interaction.locale))
        said = [words.changed(say, name, settings) for name in names]
        said += ways.warnings(interaction.client, say, settings, names)
        await interaction.edit_original_response(view=note("\n".join(said)))


async def setup(bot: ExpanseBot) -> None:
    await bot.add_cog(Settings(bot))
