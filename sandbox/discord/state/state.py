"""The local Discord's state, in memory; it changes only through the methods here."""

from collections.abc import Callable

from sandbox.control.clock import SandboxClock
from sandbox.discord.model import guild_payloads, permissions
from sandbox.discord.model.cdn_links import SignedLinks
from sandbox.discord.model.errors import (
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    NO_TEXT_CHANNEL,
    THREAD_LOCKED,
    UNKNOWN_CHANNEL,
    UNKNOWN_GUILD,
    DiscordError,
)
from sandbox.discord.model.events import HEALTH, ChangeTracker, Event, EventBus, Listener
from sandbox.discord.model.files import AttachmentStore
from sandbox.discord.model.limits import DiscordLimits
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import Channel, Guild, Json
from sandbox.discord.model.seed_data import World
from sandbox.discord.model.snowflakes import Snowflakes
from sandbox.discord.state.audit_log import AuditLog
from sandbox.discord.state.command_permissions import CommandPermissions
from sandbox.discord.state.commands import CommandStore
from sandbox.discord.state.emojis import EmojiStore
from sandbox.discord.state.entitlements import EntitlementStore
from sandbox.discord.state.guilds import GuildRegistry
from sandbox.discord.state.interactions import InteractionStore
from sandbox.discord.state.messages import MessageStore
from sandbox.discord.state.payloads import Payloads
from sandbox.discord.state.payloads_interaction import ContextPayloads
from sandbox.discord.state.webhooks import WebhookStore


class State:
    """All state: world, messages, commands, interactions, files; each change emits an event.

    `messages`, `commands`, `interactions`, `files` etc. are stores with their own methods;
    `guild_registry` changes guilds; `payloads` builds Discord's JSON; `changes` waits for changes.
    """

    def __init__(self, world: World, *, clock: SandboxClock, cdn_base: str, key: bytes) -> None:
        """Start with `world`; `key` signs CDN links and interaction tokens."""
        self.world = world
        self.clock = clock
        self.key = key
        self.settings = DiscordLimits()
        self.ids = Snowflakes(clock)
        self.changes = ChangeTracker()
        self.links = SignedLinks(cdn_base, clock, key=key)
        self.payloads = Payloads(self)
        self.context_payloads = ContextPayloads(self)
        self.files = AttachmentStore(self.ids)
        self.commands = CommandStore(self)
        self.command_permissions = CommandPermissions(self)
        self.messages = MessageStore(self)
        self.interactions = InteractionStore(self)
        self.entitlements = EntitlementStore(self)
        self.webhooks = WebhookStore(self)
        self.emojis = EmojiStore(self)
        self.audit = AuditLog(self)
        self.guild_registry = GuildRegistry(self)
        self.sessions = 0
        self._bus = EventBus()
        self._viewers: dict[int, frozenset[int] | None] = {}
        self._granted: dict[tuple[int, int], int] = {}

    @property
    def is_bot_online(self) -> bool:
        return self.sessions > 0

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every event from now on; return the function that unsubscribes."""
        return self._bus.subscribe(listener)

    def emit(self, event: Event) -> None:
        self._bus.emit(event)

    def emit_to_channel(self, channel_id: int, name: str, *, payload: Json) -> None:
        """Emit an event to those who can see a channel."""
        guild_id = self.get_channel(channel_id).guild_id
        self.emit(Event(name, payload, guild_id, self.get_viewers(channel_id)))

    def emit_to_guild(self, guild: Guild, name: str, *, payload: Json) -> None:
        """Emit an event to a guild's members."""
        payload = {"guild_id": str(guild.id)} | payload
        self.emit(Event(name, payload, guild.id, audience=frozenset(guild.members)))

    def set_sessions(self, number: int) -> None:
        """Set the number of connected gateway sessions; notify the page if it turns on or off."""
        before, self.sessions = self.is_bot_online, number
        self.changes.record_change(HEALTH)
        if before != self.is_bot_online:
            self.emit(Event("BOT_STATUS", {"online": self.is_bot_online}))

    def get_channel(self, channel_id: int | None) -> Channel:
        """Return a channel, thread or DM; raise 10003 if unknown."""
        channel = self.world.find_channel(channel_id) if channel_id is not None else None
        if channel is None:
            raise DiscordError(UNKNOWN_CHANNEL)
        return channel

    def get_guild(self, guild_id: int | None) -> Guild:
        """Return a guild that the bot is in; raise 10004 otherwise."""
        guild = self.world.guilds.get(guild_id) if guild_id is not None else None
        if guild is None or self.world.bot.id not in guild.members:
            raise DiscordError(UNKNOWN_GUILD)
        return guild

    def find_guild(self, channel_id: int) -> Guild | None:
        """Return a channel's guild, or None for a DM."""
        guild_id = self.get_channel(channel_id).guild_id
        return None if guild_id is None else self.world.guilds[guild_id]

    def get_parent(self, channel: Channel) -> Channel:
        """Return a thread's channel, else the channel itself."""
        guild = self.find_guild(channel.id)
        return channel if guild is None else permissions.get_parent(guild, channel)

    def get_viewers(self, channel_id: int) -> frozenset[int] | None:
        """Return the user ids that can see a channel, or None for everybody."""
        if channel_id not in self._viewers:
            self._viewers[channel_id] = self._compute_viewers(self.get_channel(channel_id))
        return self._viewers[channel_id]

    def _compute_viewers(self, channel: Channel) -> frozenset[int] | None:
        if channel.guild_id is None:
            return frozenset(channel.members)
        guild = self.world.guilds[channel.guild_id]
        seen = permissions.find_viewers(guild, channel)
        # None is only correct while all people are in this guild.
        if seen is None and set(self.world.people) != set(guild.members):
            return frozenset(guild.members)
        return seen

    def refresh_permissions(self) -> None:
        """Drop cached permissions; call it when roles, members or channels change."""
        self._viewers.clear()
        self._granted.clear()

    def can_see(self, user_id: int, channel_id: int) -> bool:
        viewers = self.get_viewers(channel_id)
        return viewers is None or user_id in viewers

    def get_permissions(self, user_id: int, channel_id: int) -> int:
        """Return a user's permissions in a channel as a bit set; 0 for non-members."""
        channel = self.get_channel(channel_id)
        if channel.guild_id is None:
            return permissions.DIRECT if self.can_see(user_id, channel_id) else 0
        guild = self.world.guilds[channel.guild_id]
        if (member := guild.members.get(user_id)) is None:
            return 0
        granted = self._granted.get((user_id, channel.id))
        # A time-out ends without any change, so its result is never cached.
        if granted is None or member.timed_out_until is not None:
            granted = permissions.compute_effective_permissions(
                guild, channel, member=member, now=self.clock.now()
            )
            self._granted[user_id, channel.id] = granted
        return granted

    def require_permission(self, user_id: int, channel_id: int, *, needed: int) -> None:
        """Raise 50001 for a channel the user can't see, 50013 without the permission."""
        channel = self.get_channel(channel_id)
        if not self.can_see(user_id, channel.id):
            raise DiscordError(MISSING_ACCESS)
        if channel.type.is_thread and needed & Permission.SEND_MESSAGES:
            needed = needed & ~Permission.SEND_MESSAGES | Permission.SEND_MESSAGES_IN_THREADS
        if self.get_permissions(user_id, channel_id) & needed != needed:
            raise DiscordError(MISSING_PERMISSIONS)

    def require_writable(self, user_id: int, channel: Channel) -> None:
        """Raise 50008 in a channel without messages, 160005 in a thread locked for the user."""
        if not channel.type.takes_messages:
            raise DiscordError(NO_TEXT_CHANNEL)
        granted = self.get_permissions(user_id, channel.id)
        if channel.locked and not granted & Permission.MANAGE_THREADS:
            raise DiscordError(THREAD_LOCKED)

    def is_timed_out(self, user_id: int, channel_id: int) -> bool:
        """Tell whether a time-out binds a user; it does not bind who may administer."""
        guild = self.find_guild(channel_id)
        member = None if guild is None else guild.members.get(user_id)
        if guild is None or member is None or (member.timed_out_until or 0) <= self.clock.now():
            return False
        return permissions.compute_guild_permissions(guild, member) != permissions.ALL

    def add_thread(self, thread: Channel) -> None:
        guild = self.world.guilds[thread.guild_id or 0]
        guild.channels[thread.id] = thread
        payload = guild_payloads.build_channel(thread) | {"newly_created": True}
        self.emit_to_channel(thread.id, "THREAD_CREATE", payload=payload)

    def reset(self) -> None:
        """Delete messages, interactions, files and threads; people and commands stay."""
        self.interactions.clear()
        self.messages.clear()
        self.files.clear()
        self.webhooks.clear()
        self.audit.clear()
        for guild in self.world.guilds.values():
            for channel in [each for each in guild.channels.values() if each.type.is_thread]:
                payload = guild_payloads.build_channel(channel)
                self.emit_to_channel(channel.id, "THREAD_DELETE", payload=payload)
                del guild.channels[channel.id]
        self.world.dms.clear()
        self.refresh_permissions()
