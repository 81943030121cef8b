"""Responses to interactions: retries, refusals and errors, and where they came from."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Any, Final, TypeVar

import aiohttp
import discord
import structlog
from discord import app_commands, ui

from bot.clock import Clock
from bot.domain.errors import Refusal
from bot.domain.ids import PERSONAL_GUILD, ChannelId, GuildId, InteractionId, RoleId, UserId
from bot.domain.order import Origin
from bot.errors import ComponentReason, ComponentRefused, Permanent, Transient, get_log_fields
from bot.ui.channels.access import find_age_restriction
from bot.ui.channels.spoiler_channels import is_spoiler_channel
from bot.ui.i18n.translations import get_translations
from bot.ui.views import base as views

log = structlog.get_logger(__name__)

Interaction = discord.Interaction[Any]
_UNKNOWN_INTERACTION: Final = 10062
_CHANNEL_OPTION: Final = discord.AppCommandOptionType.channel
_ALREADY_ANSWERED: Final = 40060
_RETRY_PAUSES: Final = (0.2, 0.6)
"""Seconds before each retry of an unconfirmed response."""
_RETRY_WINDOW: Final = 2.5
"""Seconds in which retries may start; an interaction expires after 3."""
_DEADLINE: Final = 15.0
"""Seconds for one attempt, including discord.py's own retries."""
_T = TypeVar("_T")


class ResponseOutcome(Enum):
    SENT = auto()
    UNCONFIRMED = auto()
    """No clear reply from Discord; the job runs, and its result may need another route."""
    EXPIRED = auto()
    """Discord no longer knows the interaction and has shown the member a failure."""


async def retry_response(
    respond: Callable[[], Awaitable[_T]], clock: Clock
) -> tuple[ResponseOutcome, _T | None]:
    """Send a response, retrying while it is unconfirmed and the interaction is alive."""
    # repeating is safe: if an attempt did arrive, Discord answers 40060
    give_up = clock.monotonic() + _RETRY_WINDOW
    for pause in _RETRY_PAUSES:
        outcome, answered = await send_response(respond())
        if outcome is not ResponseOutcome.UNCONFIRMED or clock.monotonic() + pause > give_up:
            return outcome, answered
        await clock.sleep(pause)
    return await send_response(respond())


async def send_response(response: Awaitable[_T]) -> tuple[ResponseOutcome, _T | None]:
    """Send one response and report whether it arrived; network errors are logged."""
    try:
        async with asyncio.timeout(_DEADLINE):
            return ResponseOutcome.SENT, await response
    except discord.HTTPException as error:
        if error.code == _UNKNOWN_INTERACTION:
            return ResponseOutcome.EXPIRED, None
        if error.code == _ALREADY_ANSWERED:
            # an earlier attempt arrived and only its confirmation was lost
            return ResponseOutcome.SENT, None
        log.warning("answer failed", error=str(error))
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("answer failed", error=repr(error))
    return ResponseOutcome.UNCONFIRMED, None


async def respond_with_error(interaction: Interaction, error: Exception) -> None:
    """Show an error in private; only unexpected ones are logged with a traceback."""
    words = get_translations(str(interaction.locale))
    if isinstance(error, Refusal):
        log.info("refused", user_id=interaction.user.id, **get_log_fields(error))
        view = views.build_refusal_card(words, error)
    elif isinstance(error, Permanent | Transient):
        fields = get_log_fields(error)
        log.warning("failed before any order", user_id=interaction.user.id, **fields)
        view = views.build_refusal_card(words, error)
    else:
        reference = secrets.token_hex(4)
        log.error("command failed", reference=reference, exc_info=error)
        view = views.build_error_card(words, reference)
    await send_response(_send_refusal(interaction, view))


async def _send_refusal(interaction: Interaction, view: ui.LayoutView) -> None:
    if not interaction.response.is_done():
        await interaction.response.send_message(view=view, ephemeral=True)
        return
    # after a button, the original response is the card itself: it stays
    if interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        with contextlib.suppress(discord.HTTPException):
            thinking = await interaction.original_response()
            if thinking.flags.ephemeral:
                await thinking.edit(view=view)
                return
            # an edit cannot turn a public deferral into a private message
            await thinking.delete()
    await interaction.followup.send(view=view, ephemeral=True)


async def on_command_error(interaction: Interaction, error: app_commands.AppCommandError) -> None:
    """Show what a command raised; a failed check that has already responded is done."""
    if isinstance(error, app_commands.CheckFailure) and interaction.response.is_done():
        return
    cause = error.__cause__ if isinstance(error, app_commands.TransformerError) else None
    if isinstance(error, app_commands.CommandInvokeError):
        cause = error.original
    # discord.py cannot resolve a channel that the bot does not see
    if isinstance(error, app_commands.TransformerError) and error.type is _CHANNEL_OPTION:
        cause = cause or ComponentRefused(ComponentReason.UNSEEN)
    await respond_with_error(interaction, cause if isinstance(cause, Exception) else error)


def get_guild_id(interaction: Interaction) -> GuildId:
    """Return the guild whose rules apply: `PERSONAL_GUILD` unless it has installed the bot.

    If both guild and member have installed the bot, the guild's rules apply.
    """
    number = interaction.guild_id
    if number is None:
        return PERSONAL_GUILD
    is_there = interaction.client.get_guild(number) is not None
    return GuildId(number) if is_there or interaction.is_guild_integration() else PERSONAL_GUILD


def build_origin(interaction: Interaction) -> Origin:
    """Return who asked and where; of a thread also its parent, whose rules bind it."""
    guild, channel = get_guild_id(interaction), interaction.channel
    return Origin(
        InteractionId(interaction.id),
        guild,
        ChannelId(interaction.channel_id or 0),
        UserId(interaction.user.id),
        interaction.user.display_name,
        () if guild == PERSONAL_GUILD else _list_role_ids(interaction.user),
        _find_restriction(guild, channel),
        ChannelId(channel.parent_id) if isinstance(channel, discord.Thread) else None,
        is_spoiler_channel(interaction.client, channel),
        interaction.context.dm_channel,
    )


def _find_restriction(guild: GuildId, channel: object) -> bool | None:
    """Return a channel's age restriction; in guilds without the bot, False counts as unknown."""
    if isinstance(channel, discord.DMChannel | discord.GroupChannel):
        return False
    found = find_age_restriction(channel)
    return found or None if guild == PERSONAL_GUILD else found


def _list_role_ids(user: discord.User | discord.Member) -> tuple[RoleId, ...]:
    if not isinstance(user, discord.Member):
        return ()
    return tuple(RoleId(role.id) for role in user.roles)
