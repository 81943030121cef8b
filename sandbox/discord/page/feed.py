"""The page's live feed: a snapshot of what one person sees, then events."""

import asyncio
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord.model import guild_payloads, permissions
from sandbox.discord.model.errors import DiscordError
from sandbox.discord.model.events import CLOSING, Event
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import Channel, Guild, Json, Member, User
from sandbox.discord.model.seed_data import GUILD_ID
from sandbox.discord.page.views import build_channel_view, build_message, build_person, read_viewer

if TYPE_CHECKING:
    from sandbox.discord.state.state import State

HISTORY_MESSAGES = 100  # messages per channel in a snapshot: one page of Discord's history
MAX_QUEUED_FRAMES = 2000  # frames a slow page may lag behind before it must reconnect
HEARTBEAT_S = 25.0
SEND_TIMEOUT_S = 20.0
SHIFTS = (
    "CHANNEL_CREATE",
    "CHANNEL_UPDATE",
    "COMMANDS",
    "GUILD_CREATE",
    "GUILD_DELETE",
    "GUILD_MEMBER_",
    "GUILD_ROLE_",
    "THREAD_UPDATE",
)
PICTURES = {GUILD_ID: "/web/art/expanse.svg"}  # other guilds show their initials
FALLEN_BEHIND = 4000  # close code: reconnect for a new snapshot
UNKNOWN_VIEWER = 4004  # close code: the sandbox has no such user
GOING_AWAY = 1001  # close code of RFC 6455

Frames = asyncio.Queue[str | int]


class PageFeed:
    """Serve the page's WebSocket: one snapshot, then each event that the viewer may see."""

    def __init__(self, state: "State") -> None:
        self._state = state

    async def stream_events(self, request: web.Request) -> web.StreamResponse:
        """Stream frames {"t": name, "d": payload} until the page disconnects or falls behind."""
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=4096)
        try:
            user = read_viewer(self._state, request)
        except DiscordError:
            if not socket.can_prepare(request):
                raise
            await socket.prepare(request)
            await socket.close(code=UNKNOWN_VIEWER)
            return socket
        await socket.prepare(request)
        frames: Frames = asyncio.Queue(MAX_QUEUED_FRAMES)
        # Nothing is awaited between snapshot and subscription, so no event is lost or sent twice.
        frames.put_nowait(_build_frame("SNAPSHOT", self.build_snapshot(user)))
        stop = self._state.subscribe(lambda event: self._queue_event(frames, user, event))
        sender = asyncio.create_task(_send_frames(socket, frames), name="page feed")
        try:
            async for _ in socket:
                pass  # the page acts by POST; frames from it are ignored
        finally:
            stop()
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return socket

    def build_snapshot(self, user: User) -> Json:
        """Return all that the page shows first, with the newest 100 messages of each channel."""
        state = self._state
        places = self._list_places(user)
        listed = [each for guild in places["guilds"] for each in guild["channels"]]
        messages = {
            each["id"]: [
                build_message(state, message, user.id)
                for message in state.messages.list_visible(
                    int(each["id"]), user.id, HISTORY_MESSAGES
                )
            ]
            for each in (*listed, *places["direct"])
        }
        return places | {
            "me": state.payloads.build_user(user),
            "messages": messages,
            "bot": {"id": str(state.world.bot.id), "online": state.is_bot_online},
            "limits": {"attachment_size": state.world.attachment_limit},
        }

    def _list_places(self, user: User) -> Json:
        """Return the guilds that a person is in, and their direct messages."""
        world = self._state.world
        mine = [each for each in world.guilds.values() if user.id in each.members]
        return {
            "guilds": [self._build_place(each, each.members[user.id]) for each in mine],
            "direct": self._list_messages(user.id, world.dms.values()),
        }

    def _build_place(self, guild: Guild, member: Member) -> Json:
        """Return a guild as a member sees it: its people, roles, channels and commands."""
        return {
            "id": str(guild.id),
            "name": guild.name,
            "picture": PICTURES.get(guild.id),
            "users": [build_person(self._state, guild, each) for each in guild.members.values()],
            "roles": [guild_payloads.build_role(each) for each in guild.roles.values()],
            "channels": self._list_messages(member.user.id, guild.channels.values()),
            "commands": self._list_commands(guild, member),
        }

    def _list_messages(self, user_id: int, channels: Iterable[Channel]) -> list[Json]:
        state = self._state
        return [
            build_channel_view(state, c, user_id) for c in channels if state.can_see(user_id, c.id)
        ]

    def _list_commands(self, guild: Guild, member: Member) -> list[Json]:
        """List the commands installed for this member whose default permissions they have."""
        world, granted = self._state.world, permissions.compute_guild_permissions(guild, member)
        installed = {0} if world.bot.id in guild.members else set()
        if member.user.id in world.installed_by:
            installed.add(1)
        return [
            each
            for each in self._state.commands.list_available(guild.id)
            if _can_use(granted, each) and installed & set(each["integration_types"])
        ]

    def _queue_event(self, frames: Frames, user: User, event: Event) -> None:
        if not event.is_visible_to(user.id) or frames.full():
            return
        # The last free place is for the close code; after it the queue is full and stays so.
        if event.name == CLOSING or frames.qsize() == MAX_QUEUED_FRAMES - 1:
            frames.put_nowait(GOING_AWAY if event.name == CLOSING else FALLEN_BEHIND)
            return
        if event.name.startswith(SHIFTS):
            # visibility and permissions depend on all of these, so send them all again
            frames.put_nowait(_build_frame("GUILDS", self._list_places(user)))
        elif event.name.startswith("MESSAGE_REACTION"):
            frames.put_nowait(_build_frame("REACTIONS", self._build_reactions(event, user)))
        else:
            frames.put_nowait(_build_frame(event.name, event.build_payload_for(user.id)))

    def _build_reactions(self, event: Event, user: User) -> Json:
        """Return all reactions of an event's message, as a person sees them."""
        place = {name: event.payload[name] for name in ("channel_id", "message_id")}
        message = self._state.messages.find(int(place["message_id"]))
        if message is None:
            return place | {"reactions": []}
        shown = build_message(self._state, message, user.id)
        return place | {"reactions": shown.get("reactions", [])}


def _can_use(granted: int, command: Json) -> bool:
    needed = command["default_member_permissions"]
    if granted & Permission.ADMINISTRATOR:
        return True
    return needed != "0" and granted & int(needed or 0) == int(needed or 0)


def _build_frame(name: str, payload: Json) -> str:
    return json.dumps({"t": name, "d": payload}, separators=(",", ":"))


async def _send_frames(socket: web.WebSocketResponse, frames: Frames) -> None:
    """Send queued frames; a number is the close code, and a stuck page is disconnected."""
    frame: str | int = FALLEN_BEHIND
    try:
        while isinstance(frame := await frames.get(), str):
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await socket.send_str(frame)
    except (TimeoutError, ConnectionError):
        pass  # the page is gone or stuck: only closing is left
    await socket.close(code=frame if isinstance(frame, int) else FALLEN_BEHIND)
