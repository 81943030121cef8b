"""What moderators do: to members, to results, to what prompts may hold."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.guild import PersonalGrant
from bot.domain.ids import GuildId, JobId, MessageId, UserId
from bot.domain.moderation import MemberBlock
from bot.domain.wordlist import find_listed_word
from bot.errors import ComponentReason, ComponentRefused
from bot.services.orders.banned_patterns import find_first_match
from bot.ui.channels.moderators_channel import to_discord_file
from bot.ui.i18n.translations import Translations, get_translations
from bot.ui.interactions.permissions import require_moderator
from bot.ui.interactions.responses import Interaction
from bot.ui.interactions.services import InteractionServices
from bot.ui.texts import moderation as moderation_texts
from bot.ui.texts.settings.commands import create_group, describe_command, describe_options
from bot.ui.views import moderation as moderation_views
from bot.ui.views.base import build_note

_MESSAGE_LINK: Final = re.compile(r"https?://\S+/channels/(\d{1,20})/\d{1,20}/(\d{1,20})/?")
_MESSAGE_ID: Final = re.compile(r"\d{15,20}")
_MAX_CASES: Final = 3
"""Cases that one look at the queue shows: each is a message with its pictures."""
Days = app_commands.Range[int, 1, 3650]
Text = app_commands.Range[str, 1, 200]


@app_commands.guild_only()
@app_commands.default_permissions(manage_messages=True)
class ModerationCog(commands.GroupCog, **describe_command("moderate")):
    """Who may is asked at each call, by what Discord lets the member do then and there."""

    word_commands = create_group("words")

    def __init__(self, services: InteractionServices) -> None:
        self._services = services
        self._moderation = services.moderation
        self._guild_settings = services.guild_settings

    @app_commands.command(**describe_command("block"))
    @describe_options(member="member", reason="reason", days="days")
    async def block_member(
        self, interaction: Interaction, member: discord.User, reason: Text, days: Days | None = None
    ) -> None:
        guild, actor = await _start_response(interaction)
        until = None if days is None else self._services.clock.now() + timedelta(days=days)
        user = UserId(member.id)
        await self._moderation.members.block_member(MemberBlock(guild, user, actor, reason, until))
        await _send_text(
            interaction,
            moderation_texts.describe_block(_get_translations(interaction), user, until),
        )

    @app_commands.command(**describe_command("unblock"))
    @describe_options(member="member")
    async def unblock_member(self, interaction: Interaction, member: discord.User) -> None:
        guild, actor = await _start_response(interaction)
        user = UserId(member.id)
        was = await self._moderation.members.unblock_member(guild, user, actor)
        await _send_text(
            interaction,
            moderation_texts.describe_unblock(
                _get_translations(interaction), user, was_blocked=was
            ),
        )

    @app_commands.command(**describe_command("grant"))
    @describe_options(member="member", results="results", days="days")
    async def grant_quota(
        self,
        interaction: Interaction,
        member: discord.User,
        results: app_commands.Range[int, 0, 10_000],
        days: Days | None = None,
    ) -> None:
        guild, actor = await _start_response(interaction)
        until = None if days is None else self._services.clock.now() + timedelta(days=days)
        user = UserId(member.id)
        await self._moderation.members.grant_quota(
            guild, PersonalGrant(user, results, until), actor
        )
        await _send_text(
            interaction,
            moderation_texts.describe_grant(_get_translations(interaction), user, results, until),
        )

    @app_commands.command(**describe_command("ungrant"))
    @describe_options(member="member")
    async def revoke_grant(self, interaction: Interaction, member: discord.User) -> None:
        guild, actor = await _start_response(interaction)
        user = UserId(member.id)
        was = await self._moderation.members.revoke_grant(guild, user, actor)
        await _send_text(
            interaction,
            moderation_texts.describe_grant_removal(
                _get_translations(interaction), user, had_grant=was
            ),
        )

    @app_commands.command(**describe_command("cancel"))
    @describe_options(picture="picture")
    async def cancel_order(self, interaction: Interaction, picture: Text) -> None:
        guild, actor = await _start_response(interaction)
        job = await self._moderation.removal.cancel_job(
            guild, await self._find_job_id(guild, picture), actor
        )
        await _send_text(
            interaction, moderation_texts.describe_cancellation(_get_translations(interaction), job)
        )

    @app_commands.command(**describe_command("remove"))
    @describe_options(picture="picture", refund="refund")
    async def remove_result(
        self, interaction: Interaction, picture: Text, refund: bool = False
    ) -> None:
        guild, actor = await _start_response(interaction)
        job = await self._find_job_id(guild, picture)
        _ = _get_translations(interaction)
        results, clean = await self._moderation.removal.remove_result(guild, job, actor)
        said = moderation_texts.describe_removal(_, results, all_deleted=clean)
        if refund:
            said += "\n" + moderation_texts.describe_refund(
                _, await self._moderation.decisions.refund_job(guild, job, actor)
            )
        await _send_text(interaction, said)

    @app_commands.command(**describe_command("spoiler"))
    @describe_options(picture="picture")
    async def add_spoiler(self, interaction: Interaction, picture: Text) -> None:
        guild, actor = await _start_response(interaction)
        await self._moderation.spoilers.add_spoiler(
            guild, await self._find_job_id(guild, picture), actor
        )
        await _send_text(
            interaction, moderation_texts.describe_spoiler(_get_translations(interaction))
        )

    @app_commands.command(**describe_command("refund"))
    @describe_options(picture="picture")
    async def refund_quota(self, interaction: Interaction, picture: Text) -> None:
        guild, actor = await _start_response(interaction)
        job = await self._find_job_id(guild, picture)
        given = await self._moderation.decisions.refund_job(guild, job, actor)
        await _send_text(
            interaction, moderation_texts.describe_refund(_get_translations(interaction), given)
        )

    @app_commands.command(**describe_command("queue"))
    async def show_queue(self, interaction: Interaction) -> None:
        guild, _ = await _start_response(interaction)
        cases = await self._moderation.decisions.list_waiting_cases(guild, _MAX_CASES)
        if not cases:
            await _send_text(
                interaction, moderation_texts.empty_queue_text(_get_translations(interaction))
            )
            return
        for number, case in enumerate(cases):
            view = moderation_views.build_case_card(
                self._services.build_controls(interaction.locale), case
            )
            files = [to_discord_file(*named) for named in moderation_views.list_case_files(case)]
            if number:
                await interaction.followup.send(view=view, files=files, ephemeral=True)
            else:
                await interaction.edit_original_response(view=view, attachments=files)

    @word_commands.command(**describe_command("add"))
    @describe_options(entry="entry")
    async def add_word(
        self, interaction: Interaction, entry: app_commands.Range[str, 1, 60]
    ) -> None:
        await self._change_list(interaction, "banned_words", entry, added=True)

    @word_commands.command(**describe_command("take"))
    @describe_options(entry="entry")
    async def remove_word(
        self, interaction: Interaction, entry: app_commands.Range[str, 1, 60]
    ) -> None:
        await self._change_list(interaction, "banned_words", entry, added=False)

    @word_commands.command(**describe_command("add-pattern"))
    @describe_options(pattern="pattern")
    async def add_pattern(self, interaction: Interaction, pattern: Text) -> None:
        await self._change_list(interaction, "banned_patterns", pattern, added=True)

    @word_commands.command(**describe_command("take-pattern"))
    @describe_options(pattern="pattern")
    async def remove_pattern(self, interaction: Interaction, pattern: Text) -> None:
        await self._change_list(interaction, "banned_patterns", pattern, added=False)

    @word_commands.command(**describe_command("list"))
    async def show_lists(self, interaction: Interaction) -> None:
        guild, _ = await _start_response(interaction)
        now = await self._guild_settings.get(guild)
        await _send_text(
            interaction,
            moderation_texts.format_word_lists(
                _get_translations(interaction), now.banned_words, now.banned_patterns
            ),
        )

    @word_commands.command(**describe_command("test"))
    @describe_options(prompt="prompt")
    async def test_prompt(
        self, interaction: Interaction, prompt: app_commands.Range[str, 1, 3000]
    ) -> None:
        guild, _ = await _start_response(interaction)
        now = await self._guild_settings.get(guild)
        word = find_listed_word(now.banned_words, prompt)
        pattern = find_first_match(now.banned_patterns, prompt)
        await _send_text(
            interaction,
            moderation_texts.describe_prompt_test(_get_translations(interaction), word, pattern),
        )

    async def _change_list(
        self, interaction: Interaction, name: str, entry: str, *, added: bool
    ) -> None:
        guild, actor = await _start_response(interaction)
        was_changed = await self._guild_settings.edit_list(
            guild, name, entry, actor, is_listed=added
        )
        said = moderation_texts.describe_list_change(
            _get_translations(interaction), entry, added=added, was_changed=was_changed
        )
        await _send_text(interaction, said)

    async def _find_job_id(self, guild: GuildId, text: str) -> JobId:
        """Find a picture of this guild by its link, its message's id, or its own."""
        link, job = _MESSAGE_LINK.fullmatch(text.strip()), JobId(text.strip().strip("`"))
        number = link[2] if link else text.strip()
        if link and link[1] != str(guild):
            raise ComponentRefused(ComponentReason.NO_SUCH_JOB)
        if _MESSAGE_ID.fullmatch(number):
            by_message = await self._services.history.find_job(guild, MessageId(int(number)))
            job = by_message if by_message is not None else JobId("")
        try:
            return (await self._moderation.cases.get_job(guild, job)).id
        except ComponentRefused:
            raise ComponentRefused(ComponentReason.NO_SUCH_JOB) from None


async def _start_response(interaction: Interaction) -> tuple[GuildId, UserId]:
    """Ask who it is, then announce an answer for them alone."""
    who = require_moderator(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    return who


async def _send_text(interaction: Interaction, content: str) -> None:
    await interaction.edit_original_response(view=build_note(content))


def _get_translations(interaction: Interaction) -> Translations:
    return get_translations(str(interaction.locale))
