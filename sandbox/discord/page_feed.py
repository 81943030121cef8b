"""The page's live feed: what one person sees, as a snapshot and then event by event."""

import asyncio
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import payloads_guild, permissions
from sandbox.discord.errors import DiscordError
from sandbox.discord.events import CLOSING, Event
from sandbox.discord.models import Channel, Guild, Json, Member, User
from sandbox.discord.page_views import channel_shown, person, shown, viewer
from sandbox.discord.permissions import Permission
from sandbox.discord.world import GUILD_ID

if TYPE_CHECKING:
    from sandbox.discord.state import State

HISTORY = 100  # messages per channel in a snapshot: one page of Discord's history
BACKLOG = 2000  # frames a slow page may lag behind before it has to start anew
HEARTBEAT_S = 25.0
SEND_WITHIN_S = 20.0
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
PICTURES = {GUILD_ID: "/web/art/expanse.svg"}  # other guilds have none and show their initials
FALLEN_BEHIND = 4000  # close code: come again for a fresh snapshot
NOBODY = 4004  # close code: this sandbox knows no such person
GOING_AWAY = 1001  # close code of RFC 6455

Frames = asyncio.Queue[str | int]


class Feed:
    """Serve the WebSocket: one snapshot, then each event that reaches the viewer."""

    def __init__(self, state: "State") -> None:
        self._state = state

    async def watch(self, request: web.Request) -> web.StreamResponse:
        """Stream frames {"t": name, "d": payload} until the page leaves or falls behind."""
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=4096)
        try:
            user = viewer(self._state, request)
        except DiscordError:
            if not socket.can_prepare(request):
                raise
            await socket.prepare(request)
            await socket.close(code=NOBODY)
            return socket
        await socket.prepare(request)
        frames: Frames = asyncio.Queue(BACKLOG)
        frames.put_nowait(_frame("SNAPSHOT", self.snapshot(user)))
        stop = self._state.subscribe(lambda event: self._queue(frames, user, event))
        sender = asyncio.create_task(_send(socket, frames), name="page feed")
        try:
            async for _ in socket:
                pass  # the page acts by POST; what it says here has no meaning
        finally:
            stop()
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return socket

    def snapshot(self, user: User) -> Json:
        """Return all that a page shows at first; messages are the newest 100 of each channel."""
        state = self._state
        places = self._places(user)
        listed = [each for guild in places["guilds"] for each in guild["channels"]]
        messages = {
            each["id"]: [
                shown(state, message, user.id)
                for message in state.messages.visible(int(each["id"]), user.id, HISTORY)
            ]
            for each in (*listed, *places["direct"])
        }
        return places | {
            "me": state.payloads.user(user),
            "messages": messages,
            "bot": {"id": str(state.world.bot.id), "online": state.bot_online},
            "limits": {"attachment_size": state.world.attachment_limit},
        }

    def _places(self, user: User) -> Json:
        """Return the guilds that the person is in, and their direct messages."""
        world = self._state.world
        mine = [each for each in world.guilds.values() if user.id in each.members]
        return {
            "guilds": [self._place(each, each.members[user.id]) for each in mine],
            "direct": self._seen(user.id, world.dms.values()),
        }

    def _place(self, guild: Guild, member: Member) -> Json:
        """Return a guild as a member sees it: its people, roles, channels and commands."""
        return {
            "id": str(guild.id),
            "name": guild.name,
            "picture": PICTURES.get(guild.id),
            "users": [person(self._state, guild, each) for each in guild.members.values()],
            "roles": [payloads_guild.role(each) for each in guild.roles.values()],
            "channels": self._seen(member.user.id, guild.channels.values()),
            "commands": self._offered(guild, member),
        }

    def _seen(self, user_id: int, channels: Iterable[Channel]) -> list[Json]:
        state = self._state
        return [channel_shown(state, c, user_id) for c in channels if state.sees(user_id, c.id)]

    def _offered(self, guild: Guild, member: Member) -> list[Json]:
        """List the commands that are installed there and whose default permissions they have."""
        world, granted = self._state.world, permissions.base(guild, member)
        installed = {0} if world.bot.id in guild.members else set()
        if member.user.id in world.installed_by:
            installed.add(1)
        return [
            each
            for each in self._state.commands.known_in(guild.id)
            if _may_use(granted, each) and installed & set(each["integration_types"])
        ]

    def _queue(self, frames: Frames, user: User, event: Event) -> None:
        if not event.reaches(user.id) or frames.full():
            return
        if event.name == CLOSING or frames.qsize() == BACKLOG - 1:
            frames.put_nowait(GOING_AWAY if event.name == CLOSING else FALLEN_BEHIND)
            return
        if event.name.startswith(SHIFTS):
            # who sees and may do what follows from all of these together
            frames.put_nowait(_frame("GUILDS", self._places(user)))
        else:
            frames.put_nowait(_frame(event.name, event.seen_by(user.id)))


def _may_use(granted: int, command: Json) -> bool:
    needed = command["default_member_permissions"]
    if granted & Permission.ADMINISTRATOR:
        return True
    return needed != "0" and granted & int(needed or 0) == int(needed or 0)


def _frame(name: str, payload: Json) -> str:
    return json.dumps({"t": name, "d": payload}, separators=(",", ":"))


async def _send(socket: web.WebSocketResponse, frames: Frames) -> None:
    """Send what is queued; a number, the close code, or a page that is stuck ends the socket."""
    frame: str | int = FALLEN_BEHIND
    try:
        while isinstance(frame := await frames.get(), str):
            async with asyncio.timeout(SEND_WITHIN_S):
                await socket.send_str(frame)
    except (TimeoutError, ConnectionError):
        pass  # the page is gone or stuck: closing below is all there is to do
    await socket.close(code=frame if isinstance(frame, int) else FALLEN_BEHIND)
