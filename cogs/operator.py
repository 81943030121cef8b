"""Operator commands: kill switch, costs, ledger audit, parked jobs."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.ids import ChannelId, InteractionId, JobId, RoleId, UserId
from bot.domain.job import Job, JobState
from bot.domain.money import ZERO, MicroUsd, parse_usd
from bot.domain.order import Origin
from bot.domain.text.numbers import normalise_number
from bot.errors import TaskFailed, Transient
from bot.services.jobs.parked import CLOSED
from bot.services.operator_services import OperatorServices
from bot.ui.interactions.responses import Interaction, get_guild_id
from bot.ui.texts import operator as texts

_MAX_JOBS = 15
Outcome = Literal["settle", "release", "resume"]


@app_commands.default_permissions(manage_guild=True)
class OperatorCog(commands.GroupCog, group_name="operator", description="For this bot's operator"):
    """Operator commands; each call checks the user ID, Discord's permissions only hide them."""

    def __init__(self, services: OperatorServices) -> None:
        self._services = services

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        if interaction.user.id in self._services.operators:
            return True
        await _send_text(interaction, texts.NOT_YOU)
        return False

    @app_commands.command(description="Accept and submit no orders; those under way are finished")
    @app_commands.describe(reason="Members read it")
    async def pause(self, interaction: Interaction, reason: str = "") -> None:
        await self._services.admission.pause_orders(reason)
        await _send_text(interaction, "Paused. To go on: `/operator resume`")

    @app_commands.command(description="Accept and submit orders again")
    async def resume(self, interaction: Interaction) -> None:
        was_on = await self._services.admission.resume_orders()
        await _send_text(interaction, "Resumed." if was_on else "It wasn't paused.")

    @app_commands.command(description="See what was spent, by day and by server")
    async def costs(self, interaction: Interaction) -> None:
        books = self._services.statements
        days, months = await books.list_days(7), await books.list_months(10)
        names = {guild.id: guild.name for guild in interaction.client.guilds}
        text = texts.format_costs(days, months, await books.count_states(), names)
        await _send_text(interaction, text)

    @app_commands.command(description="Check that the ledger balances, and record differences")
    async def audit(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        found = await self._services.auditor.audit_ledger()
        balanced = "The ledger balances." if found.is_balanced else f"Differences recorded: {found}"
        await interaction.followup.send(balanced[:2000], ephemeral=True)

    @app_commands.command(description="List the latest jobs")
    async def jobs(self, interaction: Interaction, state: JobState | None = None) -> None:
        found = await self._services.statements.list_jobs(state=state, guild=None, limit=_MAX_JOBS)
        await _send_text(interaction, texts.format_jobs(found))

    @app_commands.command(
        description="Check a member's next order against every limit; spends nothing"
    )
    async def why(
        self,
        interaction: Interaction,
        member: discord.Member,
        results: app_commands.Range[int, 1, 20] = 1,
    ) -> None:
        guild, user = get_guild_id(interaction), UserId(member.id)
        roles = tuple(RoleId(role.id) for role in member.roles)
        # the channel may be one in which nobody orders: the operator asks about the member
        origin = Origin(InteractionId(0), guild, ChannelId(0), user, "", roles)
        outlook = await self._services.inspection.inspect_order(origin, results)
        await _send_text(interaction, texts.describe_outlook(outlook))

    @app_commands.command(description="Decide a parked job: what it cost, or to ask once more")
    @app_commands.describe(usd="With settle: what the provider billed, in dollars")
    async def unpark(
        self, interaction: Interaction, job: str, outcome: Outcome, usd: str = "0"
    ) -> None:
        try:
            cost = parse_usd(normalise_number(usd)) if outcome == "settle" else ZERO
        except ValueError as error:
            await _send_text(interaction, str(error))
            return
        await interaction.response.defer(ephemeral=True)
        actor = f"operator {interaction.user.id}"
        decided = await self._decide_parked_job(JobId(job), outcome, cost, actor)
        text = texts.format_job(decided) if decided else texts.NOT_PARKED
        await interaction.followup.send(text, ephemeral=True, allowed_mentions=_NO_MENTIONS)

    async def _decide_parked_job(
        self, job_id: JobId, outcome: Outcome, cost: MicroUsd, actor: str
    ) -> Job | None:
        if outcome == "resume":
            return await self._services.parked.resume_job(job_id, actor)
        before = await self._services.jobs.get(job_id)
        ended = await self._services.parked.close_job(job_id, cost, actor)
        if before is not None and ended is not None:
            # the ledger is already committed; a failed notice must not undo that
            with contextlib.suppress(Transient):
                failure = TaskFailed(CLOSED, "decided by hand")
                await self._services.publisher.show_failure(replace(before, cost=cost), failure)
        return ended


_NO_MENTIONS = discord.AllowedMentions.none()


async def _send_text(interaction: Interaction, content: str) -> None:
    await interaction.response.send_message(
        content[:2000], ephemeral=True, allowed_mentions=_NO_MENTIONS
    )
