"""Moderators at work: who they are, what they give and get."""

from __future__ import annotations

from typing import Any

from bot.domain.ids import ChannelId, GuildId, JobId, UserId
from bot.domain.job import Job
from sandbox.discord import world
from sandbox.discord.actors import MemberActor
from sandbox.discord.calls import Call
from sandbox.discord.command_permissions import Override, Subject
from tests.acceptance.gestures import expanded
from tests.house import House, is_ephemeral, text

GUILD, MIA = GuildId(world.GUILD_ID), UserId(world.MIA_ID)
Json = dict[str, Any]


def ben(house: House) -> MemberActor:
    return house.discord.guild.member("ben")


def mia(house: House) -> MemberActor:
    return house.discord.guild.member("mia")


async def settle(house: House, **settings: object) -> None:
    """Settle a guild's rules without a word to Discord."""
    rules = house.app.bot.desk.rules
    for name, value in settings.items():
        await rules.guilds.set(GUILD, name, value, MIA, house.app.clock.now())


async def with_quarters(house: House) -> None:
    await settle(house, moderators_channel=ChannelId(world.MODERATORS_ID))


def show_to_everybody(house: House) -> None:
    """Let a guild's owner show all commands to all members: only the bot itself says no then."""
    guild = house.discord.state.world.guild
    everybody = Override(guild.id, Subject.ROLE, allowed=True)
    permissions = house.discord.state.command_permissions
    permissions.set(guild, str(world.APPLICATION_ID), everybody)


def take_away(house: House, permission: int) -> None:
    """Let moderators lose a permission in the studio; Discord goes on showing them commands."""
    show_to_everybody(house)
    house.discord.guild.overwrite("studio", "Moderator", deny=int(permission))


def cards(house: House) -> list[Json]:
    """Return what stands in the moderators' channel."""
    return house.discord.guild.messages("moderators")


async def said(call: Call) -> str:
    """Return the answer to a command, which nobody else sees."""
    message = await call.message(lambda message: bool(text(message)))
    assert is_ephemeral(message)
    return text(message)


async def commanded(member: MemberActor, command: str, /, **options: Any) -> str:
    return await said(member.invoke(command, options))


async def a_result(house: House, member: MemberActor | None = None) -> tuple[Json, Job]:
    """Let a member expand a picture; return the message and the job."""
    result = await expanded(house, member)
    job_id = await house.app.bot.desk.history.archive.by_message(GUILD, _message_id(result))
    assert job_id is not None
    return result, await job_of(house, job_id)


async def job_of(house: House, job_id: JobId) -> Job:
    job = await house.app.jobs.get(job_id)
    assert job is not None
    return job


def _message_id(message: Json) -> Any:
    return int(message["id"])
