"""Channels, threads, overwrites and roles as a request asks for them, held against the rules."""

import re
from dataclasses import replace

from sandbox.discord.forms import Field
from sandbox.discord.models import Channel, ChannelType, Guild, Overwrite, Role

# Documentation, "Modify Channel", "Modify Guild Role".
_ARCHIVE_AFTER = (60, 1440, 4320, 10080)  # minutes
_SLOWEST = 21_600  # seconds
_MAX_COLOR = 0xFFFFFF


def text(channel: Channel, fields: Field, guild: Guild) -> Channel:
    """Return a text channel with what the fields change; faults go into the form."""
    changed = channel
    if fields["name"].raw is not None:
        changed = replace(changed, name=name(fields["name"]))
    if "topic" in fields.raw:
        fields["topic"].text(0, 1024)
        changed = replace(changed, topic=fields["topic"].raw or None)
    if fields["position"].raw is not None and fields["position"].number(0, 1 << 31):
        changed = replace(changed, position=fields["position"].raw)
    if fields["permission_overwrites"].raw is not None:
        given = [
            overwrite(each, guild, each["id"].snowflake() or 0)
            for each in fields["permission_overwrites"].each(0, 100)
        ]
        changed = replace(changed, overwrites=tuple(given))
    nsfw = fields["nsfw"].flag(default=channel.nsfw)
    return replace(changed, nsfw=nsfw, slowmode=_slowmode(fields, channel))


def name(raw: Field) -> str:
    """Return a text channel's name as Discord writes it: no spaces, no capitals."""
    if not raw.text(1, 100, required=True):
        return ""
    return re.sub(r"\s+", "-", raw.raw.strip()).lower() or "unnamed"


def thread(channel: Channel, fields: Field) -> Channel:
    """Return a thread with what the fields change."""
    if fields["name"].raw is not None and fields["name"].text(1, 100):
        channel = replace(channel, name=fields["name"].raw)
    return replace(
        channel,
        archived=fields["archived"].flag(default=channel.archived),
        locked=fields["locked"].flag(default=channel.locked),
        slowmode=_slowmode(fields, channel),
        archive_after=_archive_after(fields, channel.archive_after),
    )


def new_thread(fields: Field, parent: Channel, *, public: bool) -> Channel:
    """Return a thread without its id; one that starts at a message is always public."""
    fields["name"].text(1, 100, required=True)
    kind = ChannelType.THREAD
    if not public:
        wanted = fields["type"].raw
        kind = ChannelType.PRIVATE_THREAD
        if wanted is not None and fields["type"].choice(11, 12):
            kind = ChannelType(wanted)
    return Channel(
        id=0,
        guild_id=parent.guild_id,
        name=str(fields["name"].raw),
        type=kind,
        parent_id=parent.id,
        slowmode=_slowmode(fields, parent),
        archive_after=_archive_after(fields, 1440),
    )


def overwrite(fields: Field, guild: Guild, target_id: int) -> Overwrite:
    """Return an overwrite for a role or a member of the guild."""
    kind = 0
    if fields["type"].choice(0, 1):
        kind = fields["type"].raw
    if target_id not in (guild.members if kind else guild.roles):
        fields["id"].fail("CHANNEL_PERMISSION_OVERWRITE_UNKNOWN", "Unknown role or member")
    return Overwrite(target_id, kind, fields["allow"].bits(), fields["deny"].bits())


def role(fields: Field, old: Role) -> Role:
    """Return a role with what the fields change."""
    if fields["name"].raw is not None and fields["name"].text(0, 100):
        old = replace(old, name=fields["name"].raw or "new role")
    if fields["color"].raw is not None and fields["color"].number(0, _MAX_COLOR):
        old = replace(old, color=fields["color"].raw)
    return replace(
        old,
        permissions=fields["permissions"].bits(old.permissions),
        hoist=fields["hoist"].flag(default=old.hoist),
        mentionable=fields["mentionable"].flag(default=old.mentionable),
    )


def _slowmode(fields: Field, channel: Channel) -> int:
    seconds = fields["rate_limit_per_user"]
    if seconds.raw is not None and seconds.number(0, _SLOWEST):
        return int(seconds.raw)
    return channel.slowmode


def _archive_after(fields: Field, minutes: int) -> int:
    wanted = fields["auto_archive_duration"]
    if wanted.raw is not None and wanted.choice(*_ARCHIVE_AFTER):
        return int(wanted.raw)
    return minutes
