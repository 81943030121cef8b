"""Moderation commands for members, results and banned words."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.guild import PersonalGrant
from bot.domain.ids import GuildId, JobId, MessageId, UserId
from bot.domain.model import DEFAULT_MODEL
from bot.domain.moderation import MemberBlock
from bot.errors import ComponentReason, ComponentRefused
from bot.ui.channels.uploads import open_files
from bot.ui.i18n.command_texts import Option, create_command, describe_command
from bot.ui.i18n.translations import Translations, get_translations
from bot.ui.interactions.free_work import CASES, PROMPT_TEST, take_turn
from bot.ui.interactions.moderator_access import can_see_job, list_visible_cases
from bot.ui.interactions.permissions import require_moderator
from bot.ui.interactions.responses import Interaction
from bot.ui.interactions.services import InteractionServices
from bot.ui.texts import moderation as texts
from bot.ui.views import moderation as views
from bot.ui.views.base import build_note

_MESSAGE_LINK: Final = re.compile(r"https?://\S+/channels/(\d{1,20})/\d{1,20}/(\d{1,20})/?")
_MESSAGE_ID: Final = re.compile(r"\d{15,20}")
_MAX_CASES: Final = 3
"""Cases per view of the queue; each is a message with its own pictures."""
_MEMBER = Option("member", "The member")
_PICTURE = Option("picture", "The link of its message, or the twelve characters below it")
Days = app_commands.Range[int, 1, 3650]
Entry = app_commands.Range[str, 1, 60]
PromptText = app_commands.Range[str, 1, DEFAULT_MODEL.max_prompt_length]
Text = app_commands.Range[str, 1, 200]


@app_commands.guild_only()
@app_commands.default_permissions(manage_messages=True)
class ModerationCog(
    commands.GroupCog, **describe_command("moderate", "Act on members, results and prompts")
):
    """Moderation commands; each call checks the permissions sent with the interaction."""

    word_commands = app_commands.Group(**describe_command("words", "What prompts may not hold"))

    def __init__(self, services: InteractionServices) -> None:
        self._services = services
        self._moderation = services.moderation
        self._guild_settings = services.guild_settings

    @create_command("block", "Keep a member from expanding pictures here")
    @_MEMBER
    @Option("reason", "The member reads it")
    @Option("days", "For how many days; left out, until it is lifted")
    async def block_member(
        self, interaction: Interaction, member: discord.User, reason: Text, days: Days | None = None
    ) -> None:
        guild, actor, _ = await _start_response(interaction)
        until = None if days is None else self._services.clock.now() + timedelta(days=days)
        user = UserId(member.id)
        await self._moderation.members.block_member(MemberBlock(guild, user, actor, reason, until))
        await _send_text(interaction, texts.describe_block(_, user, until))

    @create_command("unblock", "Let a member expand pictures again")
    @_MEMBER
    async def unblock_member(self, interaction: Interaction, member: discord.User) -> None:
        guild, actor, _ = await _start_response(interaction)
        user = UserId(member.id)
        was = await self._moderation.members.unblock_member(guild, user, actor)
        await _send_text(interaction, texts.describe_unblock(_, user, was_blocked=was))

    @create_command("grant", "Give a member a quota of their own")
    @_MEMBER
    @Option("results", "Pictures per day")
    @Option("days", "For how many days; left out, until it is lifted")
    async def grant_quota(
        self,
        interaction: Interaction,
        member: discord.User,
        results: app_commands.Range[int, 0, 10_000],
        days: Days | None = None,
    ) -> None:
        guild, actor, _ = await _start_response(interaction)
        until = None if days is None else self._services.clock.now() + timedelta(days=days)
        user = UserId(member.id)
        grant = PersonalGrant(user, results, until)
        await self._moderation.members.grant_quota(guild, grant, actor)
        await _send_text(interaction, texts.describe_grant(_, user, results, until))

    @create_command("ungrant", "Take a member's own quota back")
    @_MEMBER
    async def revoke_grant(self, interaction: Interaction, member: discord.User) -> None:
        guild, actor, _ = await _start_response(interaction)
        user = UserId(member.id)
        was = await self._moderation.members.revoke_grant(guild, user, actor)
        await _send_text(interaction, texts.describe_grant_removal(_, user, had_grant=was))

    @create_command("cancel", "Cancel an order that was not sent yet")
    @_PICTURE
    async def cancel_order(self, interaction: Interaction, picture: Text) -> None:
        guild, actor, _ = await _start_response(interaction)
        job_id = await self._find_job_id(interaction, guild, picture)
        job = await self._moderation.removal.cancel_job(guild, job_id, actor)
        await _send_text(interaction, texts.describe_cancellation(_, job))

    @create_command("remove", "Remove a result everywhere, and what grew from it")
    @_PICTURE
    @Option("refund", "Give the quota back as well")
    async def remove_result(
        self, interaction: Interaction, picture: Text, refund: bool = False
    ) -> None:
        guild, actor, _ = await _start_response(interaction)
        job = await self._find_job_id(interaction, guild, picture)
        results, clean = await self._moderation.removal.remove_result(guild, job, actor)
        text = texts.describe_removal(_, results, all_deleted=clean)
        if refund:
            given = await self._moderation.decisions.refund_job(guild, job, actor)
            text += "\n" + texts.describe_refund(_, given)
        await _send_text(interaction, text)

    @create_command("spoiler", "Put a result behind a spoiler")
    @_PICTURE
    async def add_spoiler(self, interaction: Interaction, picture: Text) -> None:
        guild, actor, _ = await _start_response(interaction)
        job = await self._find_job_id(interaction, guild, picture)
        await self._moderation.spoilers.add_spoiler(guild, job, actor)
        await _send_text(interaction, _(texts.SPOILER_ADDED))

    @create_command("refund", "Give a result's quota back to its member")
    @_PICTURE
    async def refund_quota(self, interaction: Interaction, picture: Text) -> None:
        guild, actor, _ = await _start_response(interaction)
        job = await self._find_job_id(interaction, guild, picture)
        given = await self._moderation.decisions.refund_job(guild, job, actor)
        await _send_text(interaction, texts.describe_refund(_, given))

    @create_command("queue", "See what waits for a moderator")
    async def show_queue(self, interaction: Interaction) -> None:
        guild, _actor = require_moderator(interaction)
        async with take_turn(interaction, self._services, CASES):
            await self._send_cases(interaction, guild)

    async def _send_cases(self, interaction: Interaction, guild: GuildId) -> None:
        _ = get_translations(str(interaction.locale))
        cases = await list_visible_cases(interaction, self._services, guild, _MAX_CASES)
        if not cases:
            await _send_text(interaction, _(texts.QUEUE_EMPTY))
            return
        controls = self._services.build_controls(interaction.locale)
        for number, case in enumerate(cases):
            view = views.build_case_card(controls, case)
            files = await open_files(views.list_case_files(case))
            if number:
                await interaction.followup.send(view=view, files=files, ephemeral=True)
            else:
                await interaction.edit_original_response(view=view, attachments=files)

    @create_command("add", "Refuse prompts with a word or phrase", word_commands)
    @Option("entry", "A word or phrase")
    async def add_word(self, interaction: Interaction, entry: Entry) -> None:
        await self._change_list(interaction, "banned_words", entry, added=True)

    @create_command("remove", "Take a word off the list", word_commands)
    @Option("entry", "A word or phrase")
    async def remove_word(self, interaction: Interaction, entry: Entry) -> None:
        await self._change_list(interaction, "banned_words", entry, added=False)

    @create_command("add-pattern", "Refuse prompts that a pattern matches", word_commands)
    @Option("pattern", "A regular expression as RE2 knows them")
    async def add_pattern(self, interaction: Interaction, pattern: Text) -> None:
        await self._change_list(interaction, "banned_patterns", pattern, added=True)

    @create_command("remove-pattern", "Take a pattern off the list", word_commands)
    @Option("pattern", "A regular expression as RE2 knows them")
    async def remove_pattern(self, interaction: Interaction, pattern: Text) -> None:
        await self._change_list(interaction, "banned_patterns", pattern, added=False)

    @create_command("list", "See both lists", word_commands)
    async def show_lists(self, interaction: Interaction) -> None:
        guild, _actor, _ = await _start_response(interaction)
        now = await self._guild_settings.get(guild)
        text = texts.format_word_lists(_, now.banned_words, now.banned_patterns)
        await _send_text(interaction, text)

    @create_command("test", "See whether a prompt would pass", word_commands)
    @Option("prompt", "What somebody might write")
    async def test_prompt(self, interaction: Interaction, prompt: PromptText) -> None:
        guild, _actor = require_moderator(interaction)
        async with take_turn(interaction, self._services, PROMPT_TEST):
            _ = get_translations(str(interaction.locale))
            found = await self._services.policy.inspect_prompt(guild, prompt)
            await _send_text(interaction, texts.describe_prompt_test(_, found))

    async def _change_list(
        self, interaction: Interaction, name: str, entry: str, *, added: bool
    ) -> None:
        guild, actor, _ = await _start_response(interaction)
        edit_list = self._guild_settings.edit_list
        was_changed = await edit_list(guild, name, entry, actor, is_listed=added)
        text = texts.describe_list_change(_, entry, added=added, was_changed=was_changed)
        await _send_text(interaction, text)

    async def _find_job_id(self, interaction: Interaction, guild: GuildId, text: str) -> JobId:
        """Find a job of this guild that the moderator sees, by message link or ID, or job ID.

        Raises `ComponentRefused` with `NO_SUCH_JOB`.
        """
        link, job_id = _MESSAGE_LINK.fullmatch(text.strip()), JobId(text.strip().strip("`"))
        number = link[2] if link else text.strip()
        if link and link[1] != str(guild):
            raise ComponentRefused(ComponentReason.NO_SUCH_JOB)
        if _MESSAGE_ID.fullmatch(number):
            by_message = await self._services.history.find_job(guild, MessageId(int(number)))
            job_id = by_message if by_message is not None else JobId("")
        try:
            job = await self._moderation.cases.get_job(guild, job_id)
        except ComponentRefused:
            job = None
        # a job elsewhere must look the same as one that does not exist
        if job is None or not await can_see_job(interaction, self._services, job):
            raise ComponentRefused(ComponentReason.NO_SUCH_JOB)
        return job.id


async def _start_response(interaction: Interaction) -> tuple[GuildId, UserId, Translations]:
    """Check the moderator and defer in private; return guild, moderator and their language."""
    guild, user = require_moderator(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    return guild, user, get_translations(str(interaction.locale))


async def _send_text(interaction: Interaction, content: str) -> None:
    await interaction.edit_original_response(view=build_note(content))
