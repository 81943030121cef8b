"""Answer an interaction: the card at once, a refusal in private, an accident with an id."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable
from enum import Enum, auto
from typing import Any, Final, TypeVar

import aiohttp
import discord
import structlog
from discord import app_commands, ui

from bot.domain.ids import ChannelId, GuildId, InteractionId, MessageId, RoleId, UserId
from bot.domain.order import Order, Origin
from bot.domain.problems import Problem
from bot.errors import Refusal
from bot.services.expansion import Expansions
from bot.ui import cards

log = structlog.get_logger(__name__)

Interaction = discord.Interaction[Any]
_PATIENCE: Final = 1.5
"""Seconds after which a slow answer is announced by deferring (design §6); Discord allows 3."""
_UNKNOWN_INTERACTION: Final = 10062
_ALREADY_ANSWERED: Final = 40060
_DEADLINE: Final = 15.0
"""Seconds for one answer, the library's own retries included."""
_T = TypeVar("_T")


async def answer(interaction: Interaction, expansions: Expansions, order: Order) -> None:
    """Accept an order and answer with its card; refusals are raised for `refuse` to word.

    An interaction that Discord no longer knows starts no paid work.
    """
    accepting = asyncio.ensure_future(
        expansions.accept(origin_of(interaction), order, interaction.token)
    )
    said = _Said.YES
    try:
        done, _ = await asyncio.wait([accepting], timeout=_PATIENCE)
        if not done:
            said, _ = await _say(interaction.response.defer(ephemeral=order.private))
        job = await accepting
    finally:
        accepting.cancel()
    message = None
    if said is not _Said.TOO_LATE:
        said, message = await _say(_show(interaction, cards.working(job), private=order.private))
    if said is _Said.TOO_LATE:
        log.warning("answered too late", job_id=job.id)
        await expansions.withdraw(job)
    else:
        await expansions.start(job, message)


class _Said(Enum):
    YES = auto()
    PERHAPS = auto()
    """No clean answer came; the job goes on and its result finds its own way."""
    TOO_LATE = auto()
    """Discord has given the interaction up: the member was told that nothing happened."""


async def _say(saying: Awaitable[_T]) -> tuple[_Said, _T | None]:
    """Make one answer to an interaction, and say whether it arrived."""
    try:
        async with asyncio.timeout(_DEADLINE):
            return _Said.YES, await saying
    except discord.HTTPException as error:
        if error.code == _UNKNOWN_INTERACTION:
            return _Said.TOO_LATE, None
        if error.code != _ALREADY_ANSWERED:
            log.warning("answer failed", error=str(error))
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("answer failed", error=repr(error))
    return _Said.PERHAPS, None


async def refuse(interaction: Interaction, error: Exception) -> None:
    """Say no in private, whether or not something was said before."""
    if isinstance(error, Refusal | Problem):
        log.info("refused", user_id=interaction.user.id, error=repr(error))
        view = cards.refused(error)
    else:
        reference = secrets.token_hex(4)
        log.error("command failed", reference=reference, exc_info=error)
        view = cards.broken(reference)
    await _say(_refusal(interaction, view))


async def _refusal(interaction: Interaction, view: ui.LayoutView) -> None:
    if interaction.response.is_done():
        # a public deferral would make the refusal public too
        with contextlib.suppress(discord.HTTPException):
            await interaction.delete_original_response()
        await interaction.followup.send(view=view, ephemeral=True)
    else:
        await interaction.response.send_message(view=view, ephemeral=True)


async def on_command_error(interaction: Interaction, error: app_commands.AppCommandError) -> None:
    """Route whatever a command raised to the words for it."""
    cause = error.__cause__ if isinstance(error, app_commands.TransformerError) else None
    if isinstance(error, app_commands.CommandInvokeError):
        cause = error.original
    await refuse(interaction, cause if isinstance(cause, Exception) else error)


def origin_of(interaction: Interaction) -> Origin:
    """Say who asked and where; guild 0 stands for a direct message."""
    return Origin(
        InteractionId(interaction.id),
        GuildId(interaction.guild_id or 0),
        ChannelId(interaction.channel_id or 0),
        UserId(interaction.user.id),
        interaction.user.display_name,
        _roles(interaction.user),
    )


def _roles(user: discord.User | discord.Member) -> tuple[RoleId, ...]:
    if not isinstance(user, discord.Member):
        return ()
    return tuple(RoleId(role.id) for role in user.roles)


async def _show(
    interaction: Interaction, view: ui.LayoutView, *, private: bool
) -> MessageId | None:
    if interaction.response.is_done():
        message = await interaction.edit_original_response(view=view)
        return MessageId(message.id)
    sent = await interaction.response.send_message(view=view, ephemeral=private)
    return None if sent.message_id is None else MessageId(sent.message_id)
