"""All that the local Discord knows, in memory; it changes only through the methods here."""

from collections.abc import Callable

from sandbox.control.clock import Clock
from sandbox.discord import payloads_guild, permissions
from sandbox.discord.cdn import Links
from sandbox.discord.commands import CommandStore
from sandbox.discord.errors import (
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    UNKNOWN_CHANNEL,
    DiscordError,
)
from sandbox.discord.events import HEALTH, Bus, Changes, Event, Listener
from sandbox.discord.files import FileStore
from sandbox.discord.interactions import InteractionStore
from sandbox.discord.messages import MessageStore
from sandbox.discord.models import Channel, Json
from sandbox.discord.payloads import Payloads
from sandbox.discord.settings import Settings
from sandbox.discord.snowflakes import Snowflakes
from sandbox.discord.world import World


class State:
    """Own the world, its messages, commands, interactions and files, and tell of each change.

    `messages`, `commands`, `interactions` and `files` are stores with methods of their own;
    `payloads` turns records into Discord's JSON; `changes` lets a reader wait for the next one.
    """

    def __init__(self, world: World, *, clock: Clock, cdn_base: str, key: bytes) -> None:
        """Start with `world`; `key` signs CDN links and interaction tokens."""
        self.world = world
        self.clock = clock
        self.key = key
        self.settings = Settings()
        self.ids = Snowflakes(clock)
        self.changes = Changes()
        self.links = Links(cdn_base, clock, key=key)
        self.payloads = Payloads(self)
        self.files = FileStore(self)
        self.commands = CommandStore(self)
        self.messages = MessageStore(self)
        self.interactions = InteractionStore(self)
        self.sessions = 0
        self._bus = Bus()
        self._viewers: dict[int, frozenset[int] | None] = {}

    @property
    def bot_online(self) -> bool:
        return self.sessions > 0

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every event from now on; return how to stop."""
        return self._bus.subscribe(listener)

    def emit(self, event: Event) -> None:
        self._bus.emit(event)

    def emit_in(self, channel_id: int, name: str, *, payload: Json) -> None:
        """Tell those who can see a channel."""
        self.emit(
            Event(name, payload, self.world.guild.id, channel_id, self.viewers(channel_id)),
        )

    def set_sessions(self, number: int) -> None:
        """Note how many gateway sessions are ready; the page hears when that means on or off."""
        before, self.sessions = self.bot_online, number
        self.changes.touch(HEALTH)
        if before != self.bot_online:
            self.emit(Event("BOT_STATUS", {"online": self.bot_online}))

    def channel(self, channel_id: int | None) -> Channel:
        """Return a channel or thread, else raise 10003."""
        channel = self.world.guild.channels.get(channel_id) if channel_id is not None else None
        if channel is None:
            raise DiscordError(UNKNOWN_CHANNEL)
        return channel

    def viewers(self, channel_id: int) -> frozenset[int] | None:
        """Return who sees a channel, None for everybody."""
        if channel_id not in self._viewers:
            guild = self.world.guild
            self._viewers[channel_id] = permissions.viewers(guild, guild.channels[channel_id])
        return self._viewers[channel_id]

    def sees(self, user_id: int, channel_id: int) -> bool:
        viewers = self.viewers(channel_id)
        return viewers is None or user_id in viewers

    def permissions(self, user_id: int, channel_id: int) -> int:
        """Return a member's permission bits in a channel."""
        guild = self.world.guild
        return permissions.within(guild, guild.channels[channel_id], member=guild.members[user_id])

    def require(self, user_id: int, channel_id: int, *, needed: int) -> None:
        """Raise 50001 for a channel the member does not see, 50013 without the permission."""
        if not self.sees(user_id, self.channel(channel_id).id):
            raise DiscordError(MISSING_ACCESS)
        if self.permissions(user_id, channel_id) & needed != needed:
            raise DiscordError(MISSING_PERMISSIONS)

    def add_thread(self, thread: Channel) -> None:
        self.world.guild.channels[thread.id] = thread
        payload = payloads_guild.channel(thread) | {"newly_created": True}
        self.emit_in(thread.id, "THREAD_CREATE", payload=payload)

    def reset(self) -> None:
        """Forget messages, interactions, files and threads; people and commands stay."""
        self.interactions.clear()
        self.messages.clear()
        self.files.clear()
        channels = self.world.guild.channels
        for channel in [each for each in channels.values() if each.parent_id is not None]:
            self.emit_in(channel.id, "THREAD_DELETE", payload=payloads_guild.channel(channel))
            del channels[channel.id]
            del self._viewers[channel.id]
