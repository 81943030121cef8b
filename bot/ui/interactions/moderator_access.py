"""What a moderator may see: cases by the moderators' channel, and results by their own channels.

Permissions are checked in `permissions`, the places where they apply here.
"""

from __future__ import annotations

from collections.abc import Mapping

import discord

from bot.domain.guild import SETTINGS
from bot.domain.ids import ChannelId, GuildId, JobId, UserId
from bot.domain.job import Job
from bot.domain.settings_table import Kind
from bot.errors import ComponentReason, ComponentRefused
from bot.services.ports.channels import ModerationCase
from bot.ui.channels.access import find_channel, is_in_private_thread
from bot.ui.interactions.permissions import (
    can_moderate_guild,
    can_moderate_job,
    compute_permissions,
    find_channel_permissions,
    has_guild_permission,
    require_moderator,
)
from bot.ui.interactions.responses import Interaction
from bot.ui.interactions.services import InteractionServices


async def require_case_access(
    interaction: Interaction, services: InteractionServices, job_id: JobId
) -> tuple[GuildId, UserId, Job]:
    """Return guild, moderator and job of a case that the member may see and decide now.

    Raises `ComponentRefused` otherwise; the card may be from before a permission was lost.
    """
    guild, actor = require_moderator(interaction)
    job = await services.moderation.cases.get_job(guild, job_id)
    if not await can_decide_case(interaction, services, job):
        raise ComponentRefused(ComponentReason.CASE_HIDDEN)
    return guild, actor, job


async def can_decide_case(
    interaction: Interaction, services: InteractionServices, job: Job
) -> bool:
    """Return whether the member moderates the guild and may see a job's case."""
    channel = (await services.guild_settings.get(job.origin.guild_id)).moderators_channel
    return can_moderate_guild(interaction) and _can_see_case(interaction, job, channel)


async def require_case_card(
    interaction: Interaction, services: InteractionServices, job: Job
) -> None:
    """Raise `ComponentRefused` unless the button is on a card of this case or of the queue."""
    message = interaction.message
    # ephemeral cards are the queue's; nobody else sees them
    if message is None or message.flags.ephemeral:
        return
    guild = job.origin.guild_id
    places = {card.channel for card in await services.moderation.reports.list_cards(guild, job.id)}
    places.add((await services.guild_settings.get(guild)).moderators_channel or ChannelId(0))
    if interaction.channel_id not in places:
        raise ComponentRefused(ComponentReason.FORGED)


async def list_visible_cases(
    interaction: Interaction, services: InteractionServices, guild: GuildId, limit: int
) -> list[ModerationCase]:
    """Return the oldest waiting cases, approvals first, that the moderator may see."""
    channel = (await services.guild_settings.get(guild)).moderators_channel

    def is_visible(job: Job) -> bool:
        return _can_see_case(interaction, job, channel)

    approvals, reports = services.moderation.approvals, services.moderation.reports
    cases = [*await approvals.list_waiting_cases(guild, limit, is_visible)]
    cases += await reports.list_waiting_cases(guild, limit - len(cases), is_visible)
    return cases


async def can_see_job(interaction: Interaction, services: InteractionServices, job: Job) -> bool:
    """Return whether the member sees the channel of a result, or of its post in the gallery."""
    # nobody sees a deleted channel, but its results may have to be removed
    if has_guild_permission(interaction, "administrator"):
        return True
    if await _can_view(interaction, job.origin.channel_id):
        return True
    post = await _find_gallery_channel(services, job)
    return post is not None and await _can_view(interaction, post)


async def can_uncover(interaction: Interaction, services: InteractionServices, job: Job) -> bool:
    """Return whether the member may manage a result's message and its post in the gallery."""
    if not can_moderate_job(interaction, job):
        return False
    post = await _find_gallery_channel(services, job)
    return post is None or find_channel_permissions(interaction, post).manage_messages


async def can_withdraw(interaction: Interaction, services: InteractionServices, job: Job) -> bool:
    """Return whether the member may manage a result's message or its post in the gallery."""
    if can_moderate_job(interaction, job):
        return True
    post = await _find_gallery_channel(services, job)
    return post is not None and find_channel_permissions(interaction, post).manage_messages


async def _find_gallery_channel(services: InteractionServices, job: Job) -> ChannelId | None:
    """Return the channel of a result's post in the gallery, None if it has none."""
    entry = await services.gallery.find_entry(job.origin.guild_id, job.id)
    return None if entry is None or entry.shown_message is None else entry.shown_channel


def require_visible_channels(interaction: Interaction, wanted: Mapping[str, object]) -> None:
    """Raise `ComponentRefused` if a setting names a channel to post to that the member can't view.

    `wanted` are new values by their setting's name.
    """
    for name, value in wanted.items():
        if SETTINGS[name].kind is not Kind.CHANNEL or not isinstance(value, int):
            continue
        if not find_channel_permissions(interaction, ChannelId(value)).view_channel:
            raise ComponentRefused(ComponentReason.CHANNEL_HIDDEN)


def _can_see_case(interaction: Interaction, job: Job, channel: ChannelId | None) -> bool:
    """Return whether the member sees the moderators' channel, or without one the result's."""
    place = job.origin.channel_id if channel is None else channel
    return find_channel_permissions(interaction, place).view_channel


async def _can_view(interaction: Interaction, channel: ChannelId) -> bool:
    if find_channel_permissions(interaction, channel).view_channel:
        return True
    # an archived thread is not in the cache
    found = await find_channel(interaction.client, channel)
    if compute_permissions(interaction, found).view_channel:
        return True
    parent = found.parent if isinstance(found, discord.Thread) else None
    if not compute_permissions(interaction, parent).view_channel:
        return False
    return await is_in_private_thread(found, interaction.user.id)
