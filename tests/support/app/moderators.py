"""Moderators in tests: members, settings, permissions and their cards."""

from __future__ import annotations

from typing import Any

from bot.domain.ids import ChannelId, GuildId, JobId, UserId
from bot.domain.job import Job
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.actors.member import MemberActor
from sandbox.discord.model import seed_data
from sandbox.discord.state.command_permissions import OverrideSubject, PermissionOverride
from tests.support.app.card_controls import expand_picture
from tests.support.app_fixture import AppFixture, is_ephemeral, read_text

GUILD, MIA = GuildId(seed_data.GUILD_ID), UserId(seed_data.MIA_ID)
Json = dict[str, Any]


def get_ben(app_fixture: AppFixture) -> MemberActor:
    return app_fixture.discord.guild.member("ben")


def get_mia(app_fixture: AppFixture) -> MemberActor:
    return app_fixture.discord.guild.member("mia")


async def set_guild_settings(app_fixture: AppFixture, **settings: object) -> None:
    """Change a guild's settings directly, without Discord."""
    rules = app_fixture.app.interactions.guild_settings
    for name, value in settings.items():
        await rules.guilds.set_value(GUILD, name, value, MIA, app_fixture.core.clock.now())


async def set_moderators_channel(app_fixture: AppFixture) -> None:
    await set_guild_settings(app_fixture, moderators_channel=ChannelId(seed_data.MODERATORS_ID))


def show_commands_to_everybody(app_fixture: AppFixture) -> None:
    """Show all commands to all members, so that only the bot itself can refuse."""
    guild = app_fixture.discord.state.world.guild
    everybody = PermissionOverride(guild.id, OverrideSubject.ROLE, allowed=True)
    permissions = app_fixture.discord.state.command_permissions
    permissions.replace_overrides(guild, str(seed_data.APPLICATION_ID), everybody)


def deny_moderators(app_fixture: AppFixture, permission: int) -> None:
    """Take a permission from the moderators' role; Discord still shows them commands."""
    show_commands_to_everybody(app_fixture)
    app_fixture.discord.guild.change_role("Moderator", deny=int(permission))


def list_moderator_cards(app_fixture: AppFixture) -> list[Json]:
    """Return the messages in the moderators' channel."""
    return app_fixture.discord.guild.messages("moderators")


async def read_private_answer(call: TrackedInvocation) -> str:
    """Return the answer to a command, which only its member sees."""
    message = await call.message(lambda message: bool(read_text(message)))
    assert is_ephemeral(message)
    return read_text(message)


async def run_command(member: MemberActor, command: str, /, **options: Any) -> str:
    return await read_private_answer(member.invoke(command, options))


async def create_result(
    app_fixture: AppFixture, member: MemberActor | None = None
) -> tuple[Json, Job]:
    """Let a member expand a picture; return the message and the job."""
    result = await expand_picture(app_fixture, member)
    job_id = await app_fixture.core.archive.find_by_message(GUILD, _message_id(result))
    assert job_id is not None
    return result, await load_job(app_fixture, job_id)


async def load_job(app_fixture: AppFixture, job_id: JobId) -> Job:
    job = await app_fixture.core.jobs.get(job_id)
    assert job is not None
    return job


def _message_id(message: Json) -> Any:
    return int(message["id"])
