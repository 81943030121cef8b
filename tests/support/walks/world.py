"""Where a walk takes place: a guild of its own with two channels, a thread, a gallery, people."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from sandbox.discord.actors.guild import GuildActor
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.actors.member import MemberActor
from sandbox.discord.model import permissions
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import IS_SPOILER_CHANNEL, Channel, Guild, Overwrite, Role
from sandbox.discord.server import LocalDiscord

_NUMBERS = itertools.count(1)
_ANSWER_S = 30.0
PLAIN, ADULT, GALLERY, MODERATORS = "plain", "adult", "gallery", "moderators"


@dataclass(frozen=True, slots=True)
class WorldOptions:
    """How a walk's guild is made up."""

    gallery_restricted: bool
    gallery_mode: str
    approve_first: bool
    thread_parent: str
    spoiler_channel: str | None

    @classmethod
    def draw(cls, rng: Random) -> WorldOptions:
        return cls(
            gallery_restricted=rng.random() < 0.3,
            gallery_mode=rng.choice(("every", "every", "manual", "votes")),
            approve_first=rng.random() < 0.15,
            thread_parent=rng.choice((PLAIN, ADULT)),
            spoiler_channel=rng.choice((None, None, None, PLAIN, ADULT)),
        )


@dataclass(slots=True)
class WalkWorld:
    """One guild; `ana` and `ben` are members, `mia` moderates, `olu` owns it."""

    discord: LocalDiscord
    guild: GuildActor
    ana: MemberActor
    ben: MemberActor
    mia: MemberActor
    olu: MemberActor
    thread: str
    channels: dict[str, int]

    @property
    def bot_id(self) -> int:
        return self.discord.state.world.bot.id

    @property
    def members(self) -> tuple[MemberActor, MemberActor, MemberActor]:
        return self.ana, self.ben, self.mia

    @property
    def places(self) -> tuple[int, int, int]:
        """The channels in which members order."""
        return self.channels[PLAIN], self.channels[ADULT], int(self.thread)

    @property
    def moderators_channel(self) -> int:
        return self.channels[MODERATORS]

    def find_actor(self, member: int) -> MemberActor:
        return next(each for each in (*self.members, self.olu) if each.id == member)

    def get_base(self, channel: int) -> Channel:
        """Return a channel, of a thread its parent, whose restrictions apply."""
        found = self.discord.state.get_channel(channel)
        return self.discord.state.get_channel(found.parent_id) if found.type.is_thread else found

    def is_restricted(self, channel: int) -> bool:
        return self.get_base(channel).nsfw

    def is_spoiler(self, channel: int) -> bool:
        return bool(self.get_base(channel).flags & IS_SPOILER_CHANNEL)


async def build_world(discord: LocalDiscord, options: WorldOptions) -> WalkWorld:
    """Found the guild, let the bot join, and set it up by commands of its owner."""
    registry, number = discord.state.guild_registry, next(_NUMBERS)
    people = {
        name: registry.add_person(f"{name}{number}").id for name in ("olu", "ana", "ben", "mia")
    }
    found = registry.create_guild(f"Walk {number}", tuple(people.values()), (PLAIN, GALLERY))
    moderator = Role(discord.state.ids.make_id(), "Moderator", permissions.MODERATOR, 2)
    registry.set_role(found, moderator)
    registry.update_member(found, replace(found.members[people["mia"]], role_ids=(moderator.id,)))
    guild = GuildActor(discord.state, found.id)
    guild.add_channel(ADULT, nsfw=True)
    registry.add_bot(found)
    _add_moderators_channel(discord, found, moderator.id)
    guild.change_channel(GALLERY, nsfw=options.gallery_restricted)
    if options.spoiler_channel is not None:
        guild.set_spoiler_channel(options.spoiler_channel)
    actors = {name: guild.member(str(each)) for name, each in people.items()}
    channels = {name: guild.channel_id(name) for name in (PLAIN, ADULT, GALLERY, MODERATORS)}
    thread = actors["ana"].start_thread("talk", channel=options.thread_parent)
    world = WalkWorld(discord, guild, **actors, thread=thread, channels=channels)
    await _change_settings(world, options)
    return world


def _add_moderators_channel(discord: LocalDiscord, guild: Guild, role: int) -> None:
    own = guild.members[discord.state.world.bot.id].role_ids
    allowed = (Overwrite(each, 0, Permission.VIEW_CHANNEL, 0) for each in (role, *own))
    hidden = (Overwrite(guild.id, 0, 0, Permission.VIEW_CHANNEL), *allowed)
    number = discord.state.ids.make_id()
    channel = Channel(number, guild.id, MODERATORS, 2, overwrites=hidden)
    discord.state.guild_registry.set_channel(channel)


async def _change_settings(world: WalkWorld, options: WorldOptions) -> None:
    gallery, moderators = str(world.channels[GALLERY]), str(world.channels[MODERATORS])
    threshold: dict[str, Any] = {"votes": 1}
    for command, given in (
        ("settings gallery channel", {"channel": gallery}),
        ("settings gallery threshold", threshold),
        ("settings gallery mode", {"how": options.gallery_mode}),
        ("settings place moderators-channel", {"channel": moderators}),
        *([("settings safety approve-first", {"on": True})] if options.approve_first else []),
    ):
        await run_command(world.olu, command, given, channel=str(world.channels[PLAIN]))


async def run_command(
    member: MemberActor, command: str, options: dict[str, Any], *, channel: str
) -> TrackedInvocation:
    """Run a command and wait until its answer is complete."""
    call = member.invoke(command, options, channel=channel)
    await call.message(timeout=_ANSWER_S)
    return call
