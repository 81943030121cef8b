"""What a guild's managers settle: the panel, and a command for each value."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.gallery import GalleryMode
from bot.domain.guild import MAX_RESULTS, GuildSettings, MenuPolicy, RoleTier
from bot.domain.ids import ChannelId, RoleId
from bot.domain.presets import Preset
from bot.domain.tolerance import ChannelTolerance, RoleTolerance
from bot.services.guilds.settings import ValueChange
from bot.ui.channels import access as channel_access
from bot.ui.i18n.translations import get_translations
from bot.ui.interactions.permissions import require_manager
from bot.ui.interactions.responses import Interaction
from bot.ui.interactions.services import InteractionServices
from bot.ui.interactions.setting_values import parse_dollars
from bot.ui.interactions.transformers import EnumTransformer, suggest_time_zones
from bot.ui.texts.settings import settings as settings_texts
from bot.ui.texts.settings.commands import (
    GALLERY_MODE_NAMES,
    LANGUAGE_CHOICES,
    MENU_POLICY_NAMES,
    PRESET_CHOICE_NAMES,
    create_group,
    describe_command,
    describe_options,
)
from bot.ui.views import moderation as moderation_views
from bot.ui.views import settings_panel as settings_views
from bot.ui.views.base import build_note

Level = app_commands.Range[int, 0, 6]
Strictness = app_commands.Range[int, 0, 2]
PerCommand = app_commands.Range[int, 1, MAX_RESULTS]
Count = app_commands.Range[int, 0, 1_000_000]
Side = app_commands.Range[int, 64, 16_384]
OptionalChannel = discord.TextChannel | None
Zone = app_commands.Range[str, 1, 60]
Dollars = app_commands.Range[str, 1, 12]
MenuOption = app_commands.Transform[MenuPolicy, EnumTransformer(MenuPolicy, MENU_POLICY_NAMES)]
ModeOption = app_commands.Transform[GalleryMode, EnumTransformer(GalleryMode, GALLERY_MODE_NAMES)]
PresetOption = app_commands.Transform[Preset, EnumTransformer(Preset, PRESET_CHOICE_NAMES)]


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class SettingsCog(commands.GroupCog, **describe_command("settings")):
    """Discord's own permissions decide who sees these; who may is asked at each call."""

    safety = create_group("safety")
    access = create_group("access")
    amounts = create_group("amounts")
    quotas = create_group("quotas")
    gallery = create_group("gallery-rules")
    place = create_group("place")

    def __init__(self, services: InteractionServices) -> None:
        self._services, self._guild_settings = services, services.guild_settings

    @app_commands.command(**describe_command("panel"))
    async def open_panel(self, interaction: Interaction) -> None:
        guild, _ = require_manager(interaction)
        settings = await self._guild_settings.get(guild)
        controls, operators = (
            self._services.build_controls(interaction.locale),
            self._services.get_operator_limits(),
        )
        view = settings_views.build_overview_card(controls, guild, settings, operators)
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command(**describe_command("preset"))
    @describe_options(kind="kind")
    async def offer_preset(self, interaction: Interaction, kind: PresetOption) -> None:
        guild, _ = require_manager(interaction)
        view = settings_views.build_preset_card(
            self._services.build_controls(interaction.locale), guild, kind
        )
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command(**describe_command("log"))
    @describe_options(page="page")
    async def show_log(
        self, interaction: Interaction, page: app_commands.Range[int, 1, 10_000] = 1
    ) -> None:
        guild, _ = require_manager(interaction)
        found = await self._guild_settings.get_log_page(guild, page - 1)
        view = moderation_views.build_log_card(
            self._services.build_controls(interaction.locale), guild, found
        )
        await interaction.response.send_message(view=view, ephemeral=True)

    @safety.command(**describe_command("tolerance"))
    @describe_options(level="strictness")
    async def set_tolerance(self, interaction: Interaction, level: Strictness) -> None:
        await self._set_value(interaction, "tolerance", level)

    @safety.command(**describe_command("adult-tolerance"))
    @describe_options(level="level")
    async def set_adult_tolerance(
        self, interaction: Interaction, level: Level | None = None
    ) -> None:
        await self._set_value(interaction, "adult_tolerance", level)

    @safety.command(**describe_command("channel-level"))
    @describe_options(channel="one-channel", level="level")
    async def set_channel_level(
        self, interaction: Interaction, channel: discord.TextChannel, level: Level | None = None
    ) -> None:
        number = ChannelId(channel.id)
        own = () if level is None else (ChannelTolerance(number, level),)
        await self._change_setting(
            interaction,
            "channel_tolerance",
            lambda now: (*(x for x in now.channel_tolerance if x.channel != number), *own),
        )

    @safety.command(**describe_command("role-level"))
    @describe_options(role="role", level="level")
    async def set_role_level(
        self, interaction: Interaction, role: discord.Role, level: Level | None = None
    ) -> None:
        number = RoleId(role.id)
        own = () if level is None else (RoleTolerance(number, level),)
        await self._change_setting(
            interaction,
            "role_tolerance",
            lambda now: (*(x for x in now.role_tolerance if x.role != number), *own),
        )

    @safety.command(**describe_command("second-check"))
    @describe_options(on="on")
    async def set_second_check(self, interaction: Interaction, on: bool) -> None:
        await self._set_value(interaction, "check_content", on)

    @safety.command(**describe_command("approve-first"))
    @describe_options(on="on")
    async def set_approval(self, interaction: Interaction, on: bool) -> None:
        await self._set_value(interaction, "approve_first", on)

    @safety.command(**describe_command("menu"))
    @describe_options(who="who")
    async def set_menu_policy(self, interaction: Interaction, who: MenuOption) -> None:
        await self._set_value(interaction, "menu_on_others", who)

    @access.command(**describe_command("allow-channel"))
    @describe_options(channel="one-channel", listed="listed")
    async def allow_channel(
        self, interaction: Interaction, channel: discord.TextChannel, listed: bool = True
    ) -> None:
        await self._change_list(interaction, "allowed_channels", ChannelId(channel.id), listed)

    @access.command(**describe_command("allow-role"))
    @describe_options(role="role", listed="listed")
    async def allow_role(
        self, interaction: Interaction, role: discord.Role, listed: bool = True
    ) -> None:
        await self._change_list(interaction, "allowed_roles", RoleId(role.id), listed)

    @amounts.command(**describe_command("max-side"))
    @describe_options(pixels="number")
    async def set_max_side(self, interaction: Interaction, pixels: Side | None = None) -> None:
        await self._set_value(interaction, "max_side", pixels)

    @amounts.command(**describe_command("per-command"))
    @describe_options(number="number")
    async def set_results_per_command(
        self, interaction: Interaction, number: PerCommand | None = None
    ) -> None:
        await self._set_value(interaction, "results_per_command", number)

    @amounts.command(**describe_command("preview-above"))
    @describe_options(dollars="dollars")
    async def set_preview_price(
        self, interaction: Interaction, dollars: Dollars | None = None
    ) -> None:
        await self._set_money(interaction, "preview_above", dollars)

    @quotas.command(**describe_command("daily"))
    @describe_options(number="number")
    async def set_daily_quota(self, interaction: Interaction, number: Count | None = None) -> None:
        await self._set_value(interaction, "results_per_user_day", number)

    @quotas.command(**describe_command("tier"))
    @describe_options(role="role", number="number")
    async def set_role_tier(
        self, interaction: Interaction, role: discord.Role, number: Count | None = None
    ) -> None:
        held = RoleId(role.id)
        own = () if number is None else (RoleTier(held, number),)
        await self._change_setting(
            interaction,
            "role_tiers",
            lambda now: (*(x for x in now.role_tiers if x.role != held), *own),
        )

    @quotas.command(**describe_command("monthly"))
    @describe_options(dollars="dollars")
    async def set_member_budget(
        self, interaction: Interaction, dollars: Dollars | None = None
    ) -> None:
        await self._set_money(interaction, "usd_per_user_month", dollars)

    @quotas.command(**describe_command("budget"))
    @describe_options(dollars="dollars")
    async def set_guild_budget(
        self, interaction: Interaction, dollars: Dollars | None = None
    ) -> None:
        await self._set_money(interaction, "usd_per_month", dollars)

    @gallery.command(**describe_command("gallery-channel"))
    @describe_options(channel="channel")
    async def set_gallery_channel(
        self, interaction: Interaction, channel: OptionalChannel = None
    ) -> None:
        await self._set_value(interaction, "gallery_channel", channel and ChannelId(channel.id))

    @gallery.command(**describe_command("mode"))
    @describe_options(how="how")
    async def set_gallery_mode(self, interaction: Interaction, how: ModeOption) -> None:
        await self._set_value(interaction, "gallery_mode", how)

    @gallery.command(**describe_command("threshold"))
    @describe_options(votes="votes", lower="lower")
    async def set_vote_thresholds(
        self,
        interaction: Interaction,
        votes: app_commands.Range[int, 1, 1000],
        lower: app_commands.Range[int, -1, 999] = 0,
    ) -> None:
        await self._set_values(interaction, gallery_threshold=votes, gallery_lower=lower)

    @gallery.command(**describe_command("self-votes"))
    @describe_options(on="on")
    async def set_self_votes(self, interaction: Interaction, on: bool) -> None:
        await self._set_value(interaction, "gallery_self_votes", on)

    @gallery.command(**describe_command("voter-role"))
    @describe_options(role="role", listed="listed")
    async def allow_voter_role(
        self, interaction: Interaction, role: discord.Role, listed: bool = True
    ) -> None:
        await self._change_list(interaction, "gallery_voter_roles", RoleId(role.id), listed)

    @gallery.command(**describe_command("voter-age"))
    @describe_options(days="account-days", minutes="minutes")
    async def set_voter_age(
        self,
        interaction: Interaction,
        days: app_commands.Range[int, 0, 3650] = 0,
        minutes: app_commands.Range[int, 0, 10_080] = 0,
    ) -> None:
        await self._set_values(
            interaction, gallery_account_days=days, gallery_message_minutes=minutes
        )

    @gallery.command(**describe_command("freeze"))
    @describe_options(on="on")
    async def freeze_gallery(self, interaction: Interaction, on: bool) -> None:
        await self._set_value(interaction, "gallery_frozen", on)

    @gallery.command(**describe_command("weekly"))
    @describe_options(on="on")
    async def set_weekly_post(self, interaction: Interaction, on: bool) -> None:
        await self._set_value(interaction, "gallery_weekly", on)

    @place.command(**describe_command("language"))
    @describe_options(language="language")
    @app_commands.choices(language=LANGUAGE_CHOICES)
    async def set_language(self, interaction: Interaction, language: str = "") -> None:
        await self._set_value(interaction, "language", language)

    @place.command(**describe_command("time-zone"))
    @describe_options(zone="zone")
    @app_commands.autocomplete(zone=suggest_time_zones)
    async def set_time_zone(self, interaction: Interaction, zone: Zone) -> None:
        await self._set_value(interaction, "time_zone", zone)

    @place.command(**describe_command("log-channel"))
    @describe_options(channel="channel")
    async def set_log_channel(
        self, interaction: Interaction, channel: OptionalChannel = None
    ) -> None:
        await self._set_value(interaction, "log_channel", channel and ChannelId(channel.id))

    @place.command(**describe_command("moderators-channel"))
    @describe_options(channel="channel")
    async def set_moderators_channel(
        self, interaction: Interaction, channel: OptionalChannel = None
    ) -> None:
        await self._set_value(interaction, "moderators_channel", channel and ChannelId(channel.id))

    async def _set_value(self, interaction: Interaction, name: str, value: object) -> None:
        await self._change_setting(interaction, name, lambda _: value)

    async def _set_money(self, interaction: Interaction, name: str, amount: str | None) -> None:
        await self._set_value(
            interaction, name, None if amount is None else parse_dollars(name, amount)
        )

    async def _change_list(
        self, interaction: Interaction, name: str, entry: object, listed: bool
    ) -> None:
        own = (entry,) if listed else ()
        await self._change_setting(
            interaction, name, lambda now: (*(x for x in getattr(now, name) if x != entry), *own)
        )

    async def _change_setting(
        self, interaction: Interaction, name: str, wanted: ValueChange
    ) -> None:
        guild, actor = require_manager(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._send_changes(
            interaction, await self._guild_settings.change_value(guild, name, wanted, actor), name
        )

    async def _set_values(self, interaction: Interaction, **values: object) -> None:
        guild, actor = require_manager(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        settings = await self._guild_settings.set_values(guild, values, actor)
        await self._send_changes(interaction, settings, *values)

    async def _send_changes(
        self, interaction: Interaction, settings: GuildSettings, *names: str
    ) -> None:
        _ = get_translations(str(interaction.locale))
        said = [settings_texts.describe_change(_, name, settings) for name in names]
        said += channel_access.list_permission_warnings(interaction.client, _, settings, names)
        await interaction.edit_original_response(view=build_note("\n".join(said)))
