"""What moderators do: to members, to results, to what prompts may hold."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.guild import PersonalGrant
from bot.domain.ids import GuildId, JobId, MessageId, UserId
from bot.domain.moderation import Block
from bot.domain.wordlist import found
from bot.errors import PressRefused
from bot.services.patterns import first_match
from bot.ui import cards_moderation
from bot.ui import wording_moderation as words
from bot.ui.authority import moderator
from bot.ui.cards import note
from bot.ui.quarters import file_of
from bot.ui.replies import Interaction
from bot.ui.speech import Speech, speech
from bot.ui.wording_settings_commands import called, group, taking

if TYPE_CHECKING:
    from bot.client import ExpanseBot

_LINK: Final = re.compile(r"https?://\S+/channels/(\d{1,20})/\d{1,20}/(\d{1,20})/?")
_NUMBER: Final = re.compile(r"\d{15,20}")
_QUEUE: Final = 3
"""Cases that one look at the queue shows: each is a message with its pictures."""
Days = app_commands.Range[int, 1, 3650]
Text = app_commands.Range[str, 1, 200]


@app_commands.guild_only()
@app_commands.default_permissions(manage_messages=True)
class Moderate(commands.GroupCog, **called("moderate")):
    """Who may is asked at each call, by what Discord lets the member do then and there."""

    lists = group("words")

    def __init__(self, bot: ExpanseBot) -> None:
        self._desk = bot.desk
        self._moderation = bot.desk.moderation
        self._rules = bot.desk.rules

    @app_commands.command(**called("block"))
    @taking(member="member", reason="reason", days="days")
    async def block(
        self, interaction: Interaction, member: discord.User, reason: Text, days: Days | None = None
    ) -> None:
        guild, actor = await _begin(interaction)
        until = None if days is None else self._desk.clock.now() + timedelta(days=days)
        user = UserId(member.id)
        await self._moderation.block(Block(guild, user, actor, reason, until))
        await _end(interaction, words.blocked(_say(interaction), user, until))

    @app_commands.command(**called("unblock"))
    @taking(member="member")
    async def unblock(self, interaction: Interaction, member: discord.User) -> None:
        guild, actor = await _begin(interaction)
        user = UserId(member.id)
        was = await self._moderation.unblock(guild, user, actor)
        await _end(interaction, words.unblocked(_say(interaction), user, was=was))

    @app_commands.command(**called("grant"))
    @taking(member="member", results="results", days="days")
    async def grant(
        self,
        interaction: Interaction,
        member: discord.User,
        results: app_commands.Range[int, 0, 10_000],
        days: Days | None = None,
    ) -> None:
        guild, actor = await _begin(interaction)
        until = None if days is None else self._desk.clock.now() + timedelta(days=days)
        user = UserId(member.id)
        await self._moderation.grant(guild, PersonalGrant(user, results, until), actor)
        await _end(interaction, words.granted(_say(interaction), user, results, until))

    @app_commands.command(**called("ungrant"))
    @taking(member="member")
    async def ungrant(self, interaction: Interaction, member: discord.User) -> None:
        guild, actor = await _begin(interaction)
        user = UserId(member.id)
        was = await self._moderation.revoke(guild, user, actor)
        await _end(interaction, words.revoked(_say(interaction), user, was=was))

    @app_commands.command(**called("cancel"))
    @taking(picture="picture")
    async def cancel(self, interaction: Interaction, picture: Text) -> None:
        guild, actor = await _begin(interaction)
        job = await self._moderation.cancel(guild, await self._job(guild, picture), actor)
        await _end(interaction, words.cancelled(_say(interaction), job))

    @app_commands.command(**called("remove"))
    @taking(picture="picture", refund="refund")
    async def remove(self, interaction: Interaction, picture: Text, refund: bool = False) -> None:
        guild, actor = await _begin(interaction)
        job = await self._job(guild, picture)
        say = _say(interaction)
        results, clean = await self._moderation.remove(guild, job, actor)
        said = words.removed(say, results, clean=clean)
        if refund:
            said += "\n" + words.refunded(say, await self._moderation.refund(guild, job, actor))
        await _end(interaction, said)

    @app_commands.command(**called("spoiler"))
    @taking(picture="picture")
    async def spoiler(self, interaction: Interaction, picture: Text) -> None:
        guild, actor = await _begin(interaction)
        await self._moderation.spoiler(guild, await self._job(guild, picture), actor)
        await _end(interaction, words.covered(_say(interaction)))

    @app_commands.command(**called("refund"))
    @taking(picture="picture")
    async def refund(self, interaction: Interaction, picture: Text) -> None:
        guild, actor = await _begin(interaction)
        job = await self._job(guild, picture)
        given = await self._moderation.refund(guild, job, actor)
        await _end(interaction, words.refunded(_say(interaction), given))

    @app_commands.command(**called("queue"))
    async def queue(self, interaction: Interaction) -> None:
        guild, _ = await _begin(interaction)
        cases = await self._moderation.queue(guild, _QUEUE)
        if not cases:
            await _end(interaction, words.nothing_waits(_say(interaction)))
            return
        for number, case in enumerate(cases):
            view = cards_moderation.case(self._desk.controls(interaction.locale), case)
            files = [file_of(*named) for named in cards_moderation.files(case)]
            if number:
                await interaction.followup.send(view=view, files=files, ephemeral=True)
            else:
                await interaction.edit_original_response(view=view, attachments=files)

    @lists.command(**called("add"))
    @taking(entry="entry")
    async def add(self, interaction: Interaction, entry: app_commands.Range[str, 1, 60]) -> None:
        await self._listed(interaction, "banned_words", entry, added=True)

    @lists.command(**called("take"))
    @taking(entry="entry")
    async def take(self, interaction: Interaction, entry: app_commands.Range[str, 1, 60]) -> None:
        await self._listed(interaction, "banned_words", entry, added=False)

    @lists.command(**called("add-pattern"))
    @taking(pattern="pattern")
    async def add_pattern(self, interaction: Interaction, pattern: Text) -> None:
        await self._listed(interaction, "banned_patterns", pattern, added=True)

    @lists.command(**called("take-pattern"))
    @taking(pattern="pattern")
    async def take_pattern(self, interaction: Interaction, pattern: Text) -> None:
        await self._listed(interaction, "banned_patterns", pattern, added=False)

    @lists.command(**called("list"))
    async def show_lists(self, interaction: Interaction) -> None:
        guild, _ = await _begin(interaction)
        now = await self._rules.guilds.get(guild)
        await _end(
            interaction, words.words(_say(interaction), now.banned_words, now.banned_patterns)
        )

    @lists.command(**called("test"))
    @taking(prompt="prompt")
    async def test(
        self, interaction: Interaction, prompt: app_commands.Range[str, 1, 3000]
    ) -> None:
        guild, _ = await _begin(interaction)
        now = await self._rules.guilds.get(guild)
        word = found(now.banned_words, prompt)
        pattern = first_match(now.banned_patterns, prompt)
        await _end(interaction, words.tested(_say(interaction), word, pattern))

    async def _listed(
        self, interaction: Interaction, name: str, entry: str, *, added: bool
    ) -> None:
        guild, actor = await _begin(interaction)
        was_changed = await self._rules.list_entry(guild, name, entry, actor, listed=added)
        said = words.listed(_say(interaction), entry, added=added, was_changed=was_changed)
        await _end(interaction, said)

    async def _job(self, guild: GuildId, text: str) -> JobId:
        """Find a picture of this guild by its link, its message's id, or its own."""
        link, job = _LINK.fullmatch(text.strip()), JobId(text.strip().strip("`"))
        number = link[2] if link else text.strip()
        if link and link[1] != str(guild):
            raise PressRefused("no_such_job")
        if _NUMBER.fullmatch(number):
            archive = self._desk.history.archive
            by_message = await archive.by_message(guild, MessageId(int(number)))
            job = by_message if by_message is not None else JobId("")
        try:
            return (await self._moderation.cases.job(guild, job)).id
        except PressRefused:
            raise PressRefused("no_such_job") from None


async def _begin(interaction: Interaction) -> tuple[GuildId, UserId]:
    """Ask who it is, then announce an answer for them alone."""
    who = moderator(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    return who


async def _end(interaction: Interaction, said: str) -> None:
    await interaction.edit_original_response(view=note(said))


def _say(interaction: Interaction) -> Speech:
    return speech(str(interaction.locale))


async def setup(bot: ExpanseBot) -> None:
    await bot.add_cog(Moderate(bot))
