"""Validation of requested channels, threads, overwrites and roles."""

import re
from dataclasses import replace

from sandbox.discord.model.records import Channel, ChannelType, Guild, Overwrite, Role
from sandbox.discord.validation.forms import FormField

# Documentation, "Modify Channel", "Modify Guild Role".
_ARCHIVE_AFTER = (60, 1440, 4320, 10080)  # minutes
_MAX_SLOWMODE_S = 21_600  # seconds
_MAX_COLOR = 0xFFFFFF
_CREATABLE = (0, 2, 4, 5, 13, 15, 16)  # documentation, "Create Guild Channel"
_CONVERTIBLE = (ChannelType.TEXT, ChannelType.ANNOUNCEMENT)  # documentation, "Modify Channel"


def read_channel(channel: Channel, fields: FormField, guild: Guild) -> Channel:
    """Return a guild's channel with the requested changes; errors are added to the form."""
    changed = replace(channel, parent_id=_read_category(fields, channel, guild))
    if fields["name"].raw is not None:
        changed = replace(changed, name=normalize_channel_name(fields["name"]))
    if "topic" in fields.raw:
        fields["topic"].check_text(0, 1024)
        changed = replace(changed, topic=fields["topic"].raw or None)
    if fields["position"].raw is not None and fields["position"].check_number(0, 1 << 31):
        changed = replace(changed, position=fields["position"].raw)
    if fields["permission_overwrites"].raw is not None:
        given = [
            read_overwrite(each, guild, each["id"].read_snowflake() or 0)
            for each in fields["permission_overwrites"].read_list(0, 100)
        ]
        changed = replace(changed, overwrites=tuple(given))
    nsfw = fields["nsfw"].read_flag(default=channel.nsfw)
    return replace(changed, nsfw=nsfw, slowmode=_read_slowmode(fields, channel))


def read_type(fields: FormField) -> ChannelType:
    """Return the type of a new channel."""
    wanted = fields["type"]
    if wanted.raw is not None and wanted.check_choice(*_CREATABLE):
        return ChannelType(wanted.raw)
    return ChannelType.TEXT


def read_conversion(channel: Channel, fields: FormField) -> Channel:
    """Return the channel converted between text and announcement, if that is requested."""
    wanted = fields["type"]
    if wanted.raw is None or wanted.raw == channel.type:
        return channel
    if channel.type in _CONVERTIBLE and wanted.check_choice(*map(int, _CONVERTIBLE)):
        return replace(channel, type=ChannelType(wanted.raw))
    wanted.add_error("BASE_TYPE_CHOICES", "Cannot convert to this type")
    return channel


def _read_category(fields: FormField, channel: Channel, guild: Guild) -> int | None:
    if "parent_id" not in fields.raw:
        return channel.parent_id
    parent_id = fields["parent_id"].read_snowflake()
    parent = guild.channels.get(parent_id) if parent_id is not None else None
    if parent_id is not None and (parent is None or parent.type is not ChannelType.CATEGORY):
        fields["parent_id"].add_error("CHANNEL_PARENT_INVALID_TYPE", "Not a category")
    return parent_id


def normalize_channel_name(raw: FormField) -> str:
    """Normalise a text channel's name as Discord does: no spaces, lower case."""
    if not raw.check_text(1, 100, required=True):
        return ""
    return re.sub(r"\s+", "-", raw.raw.strip()).lower() or "unnamed"


def read_thread(channel: Channel, fields: FormField) -> Channel:
    """Return a thread with the requested changes."""
    if fields["name"].raw is not None and fields["name"].check_text(1, 100):
        channel = replace(channel, name=fields["name"].raw)
    return replace(
        channel,
        archived=fields["archived"].read_flag(default=channel.archived),
        locked=fields["locked"].read_flag(default=channel.locked),
        slowmode=_read_slowmode(fields, channel),
        archive_after=_read_archive_after(fields, channel.archive_after),
    )


def read_new_thread(fields: FormField, parent: Channel, *, public: bool) -> Channel:
    """Return a new thread without an id; one on a message or in a forum is always public."""
    fields["name"].check_text(1, 100, required=True)
    allowed = parent.type.thread_types
    # without a type a thread of a text channel is private (documentation, "Start Thread")
    kind = allowed[0] if public else allowed[-1]
    wanted = fields["type"]
    if not public and wanted.raw is not None and wanted.check_choice(*map(int, allowed)):
        kind = ChannelType(wanted.raw)
    return Channel(
        id=0,
        guild_id=parent.guild_id,
        name=str(fields["name"].raw),
        type=kind,
        parent_id=parent.id,
        slowmode=_read_slowmode(fields, parent),
        archive_after=_read_archive_after(fields, 1440),
    )


def read_overwrite(fields: FormField, guild: Guild, target_id: int) -> Overwrite:
    """Return an overwrite for a role or member of the guild."""
    kind = 0
    if fields["type"].check_choice(0, 1):
        kind = fields["type"].raw
    if target_id not in (guild.members if kind else guild.roles):
        fields["id"].add_error("CHANNEL_PERMISSION_OVERWRITE_UNKNOWN", "Unknown role or member")
    return Overwrite(target_id, kind, fields["allow"].read_bits(), fields["deny"].read_bits())


def read_role(fields: FormField, old: Role) -> Role:
    """Return a role with the requested changes."""
    if fields["name"].raw is not None and fields["name"].check_text(0, 100):
        old = replace(old, name=fields["name"].raw or "new role")
    if fields["color"].raw is not None and fields["color"].check_number(0, _MAX_COLOR):
        old = replace(old, color=fields["color"].raw)
    return replace(
        old,
        permissions=fields["permissions"].read_bits(old.permissions),
        hoist=fields["hoist"].read_flag(default=old.hoist),
        mentionable=fields["mentionable"].read_flag(default=old.mentionable),
    )


def _read_slowmode(fields: FormField, channel: Channel) -> int:
    seconds = fields["rate_limit_per_user"]
    if seconds.raw is not None and seconds.check_number(0, _MAX_SLOWMODE_S):
        return int(seconds.raw)
    return channel.slowmode


def _read_archive_after(fields: FormField, minutes: int) -> int:
    wanted = fields["auto_archive_duration"]
    if wanted.raw is not None and wanted.check_choice(*_ARCHIVE_AFTER):
        return int(wanted.raw)
    return minutes
