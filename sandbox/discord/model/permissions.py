"""Discord's permission bits, and what a member may do in a channel."""

from sandbox.discord.model.records import Channel, Guild, Member


class Permission:
    """The bits in use here (documentation, "Permissions"); plain numbers, as flags are slow."""

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
)
BOT = EVERYONE | Permission.MANAGE_MESSAGES | Permission.PIN_MESSAGES
# What anybody may do in a DM; nobody manages anything there.
DIRECT = EVERYONE | Permission.PIN_MESSAGES
# What an application of the user's own may do where it is no member.
USER_INSTALL = Permission.ATTACH_FILES | Permission.EMBED_LINKS | Permission.MENTION_EVERYONE
_TIMED_OUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
# What is worth nothing without the right to write (documentation, "Implicit Permissions").
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
    """Return what the roles grant in the whole guild, as a bit set."""
    if member.user.id == guild.owner_id:
        return ALL
    granted = guild.roles[guild.id].permissions
    for role_id in member.role_ids:
        granted |= guild.roles[role_id].permissions
    return ALL if granted & Permission.ADMINISTRATOR else granted


def compute_effective_permissions(
    guild: Guild, channel: Channel, *, member: Member, now: float
) -> int:
    """Return what `within` does, less what a time-out and a missing right to write take away."""
    granted = compute_channel_permissions(guild, channel, member=member)
    if granted == ALL:
        return ALL
    if not granted & Permission.VIEW_CHANNEL:
        return 0
    if (member.timed_out_until or 0) > now:
        granted &= _TIMED_OUT
    writing = Permission.SEND_MESSAGES
    if channel.type.is_thread:
        writing = Permission.SEND_MESSAGES_IN_THREADS
    return granted if granted & writing else granted & ~_WRITING


def compute_channel_permissions(guild: Guild, channel: Channel, *, member: Member) -> int:
    """Return the bit set in a channel: the roles', then the overwrites in Discord's order."""
    granted = compute_guild_permissions(guild, member)
    if granted == ALL:
        return ALL
    parent = guild.channels[channel.parent_id] if channel.parent_id is not None else channel
    overwrites = {overwrite.id: overwrite for overwrite in parent.overwrites}
    if everyone := overwrites.get(guild.id):
        granted = granted & ~everyone.deny | everyone.allow
    mine = [overwrites[role_id] for role_id in member.role_ids if role_id in overwrites]
    for overwrite in mine:
        granted &= ~overwrite.deny
    for overwrite in mine:
        granted |= overwrite.allow
    if own := overwrites.get(member.user.id):
        granted = granted & ~own.deny | own.allow
    return granted


def find_viewers(guild: Guild, channel: Channel) -> frozenset[int] | None:
    """Return the ids of those who see a channel, or None when all members do."""
    seen = frozenset(
        user_id
        for user_id, member in guild.members.items()
        if compute_channel_permissions(guild, channel, member=member) & Permission.VIEW_CHANNEL
    )
    return None if len(seen) == len(guild.members) else seen
