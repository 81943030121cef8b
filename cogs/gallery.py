"""Gallery commands, and listeners for votes and deleted messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import discord
import structlog
from discord import app_commands
from discord.ext import commands
from discord.utils import snowflake_time

from bot.domain.errors import Refusal
from bot.domain.gallery import GalleryEntry, Vote, Voter
from bot.domain.ids import PERSONAL_GUILD, GuildId, MessageId, RoleId, UserId
from bot.domain.job import Job
from bot.errors import ComponentReason, ComponentRefused
from bot.services.ports.jobs import StoredPicture
from bot.ui.channels.uploads import open_file
from bot.ui.i18n.command_texts import Option, create_command, describe_command
from bot.ui.i18n.translations import Translations, get_translations
from bot.ui.interactions.free_work import CHAINS, RANDOM_PICTURE, RANKING, take_turn
from bot.ui.interactions.responses import Interaction, build_origin, get_guild_id
from bot.ui.interactions.services import InteractionServices
from bot.ui.interactions.sharing import check_sharing, show_to_everybody
from bot.ui.texts import gallery as texts
from bot.ui.texts.job_details import get_message_link
from bot.ui.views import gallery as views
from bot.ui.views.base import build_note
from bot.ui.views.jobs import build_file_name

log = structlog.get_logger(__name__)

_MAX_LISTED = 10
_NOBODY = discord.AllowedMentions.none()
Days = app_commands.Range[int, 1, 365]


@app_commands.guild_only()
class GalleryCog(
    commands.GroupCog, **describe_command("gallery", "The best pictures of this server")
):
    def __init__(self, services: InteractionServices, client: discord.Client) -> None:
        self._services = services
        self._client = client
        self._gallery = services.gallery
        self._votes = services.gallery_votes
        self._rankings = services.gallery_rankings
        self._clock = services.clock

    @create_command("best", "See the pictures with most votes of some days")
    @Option("days", "How many days back")
    async def show_best(self, interaction: Interaction, days: Days = 7) -> None:
        guild, _ = _require_guild(interaction)
        since = self._clock.now() - timedelta(days=days)
        async with take_turn(interaction, self._services, RANKING):
            found = await self._rankings.list_best(guild, since, _MAX_LISTED)
            await _send_list(interaction, texts.format_best_entries(_, found, days))

    @create_command("leaders", "See who has most votes in the gallery")
    async def show_leaders(self, interaction: Interaction) -> None:
        guild, _ = _require_guild(interaction)
        async with take_turn(interaction, self._services, RANKING):
            found = await self._rankings.list_leaders(guild, _MAX_LISTED)
            await _send_list(interaction, texts.format_leaders(_, found))

    @create_command("most-expanded", "See which pictures were expanded most often")
    async def show_most_expanded(self, interaction: Interaction) -> None:
        guild, _ = _require_guild(interaction)
        async with take_turn(interaction, self._services, CHAINS):
            found = await self._rankings.list_most_expanded(guild, _MAX_LISTED)
            roots = [await self._gallery.get_job(each.root) for each in found]
            links = [None if root is None else get_message_link(root) for root in roots]
            card = views.build_list_card(texts.format_most_expanded(_, found, links))
            await interaction.edit_original_response(view=card, allowed_mentions=_NOBODY)

    @create_command("random", "See any picture of the gallery")
    async def show_random(self, interaction: Interaction) -> None:
        guild, _language = _require_guild(interaction)
        # a snowflake without its low 22 bits is a time in milliseconds: random enough
        found = await self._rankings.pick_entry(guild, interaction.id >> 22)
        async with take_turn(interaction, self._services, RANDOM_PICTURE):
            await self._send_entry(interaction, found)

    async def _send_entry(self, interaction: Interaction, found: GalleryEntry | None) -> None:
        _ = get_translations(str(interaction.locale))
        text = texts.format_entry(_, found)
        shown = await self._find_shown_picture(interaction, found) if found else None
        if shown is None:
            await interaction.edit_original_response(view=views.build_list_card(text))
            return
        job, picture = shown
        name = build_file_name(job, picture)

        async def build_message(*, spoiler: bool) -> tuple[discord.ui.LayoutView, discord.File]:
            covered = replace(job, order=job.order.cover()) if spoiler else job
            view = views.build_picture_card(_, covered, name, text)
            return view, await open_file(name, picture.path)

        await show_to_everybody(interaction, self._services, [job.id], build_message)

    async def _find_shown_picture(
        self, interaction: Interaction, entry: GalleryEntry
    ) -> tuple[Job, StoredPicture] | None:
        """Return an entry's job and picture, or None if this channel must not or cannot show it."""
        job, origin = await self._gallery.get_job(entry.job), build_origin(interaction)
        if job is None or (entry.age_restricted and not origin.age_restricted):
            return None
        try:
            await check_sharing(interaction, self._services, [job.id])
        except Refusal:
            return None
        for picture in await self._services.moderation.cases.list_pictures(job):
            small = picture.result.bytes <= interaction.filesize_limit
            if picture.result.ordinal == entry.ordinal and small:
                return job, picture
        return None

    @create_command("visibility", "Choose whether your pictures may be shown in the gallery")
    @Option("shown", "Whether your pictures may be shown")
    async def set_visibility(self, interaction: Interaction, shown: bool) -> None:
        (guild, _), user = _require_guild(interaction), build_origin(interaction).user_id
        await interaction.response.defer(ephemeral=True, thinking=True)
        if shown:
            await self._gallery.opt_in(guild, user)
        else:
            await self._gallery.opt_out(guild, user)
        text = texts.visibility_text(_, is_hidden=not shown)
        await interaction.edit_original_response(view=build_note(text))

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        if event.guild_id is None or event.emoji.name != texts.VOTE_EMOJI or event.member is None:
            return
        # a snowflake holds the time of creation, so the message need not be fetched
        now = self._clock.now()
        voter = Voter(
            UserId(event.user_id),
            tuple(RoleId(role.id) for role in event.member.roles),
            now - event.member.created_at,
            event.member.bot,
        )
        age = now - snowflake_time(event.message_id)
        guild, message = GuildId(event.guild_id), MessageId(event.message_id)
        refusal = await self._votes.add_vote(guild, message, voter, age, is_burst=event.burst)
        if refusal is not None and not voter.is_bot:
            log.debug("vote not counted", guild_id=guild, reason=refusal)

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        if event.guild_id is not None and event.emoji.name == texts.VOTE_EMOJI:
            vote = Vote(UserId(event.user_id), MessageId(event.message_id), event.burst)
            await self._votes.remove_vote(GuildId(event.guild_id), vote)

    @commands.Cog.listener()
    async def on_raw_reaction_clear(self, event: discord.RawReactionClearEvent) -> None:
        if event.guild_id is not None:
            await self._votes.clear_votes(GuildId(event.guild_id), MessageId(event.message_id))

    @commands.Cog.listener()
    async def on_raw_reaction_clear_emoji(self, event: discord.RawReactionClearEmojiEvent) -> None:
        if event.guild_id is not None and event.emoji.name == texts.VOTE_EMOJI:
            await self._votes.clear_votes(GuildId(event.guild_id), MessageId(event.message_id))

    @commands.Cog.listener()
    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        if event.guild_id is not None:
            guild, message = GuildId(event.guild_id), MessageId(event.message_id)
            await self._gallery.handle_deleted_message(guild, message)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        for message in event.message_ids if event.guild_id is not None else ():
            guild = GuildId(event.guild_id or 0)
            await self._gallery.handle_deleted_message(guild, MessageId(message))

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Re-sync votes after downtime; the gateway does not replay missed reactions."""
        await self._votes.sync_votes([GuildId(guild.id) for guild in self._client.guilds])


def _require_guild(interaction: Interaction) -> tuple[GuildId, Translations]:
    """Return the guild and the member's language; raise `ComponentRefused` outside guilds."""
    guild = get_guild_id(interaction)
    if guild == PERSONAL_GUILD:
        raise ComponentRefused(ComponentReason.FORGED)
    return guild, get_translations(str(interaction.locale))


async def _send_list(interaction: Interaction, content: str) -> None:
    await interaction.response.send_message(
        view=views.build_list_card(content), allowed_mentions=_NOBODY
    )
