"""Public answers with pictures, which are checked and recorded before they show anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import discord

from bot.domain.ids import PERSONAL_GUILD, JobId, MessageId
from bot.errors import ComponentReason, ComponentRefused
from bot.ui.interactions.responses import Interaction, build_origin, get_guild_id
from bot.ui.interactions.services import InteractionServices


class MessageBuilder(Protocol):
    """Build the message, with a spoiler if the decision asks for one."""

    async def __call__(self, *, spoiler: bool) -> tuple[discord.ui.LayoutView, discord.File]: ...


async def show_to_everybody(
    interaction: Interaction,
    services: InteractionServices,
    jobs: Sequence[JobId],
    build_message: MessageBuilder,
) -> None:
    """Answer an interaction in public with pictures of these jobs; raise a `Refusal`.

    The answer is deferred first and its message recorded before it shows a picture, so that a
    removal at the same moment, or after a crash, reaches it.
    """
    await check_sharing(interaction, services, jobs)
    origin = build_origin(interaction)
    if not interaction.response.is_done():
        await interaction.response.defer(thinking=True)
    shown = MessageId((await interaction.original_response()).id)
    await services.shared_messages.record_message(origin, shown, jobs)
    try:
        # checked again: a decision made before the message was recorded did not reach it
        hidden = await services.exposure.check_share(jobs, origin)
        view, file = await build_message(spoiler=hidden)
    except BaseException:
        await services.shared_messages.forget_message(shown)
        raise
    await interaction.edit_original_response(view=view, attachments=[file])
    if not hidden:
        await services.shared_messages.cover_again(jobs)


async def check_sharing(
    interaction: Interaction, services: InteractionServices, jobs: Sequence[JobId]
) -> None:
    """Raise a `Refusal` if these pictures may not be shown to everybody, or not in this channel."""
    _check_channel(interaction)
    await services.exposure.check_share(jobs, build_origin(interaction))


def _check_channel(interaction: Interaction) -> None:
    """Raise `ComponentRefused` in a channel in which the bot could not remove what it shows.

    That is an archived or locked thread, or a channel in which the bot may not write.
    """
    channel, mine = interaction.channel, interaction.app_permissions
    is_thread = isinstance(channel, discord.Thread)
    if isinstance(channel, discord.Thread) and (channel.archived or channel.locked):
        raise ComponentRefused(ComponentReason.NOT_HERE)
    may_send = mine.send_messages_in_threads if is_thread else mine.send_messages
    in_guild = get_guild_id(interaction) != PERSONAL_GUILD
    if in_guild and not (mine.view_channel and may_send):
        raise ComponentRefused(ComponentReason.NOT_HERE)
