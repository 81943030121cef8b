"""Two guilds with members whose rights come from everywhere, and pictures to act on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.gallery import EntryState, GalleryMode
from bot.domain.ids import ChannelId, DraftId, GuildId, JobId, UserId
from bot.domain.moderation import Report
from sandbox.discord.actors.guild import GuildActor
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.actors.member import MemberActor
from sandbox.discord.model.permissions import EVERYONE, Permission
from sandbox.discord.model.records import Role
from tests.support.app.card_controls import Json, find_button
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    list_media,
    wait_until,
)
from tests.support.authority.rights import Place, Source
from tests.support.clocks import ScaledClock

ACTORS: Final[Mapping[Source, str]] = {
    each: f"actor-{each.name.lower().replace('_', '-')}" for each in Source
}
_MODERATES = Permission.MANAGE_MESSAGES
_MANAGES = Permission.MANAGE_MESSAGES | Permission.MANAGE_GUILD
_ROLES: Final = {
    Source.ROLE: EVERYONE | _MODERATES,
    Source.ROLE_HERE: EVERYONE,
    Source.DENIED_HERE: EVERYONE | _MODERATES,
    Source.ADMINISTRATOR: Permission.ADMINISTRATOR,
    Source.MANAGER: EVERYONE | Permission.MANAGE_GUILD,
}
"""Permissions in the guild of the role that a member of each kind has; the others have none."""
_AUTHOR: Final = "author"
_SIDE: Final = 96
_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class AuthorityGuilds:
    """The guild that acts are about, and another; `jobs` are its pictures by their use."""

    app_fixture: AppFixture
    clock: ScaledClock
    guild: GuildActor
    other: GuildActor
    channels: Mapping[Place, str]
    panels: Mapping[Place, Json]
    jobs: Mapping[str, JobId]
    draft: DraftId
    """A preview of the author's."""

    def get_actor(self, source: Source, place: Place) -> MemberActor:
        guild = self.other if place is Place.GUILD else self.guild
        return guild.member(ACTORS[source])

    async def prepare(self, act: str) -> None:
        """Undo what an act does to the condition that its right depends on, for the next one."""
        fixture, guild = self.app_fixture, GuildId(self.guild.id)
        if act == "spoiler/uncover":
            spoilers = fixture.app.interactions.moderation.spoilers
            await spoilers.add_spoiler(guild, self.jobs["shown"], UserId(1))
        elif act == "unhang":
            # as posted in the gallery: its message is not needed
            async with fixture.core.database.write() as tx:
                await tx.execute(
                    "UPDATE gallery_entry SET state = 'posted', shown_message = 1,"
                    " shown_channel = :channel WHERE job_id = :id",
                    {"id": self.jobs["posted"], "channel": self.guild.channel_id("gallery")},
                )


async def build_guilds(app_fixture: AppFixture) -> AuthorityGuilds:
    """Build everything in a sandbox; the bot restarts, and takes no more orders afterwards."""
    guild, other = _add_guilds(app_fixture)
    app_fixture.operators = (guild.welcome(ACTORS[Source.OPERATOR]).id,)
    app_fixture.clock = clock = ScaledClock()
    await app_fixture.restart()
    channels = _add_channels(guild, other)
    _give_rights(app_fixture, guild, other)
    client = app_fixture.app.bot.client
    thread = int(channels[Place.THREAD])
    await wait_until(lambda: client.get_channel(thread) is not None)
    await _change_settings(
        app_fixture,
        guild,
        moderators_channel=ChannelId(int(channels[Place.MODERATORS])),
        gallery_channel=ChannelId(guild.channel_id("gallery")),
        gallery_mode=GalleryMode.MANUAL,
    )
    jobs = await _order_pictures(app_fixture, guild, channels)
    panels = {
        place: await _post_panel(other if place is Place.GUILD else guild, channel)
        for place, channel in channels.items()
    }
    draft = await _open_preview(guild, channels[Place.CHANNEL])
    await app_fixture.core.admission.pause_orders("a test")
    built = AuthorityGuilds(app_fixture, clock, guild, other, channels, panels, jobs, draft)
    await built.prepare("spoiler/uncover")
    return built


def _add_guilds(app_fixture: AppFixture) -> tuple[GuildActor, GuildActor]:
    registry = app_fixture.discord.state.guild_registry
    for name in (*ACTORS.values(), _AUTHOR):
        registry.add_person(name)
    guild = app_fixture.discord.add_guild("First", ACTORS[Source.OWNER])
    return guild, app_fixture.discord.add_guild("Second", _AUTHOR)


def _add_channels(guild: GuildActor, other: GuildActor) -> dict[Place, str]:
    guild.welcome(_AUTHOR)
    channels = {
        Place.CHANNEL: guild.add_channel("here"),
        Place.OTHER: guild.add_channel("elsewhere"),
        Place.MODERATORS: guild.add_channel("moderators"),
        Place.GUILD: other.add_channel("abroad"),
    }
    guild.add_channel("gallery")
    guild.add_channel("parent")
    channels[Place.THREAD] = guild.member(_AUTHOR).start_thread("thread", channel="parent")
    return channels


def _give_rights(app_fixture: AppFixture, guild: GuildActor, other: GuildActor) -> None:
    state = app_fixture.discord.state
    for position, (source, granted) in enumerate(_ROLES.items(), 2):
        role = Role(state.ids.make_id(), source, granted, position)
        state.guild_registry.set_role(state.world.guilds[guild.id], role)
    foreign = Role(state.ids.make_id(), Source.FOREIGN, EVERYONE | _MANAGES, 2)
    state.guild_registry.set_role(state.world.guilds[other.id], foreign)
    for source, name in ACTORS.items():
        other.welcome(name, role=Source.FOREIGN if source is Source.FOREIGN else None)
        if source is not Source.OWNER:
            guild.welcome(name, role=source if source in _ROLES else None)
    guild.overwrite("here", Source.ROLE_HERE, allow=_MANAGES)
    guild.overwrite("here", Source.DENIED_HERE, deny=_MANAGES)
    guild.overwrite("here", ACTORS[Source.MEMBER_HERE], allow=_MANAGES)
    guild.overwrite("parent", ACTORS[Source.PARENT], allow=_MANAGES)


async def _change_settings(app_fixture: AppFixture, guild: GuildActor, **settings: object) -> None:
    store, now = app_fixture.core.guilds, app_fixture.core.clock.now()
    for name, value in settings.items():
        await store.set_value(GuildId(guild.id), name, value, UserId(1), now)


async def _order_pictures(
    app_fixture: AppFixture, guild: GuildActor, channels: Mapping[Place, str]
) -> dict[str, JobId]:
    """Order the pictures that are acted on, and bring each into its state."""
    here, services = channels[Place.CHANNEL], app_fixture.app.interactions
    names = ("channel", "deleted", "gone", "barred", "shown", "posted", "reported")
    jobs = {name: await _order(app_fixture, guild, here) for name in names}
    for name in ("thread", "thread-deleted"):
        jobs[name] = await _order(app_fixture, guild, channels[Place.THREAD])
    jobs["private"] = await _order(app_fixture, guild, here, private=True)
    await _change_settings(app_fixture, guild, approve_first=True)
    for name in ("waiting", "queued"):
        jobs[name] = await _order(app_fixture, guild, here)
    await _change_settings(app_fixture, guild, approve_first=False)
    number, author = GuildId(guild.id), UserId(guild.member(_AUTHOR).id)
    await services.history.remove_files(jobs["gone"], "member")
    await services.shared_messages.apply_changes([jobs["gone"]])
    await _wait_until_barred(app_fixture, number, jobs["gone"])
    for name in ("barred", "shown", "posted"):
        job = await app_fixture.core.jobs.get(jobs[name])
        assert job is not None
        refusal = await services.gallery.invite_picture(number, job, 0, author, is_moderator=False)
        assert refusal is None
    await services.gallery.withdraw_picture(number, jobs["barred"], author, is_moderator=False)
    report = Report(number, jobs["reported"], UserId(guild.member(ACTORS[Source.NOBODY]).id), "x")
    assert await services.moderation.reports.report_result(report)
    return jobs


async def _wait_until_barred(app_fixture: AppFixture, guild: GuildId, job: JobId) -> None:
    """Wait until the bot has heard that a result's message is deleted, as no act changes."""
    gallery = app_fixture.app.interactions.gallery
    async with asyncio.timeout(_SECONDS):
        while (entry := await gallery.find_entry(guild, job)) is not None:
            if entry.state is EntryState.BARRED:
                return
            await asyncio.sleep(0.01)


async def _order(app_fixture: AppFixture, guild: GuildActor, channel: str, **options: Any) -> JobId:
    return (await app_fixture.wait_for_job(_send_order(guild, channel, **options))).id


def _send_order(guild: GuildActor, channel: str, **options: Any) -> TrackedInvocation:
    picture = encode_upload(draw_photograph(_SIDE, _SIDE))
    given = {"image": picture, "direction": "right", "pixels": 64, **options}
    return guild.member(_AUTHOR).invoke("expand", given, channel=channel)


async def _open_preview(guild: GuildActor, channel: str) -> DraftId:
    call = _send_order(guild, channel, preview=True)
    preview = await call.message(lambda message: bool(list_media(message)))
    return DraftId(find_button(preview, "Cancel").split(":")[2])


async def _post_panel(guild: GuildActor, channel: str) -> Json:
    """Let the bot post a message that everybody sees, in which components are pressed."""
    poster = guild.member(ACTORS[Source.OPERATOR])
    return await poster.invoke("gallery leaders", {}, channel=channel).message()
