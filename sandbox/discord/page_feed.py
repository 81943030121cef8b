"""The page's live feed: what one person sees, as a snapshot and then event by event."""

import asyncio
import json
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import payloads_guild, permissions
from sandbox.discord.events import CLOSING, Event
from sandbox.discord.models import Json, Member
from sandbox.discord.page_views import channel_shown, shown, viewer
from sandbox.discord.permissions import Permission

if TYPE_CHECKING:
    from sandbox.discord.state import State

HISTORY = 100  # messages per channel in a snapshot: one page of Discord's history
BACKLOG = 2000  # frames a slow page may lag behind before it has to start anew
HEARTBEAT_S = 25.0
SEND_WITHIN_S = 20.0
SHIFTS = ("CHANNEL_CREATE", "CHANNEL_UPDATE", "GUILD_MEMBER_", "GUILD_ROLE_", "THREAD_UPDATE")
FALLEN_BEHIND = 4000  # close code: come again for a fresh snapshot
GOING_AWAY = 1001  # close code of RFC 6455

Frames = asyncio.Queue[str | int]


class Feed:
    """Serve the WebSocket: one snapshot, then each event that reaches the viewer."""

    def __init__(self, state: "State") -> None:
        self._state = state

    async def watch(self, request: web.Request) -> web.StreamResponse:
        """Stream frames {"t": name, "d": payload} until the page leaves or falls behind."""
        member = viewer(self._state, request)
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=4096)
        await socket.prepare(request)
        frames: Frames = asyncio.Queue(BACKLOG)
        frames.put_nowait(_frame("SNAPSHOT", self.snapshot(member)))
        stop = self._state.subscribe(lambda event: self._queue(frames, member, event))
        sender = asyncio.create_task(_send(socket, frames), name="page feed")
        try:
            async for _ in socket:
                pass  # the page acts by POST; what it says here has no meaning
        finally:
            stop()
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return socket

    def snapshot(self, member: Member) -> Json:
        """Return all that a page shows at first; messages are the newest 100 of each channel."""
        state, user_id = self._state, member.user.id
        place = self._place(member)
        messages = {
            each["id"]: [
                shown(state, message, user_id)
                for message in state.messages.visible(int(each["id"]), user_id, HISTORY)
            ]
            for each in place["channels"]
        }
        return place | {
            "me": self._person(member),
            "messages": messages,
            "bot": {"id": str(state.world.bot.id), "online": state.bot_online},
            "limits": {"attachment_size": state.world.attachment_limit},
        }

    def _place(self, member: Member) -> Json:
        """Return the guild as the person sees it: its people, roles, channels and commands."""
        state, guild = self._state, self._state.world.guild
        known = (*guild.channels.values(), *state.world.dms.values())
        return {
            "users": [self._person(each) for each in guild.members.values()],
            "guild": {"id": str(guild.id), "name": guild.name},
            "roles": [payloads_guild.role(each) for each in guild.roles.values()],
            "channels": [
                channel_shown(state, each, member.user.id)
                for each in known
                if state.sees(member.user.id, each.id)
            ],
            "commands": self._offered(member),
        }

    def _person(self, member: Member) -> Json:
        """Return the user object with the name of the person's highest role, if any."""
        roles = [self._state.world.guild.roles[role_id] for role_id in member.role_ids]
        highest = max(roles, key=lambda role: role.position, default=None)
        name = None if highest is None else highest.name
        return self._state.payloads.user(member.user) | {"role": name}

    def _offered(self, member: Member) -> list[Json]:
        """List the commands whose default permissions the person has."""
        granted = permissions.base(self._state.world.guild, member)
        return [each for each in self._state.commands.all() if _may_use(granted, each)]

    def _queue(self, frames: Frames, member: Member, event: Event) -> None:
        if not event.reaches(member.user.id) or frames.full():
            return
        if event.name == CLOSING or frames.qsize() == BACKLOG - 1:
            frames.put_nowait(GOING_AWAY if event.name == CLOSING else FALLEN_BEHIND)
            return
        member = self._state.world.guild.members.get(member.user.id, member)  # as they are now
        if event.name == "COMMANDS":
            frames.put_nowait(_frame(event.name, {"commands": self._offered(member)}))
        elif event.name.startswith(SHIFTS):
            # who sees and may do what follows from all of these together
            frames.put_nowait(_frame("GUILD", self._place(member)))
        else:
            frames.put_nowait(_frame(event.name, event.seen_by(member.user.id)))


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
