"""Answer an interaction: the card at once, a refusal in private, an accident with an id."""

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
from bot.domain.ids import PERSONAL, ChannelId, GuildId, InteractionId, MessageId, RoleId, UserId
from bot.domain.job import Job
from bot.domain.order import Order, Origin
from bot.domain.problems import Problem
from bot.errors import Permanent, PressRefused, Refusal, Transient
from bot.services.ports import Standing
from bot.ui import cards, cards_job
from bot.ui.desk import Desk
from bot.ui.speech import speech

log = structlog.get_logger(__name__)

Interaction = discord.Interaction[Any]
_PATIENCE: Final = 1.5
"""Seconds after which a slow answer is announced by deferring; Discord allows 3."""
_UNKNOWN_INTERACTION: Final = 10062
_CHANNEL: Final = discord.AppCommandOptionType.channel
_ALREADY_ANSWERED: Final = 40060
_AGAIN: Final = (0.2, 0.6)
"""Seconds before an answer that met no echo is made again."""
_ALLOWED: Final = 2.5
"""Seconds from the first try to the last: Discord takes an answer for three."""
_DEADLINE: Final = 15.0
"""Seconds for one answer, the library's own retries included."""
_T = TypeVar("_T")


async def answer(interaction: Interaction, desk: Desk, order: Order) -> None:
    """Accept an order and answer with its card; refusals are raised for `refuse` to word.

    An interaction that Discord no longer knows starts no paid work.
    """
    accepting = asyncio.ensure_future(
        desk.expansions.accept(origin_of(interaction), order, interaction.token)
    )
    said = Said.YES
    try:
        done, _ = await asyncio.wait([accepting], timeout=_PATIENCE)
        if not done:
            said, _ = await say(interaction.response.defer(ephemeral=order.private, thinking=True))
        job = await accepting
    finally:
        accepting.cancel()
    message = None
    if said is not Said.TOO_LATE:
        view = card_of(desk, job)
        said, message = await insist(
            lambda: _show(interaction, view, private=order.private), desk.clock
        )
    await begin(interaction, desk, job, said, message)


def card_of(desk: Desk, job: Job) -> ui.LayoutView:
    """Return a new job's card."""
    return cards_job.working(desk.controls(job.order.locale), job, Standing())


async def begin(
    interaction: Interaction, desk: Desk, job: Job, said: Said, message: MessageId | None
) -> None:
    """Set a job going whose card was shown, or take it back where the member was told otherwise.

    A moderator who cancels while the card is on its way has no card to say so on.
    """
    if said is Said.TOO_LATE:
        log.warning("answered too late", job_id=job.id)
        await desk.expansions.withdraw(job)
    elif not await desk.expansions.start(job, message):
        at = message or "@original"
        view = cards_job.cancelled(job)
        await say(interaction.followup.edit_message(at, view=view))  # type: ignore[arg-type] # Discord takes both


class Said(Enum):
    YES = auto()
    PERHAPS = auto()
    """No clean answer came; the job goes on and its result finds its own way."""
    TOO_LATE = auto()
    """Discord has given the interaction up: the member was told that nothing happened."""


async def insist(answering: Callable[[], Awaitable[_T]], clock: Clock) -> tuple[Said, _T | None]:
    """Make one answer as `say` does, and again while Discord stumbles and the time allows it."""
    give_up = clock.monotonic() + _ALLOWED
    for pause in _AGAIN:
        said, answered = await say(answering())
        if said is not Said.PERHAPS or clock.monotonic() + pause > give_up:
            return said, answered
        await clock.sleep(pause)
    return await say(answering())


async def say(saying: Awaitable[_T]) -> tuple[Said, _T | None]:
    """Make one answer to an interaction, and say whether it arrived."""
    try:
        async with asyncio.timeout(_DEADLINE):
            return Said.YES, await saying
    except discord.HTTPException as error:
        if error.code == _UNKNOWN_INTERACTION:
            return Said.TOO_LATE, None
        if error.code == _ALREADY_ANSWERED:
            # only the acknowledgement was lost
            return Said.YES, None
        log.warning("answer failed", error=str(error))
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("answer failed", error=repr(error))
    return Said.PERHAPS, None


async def refuse(interaction: Interaction, error: Exception) -> None:
    """Say no in private, whether or not something was said before."""
    words = speech(str(interaction.locale))
    if isinstance(error, Refusal | Problem):
        log.info("refused", user_id=interaction.user.id, error=repr(error))
        view = cards.refused(words, error)
    elif isinstance(error, Permanent | Transient):
        log.warning("failed before any order", user_id=interaction.user.id, error=repr(error))
        view = cards.refused(words, error)
    else:
        reference = secrets.token_hex(4)
        log.error("command failed", reference=reference, exc_info=error)
        view = cards.broken(words, reference)
    await say(_refusal(interaction, view))


async def _refusal(interaction: Interaction, view: ui.LayoutView) -> None:
    if not interaction.response.is_done():
        await interaction.response.send_message(view=view, ephemeral=True)
        return
    # a card that was pressed stays
    if interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        with contextlib.suppress(discord.HTTPException):
            thinking = await interaction.original_response()
            if thinking.flags.ephemeral:
                await thinking.edit(view=view)
                return
            # a public deferral would make the refusal public too
            await thinking.delete()
    await interaction.followup.send(view=view, ephemeral=True)


async def on_command_error(interaction: Interaction, error: app_commands.AppCommandError) -> None:
    """Route whatever a command raised to the words for it; a check has said its own."""
    if isinstance(error, app_commands.CheckFailure) and interaction.response.is_done():
        return
    cause = error.__cause__ if isinstance(error, app_commands.TransformerError) else None
    if isinstance(error, app_commands.CommandInvokeError):
        cause = error.original
    if isinstance(error, app_commands.TransformerError) and error.type is _CHANNEL:
        cause = cause or PressRefused("unseen")
    await refuse(interaction, cause if isinstance(cause, Exception) else error)


def guild_of(interaction: Interaction) -> GuildId:
    """Return the guild whose rules hold here; `PERSONAL` where it has not installed the bot.

    A guild that merely hosts what its member has brought along has no powers over it; where both
    have installed the bot, it is the guild's.
    """
    number = interaction.guild_id
    if number is None:
        return PERSONAL
    is_there = interaction.client.get_guild(number) is not None
    return GuildId(number) if is_there or interaction.is_guild_integration() else PERSONAL


def origin_of(interaction: Interaction) -> Origin:
    """Say who asked and where."""
    guild = guild_of(interaction)
    return Origin(
        InteractionId(interaction.id),
        guild,
        ChannelId(interaction.channel_id or 0),
        UserId(interaction.user.id),
        interaction.user.display_name,
        () if guild == PERSONAL else _roles(interaction.user),
        guild != PERSONAL and bool(getattr(interaction.channel, "nsfw", False)),
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
