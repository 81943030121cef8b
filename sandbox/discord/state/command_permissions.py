"""Command permissions: the overrides that moderators set in a guild's settings."""

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from sandbox.discord.model.errors import MISSING_PERMISSIONS, DiscordError
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import Channel, Guild, Json, Member

if TYPE_CHECKING:
    from sandbox.discord.state.state import State


class OverrideSubject(IntEnum):
    ROLE = 1
    USER = 2
    CHANNEL = 3


@dataclass(frozen=True, slots=True)
class PermissionOverride:
    """Allow or deny a role, user or channel; the guild's id as a role means everyone.

    The guild's id minus one as a channel means all channels, as on Discord.
    """

    id: int
    subject: OverrideSubject
    allowed: bool


@dataclass(frozen=True, slots=True)
class CommandOverrides:
    """All overrides of one command in one guild."""

    guild_id: int
    command_id: str
    given: tuple[PermissionOverride, ...]


class CommandPermissions:
    """Store command overrides, and check permissions by them."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._overrides: dict[tuple[int, str], tuple[PermissionOverride, ...]] = {}

    def replace_overrides(
        self, guild: Guild, command_id: str, *overrides: PermissionOverride
    ) -> None:
        """Replace a command's overrides; the application's id means all its commands."""
        self._overrides[guild.id, command_id] = overrides
        payload = self.build_payload(guild, command_id)
        self._state.emit_to_guild(guild, "APPLICATION_COMMAND_PERMISSIONS_UPDATE", payload=payload)

    def all(self) -> list[CommandOverrides]:
        return [CommandOverrides(*key, given) for key, given in self._overrides.items()]

    def restore(self, kept: list[CommandOverrides]) -> None:
        """Replace everything by stored overrides, without emitting events."""
        self._overrides = {(each.guild_id, each.command_id): each.given for each in kept}

    def list_for_guild(self, guild: Guild) -> list[Json]:
        mine = (key for key, given in self._overrides.items() if key[0] == guild.id and given)
        return [self.build_payload(guild, command_id) for _, command_id in mine]

    def has_overrides(self, guild: Guild, command_id: str) -> bool:
        return bool(self._overrides.get((guild.id, command_id)))

    def build_payload(self, guild: Guild, command_id: str) -> Json:
        overrides = self._overrides.get((guild.id, command_id), ())
        return {
            "id": command_id,
            "application_id": str(self._state.world.bot.id),
            "guild_id": str(guild.id),
            "permissions": [
                {"id": str(each.id), "type": int(each.subject), "permission": each.allowed}
                for each in overrides
            ],
        }

    def require_allowed(
        self, command: Json, guild: Guild, *, user_id: int, channel: Channel
    ) -> None:
        """Raise 50013 if the member may not use the command in the channel."""
        granted = self._state.get_permissions(user_id, channel.id)
        if granted & Permission.ADMINISTRATOR:
            return
        overrides = self._overrides.get((guild.id, command["id"]))
        # Discord's order: the command's own overrides, else the application's.
        overrides = overrides or self._overrides.get((guild.id, str(self._state.world.bot.id)), ())
        by_channel = _is_channel_allowed(overrides, guild, channel)
        by_member = _is_member_allowed(overrides, guild, guild.members[user_id])
        if by_member is None:
            needed = command["default_member_permissions"]
            by_member = needed != "0" and granted & int(needed or 0) == int(needed or 0)
        may_use = granted & Permission.USE_APPLICATION_COMMANDS
        if not (may_use and by_channel and by_member):
            raise DiscordError(MISSING_PERMISSIONS)


def _is_channel_allowed(
    overrides: tuple[PermissionOverride, ...], guild: Guild, channel: Channel
) -> bool:
    """Return the override for the channel, else for all channels, else True."""
    rules = {each.id: each.allowed for each in overrides if each.subject is OverrideSubject.CHANNEL}
    channel_id = channel.parent_id if channel.type.is_thread and channel.parent_id else channel.id
    return rules.get(channel_id, rules.get(guild.id - 1, True))


def _is_member_allowed(
    overrides: tuple[PermissionOverride, ...], guild: Guild, member: Member
) -> bool | None:
    """Return the override for the user, else for a role (allowing wins), else for everyone."""
    users = {each.id: each.allowed for each in overrides if each.subject is OverrideSubject.USER}
    if member.user.id in users:
        return users[member.user.id]
    roles = {each.id: each.allowed for each in overrides if each.subject is OverrideSubject.ROLE}
    mine = [roles[role_id] for role_id in member.role_ids if role_id in roles]
    return any(mine) if mine else roles.get(guild.id)
