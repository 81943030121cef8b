"""Discord's permission bits, and a member's permissions in a channel."""

from sandbox.discord.model.records import Channel, ChannelType, Guild, Member


class Permission:
    """The permission bits used here (documentation, "Permissions"); plain integers for speed."""

    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CONNECT = 1 << 20
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51


ALL = (1 << 53) - 1
EVERYONE = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.USE_EXTERNAL_APPS
    | Permission.CONNECT
)
BOT = EVERYONE | Permission.MANAGE_MESSAGES | Permission.PIN_MESSAGES
# Everybody's permissions in a DM, which nobody manages.
DIRECT = EVERYONE | Permission.PIN_MESSAGES
# Permissions of a user-installed application in a guild that the bot is not in.
USER_INSTALL = Permission.ATTACH_FILES | Permission.EMBED_LINKS | Permission.MENTION_EVERYONE
# Permissions left in a time-out (documentation, "Permissions for Timed Out Members").
_TIMED_OUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
_VOICE = (ChannelType.VOICE, ChannelType.STAGE)
# Permissions lost without the right to send (documentation, "Implicit Permissions").
_WRITING = (
    Permission.SEND_TTS_MESSAGES
    | Permission.MENTION_EVERYONE
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
)
MODERATOR = (
    EVERYONE
    | Permission.KICK_MEMBERS
    | Permission.BAN_MEMBERS
    | Permission.MANAGE_GUILD
    | Permission.MANAGE_MESSAGES
    | Permission.PIN_MESSAGES
    | Permission.MODERATE_MEMBERS
)


def compute_guild_permissions(guild: Guild, member: Member) -> int:
    """Return a member's permissions in the whole guild, granted by roles, as a bit set."""
    if member.user.id == guild.owner_id:
        return ALL
    granted = guild.roles[guild.id].permissions
    for role_id in member.role_ids:
        granted |= guild.roles[role_id].permissions
    return ALL if granted & Permission.ADMINISTRATOR else granted


def compute_effective_permissions(
    guild: Guild, channel: Channel, *, member: Member, now: float
) -> int:
    """Return channel permissions as a bit set, less those lost by a time-out or without sending."""
    granted = compute_channel_permissions(guild, channel, member=member)
    if granted == ALL:
        return ALL
    if not granted & Permission.VIEW_CHANNEL:
        return 0
    if (member.timed_out_until or 0) > now:
        granted &= _TIMED_OUT
    # without Connect, the chat of a voice channel is closed as well
    if channel.type in _VOICE and not granted & Permission.CONNECT:
        granted &= Permission.VIEW_CHANNEL
    writing = Permission.SEND_MESSAGES
    if channel.type.is_thread:
        writing = Permission.SEND_MESSAGES_IN_THREADS
    return granted if granted & writing else granted & ~_WRITING


def compute_channel_permissions(guild: Guild, channel: Channel, *, member: Member) -> int:
    """Return permissions as a bit set: roles', then overwrites in Discord's order."""
    granted = compute_guild_permissions(guild, member)
    if granted == ALL:
        return ALL
    # A thread has no overwrites of its own: its parent's apply.
    parent = get_parent(guild, channel)
    overwrites = {overwrite.id: overwrite for overwrite in parent.overwrites}
    if everyone := overwrites.get(guild.id):
        granted = granted & ~everyone.deny | everyone.allow
    mine = [overwrites[role_id] for role_id in member.role_ids if role_id in overwrites]
    # All roles' denials come before all their allowances (documentation, "Permission Overwrites").
    for overwrite in mine:
        granted &= ~overwrite.deny
    for overwrite in mine:
        granted |= overwrite.allow
    if own := overwrites.get(member.user.id):
        granted = granted & ~own.deny | own.allow
    is_private = channel.type is ChannelType.PRIVATE_THREAD
    if is_private and not (
        member.user.id in channel.members or granted & Permission.MANAGE_THREADS
    ):
        granted &= ~Permission.VIEW_CHANNEL
    return granted


def get_parent(guild: Guild, channel: Channel) -> Channel:
    """Return a thread's channel, whose overwrites and age restriction it has; else the channel."""
    if channel.type.is_thread and channel.parent_id is not None:
        return guild.channels[channel.parent_id]
    return channel


def find_viewers(guild: Guild, channel: Channel) -> frozenset[int] | None:
    """Return the user ids that can see a channel, or None when all members can."""
    seen = frozenset(
        user_id
        for user_id, member in guild.members.items()
        if compute_channel_permissions(guild, channel, member=member) & Permission.VIEW_CHANNEL
    )
    return None if len(seen) == len(guild.members) else seen
