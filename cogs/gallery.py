"""The gallery: its commands, and the votes and deletions that Discord tells of."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import discord
import structlog
from discord import app_commands
from discord.ext import commands
from discord.utils import snowflake_time

from bot.domain.gallery import Entry, Voter
from bot.domain.ids import PERSONAL, GuildId, MessageId, RoleId, UserId
from bot.domain.job import Job
from bot.errors import PressRefused
from bot.services.ports import Picture
from bot.services.recount import Recount
from bot.ui import cards_gallery
from bot.ui import wording_commands as words
from bot.ui import wording_gallery as say_gallery
from bot.ui.cards import note
from bot.ui.cards_job import file_name
from bot.ui.replies import Interaction, guild_of, origin_of
from bot.ui.speech import Speech, speech
from bot.ui.wording_details import link_of

if TYPE_CHECKING:
    from bot.client import ExpanseBot

log = structlog.get_logger(__name__)

_LISTED = 10
Days = app_commands.Range[int, 1, 365]


@app_commands.guild_only()
class Gallery(commands.GroupCog, name=words.GALLERY, description=words.ABOUT["gallery"]):
    def __init__(self, bot: ExpanseBot) -> None:
        self._bot = bot
        self._gallery = bot.desk.gallery
        self._clock = bot.clock

    @app_commands.command(name=words.BEST, description=words.ABOUT["best"])
    @words.options("days")
    async def best(self, interaction: Interaction, days: Days = 7) -> None:
        since = self._clock.now() - timedelta(days=days)
        found = await self._gallery.rankings.best(_guild(interaction), since, _LISTED)
        await _answer(interaction, say_gallery.best(_say(interaction), found, days))

    @app_commands.command(name=words.LEADERS, description=words.ABOUT["leaders"])
    async def leaders(self, interaction: Interaction) -> None:
        found = await self._gallery.rankings.leaders(_guild(interaction), _LISTED)
        await _answer(interaction, say_gallery.leaders(_say(interaction), found))

    @app_commands.command(name=words.MOST_EXPANDED, description=words.ABOUT["most-expanded"])
    async def most_expanded(self, interaction: Interaction) -> None:
        found = await self._gallery.rankings.most_expanded(_guild(interaction), _LISTED)
        roots = [await self._gallery.jobs.get(each.root) for each in found]
        links = [None if root is None else link_of(root) for root in roots]
        await _answer(interaction, say_gallery.most_expanded(_say(interaction), found, links))

    @app_commands.command(name=words.RANDOM, description=words.ABOUT["random"])
    async def random(self, interaction: Interaction) -> None:
        found = await self._gallery.rankings.nth(_guild(interaction), interaction.id >> 22)
        await interaction.response.defer(thinking=True)
        said = say_gallery.one(_say(interaction), found)
        hung = None if found is None else await self._hung(interaction, found)
        if hung is None:
            await interaction.edit_original_response(view=cards_gallery.listed(said))
            return
        name = file_name(*hung)
        view = cards_gallery.one(_say(interaction), hung[0], name, said)
        file = discord.File(hung[1].path, filename=name)
        await interaction.edit_original_response(view=view, attachments=[file])

    async def _hung(self, interaction: Interaction, entry: Entry) -> tuple[Job, Picture] | None:
        """Return a picture of the gallery that may be shown here, or None."""
        job = await self._gallery.jobs.get(entry.job)
        if job is None or (entry.age_restricted and not origin_of(interaction).age_restricted):
            return None
        for picture in await self._bot.desk.moderation.cases.pictures(job):
            small = picture.path.stat().st_size <= interaction.filesize_limit
            if picture.result.ordinal == entry.ordinal and small:
                return job, picture
        return None

    @app_commands.command(name=words.VISIBILITY, description=words.ABOUT["visibility"])
    @words.options("shown")
    async def visibility(self, interaction: Interaction, shown: bool) -> None:
        guild, user = _guild(interaction), origin_of(interaction).user_id
        await interaction.response.defer(ephemeral=True, thinking=True)
        if shown:
            await self._gallery.entries.opt_in(guild, user)
        else:
            await self._gallery.opt_out(guild, user)
        said = say_gallery.opted(_say(interaction), out=not shown)
        await interaction.edit_original_response(view=note(said))

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        if event.guild_id is None or event.emoji.name != say_gallery.STAR or event.member is None:
            return
        now = self._clock.now()
        voter = Voter(
            UserId(event.user_id),
            tuple(RoleId(role.id) for role in event.member.roles),
            now - event.member.created_at,
            event.member.bot,
        )
        age = now - snowflake_time(event.message_id)
        guild, message = GuildId(event.guild_id), MessageId(event.message_id)
        refusal = await self._gallery.vote(guild, message, voter, age)
        if refusal is not None and not voter.is_bot:
            log.debug("vote not counted", guild_id=guild, reason=refusal)

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        if event.guild_id is not None and event.emoji.name == say_gallery.STAR:
            guild, message = GuildId(event.guild_id), MessageId(event.message_id)
            await self._gallery.unvote(guild, message, UserId(event.user_id))

    @commands.Cog.listener()
    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        if event.guild_id is not None:
            await self._gallery.message_deleted(
                GuildId(event.guild_id), MessageId(event.message_id)
            )

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        for message in event.message_ids if event.guild_id is not None else ():
            await self._gallery.message_deleted(GuildId(event.guild_id or 0), MessageId(message))

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Count anew what may have changed while nobody listened."""
        await Recount(self._gallery).recount_all([GuildId(guild.id) for guild in self._bot.guilds])


def _guild(interaction: Interaction) -> GuildId:
    guild = guild_of(interaction)
    if guild == PERSONAL:
        raise PressRefused("forged")
    return guild


def _say(interaction: Interaction) -> Speech:
    return speech(str(interaction.locale))


async def _answer(interaction: Interaction, content: str) -> None:
    await interaction.response.send_message(
        view=cards_gallery.listed(content), allowed_mentions=discord.AllowedMentions.none()
    )


async def setup(bot: ExpanseBot) -> None:
    await bot.add_cog(Gallery(bot))
