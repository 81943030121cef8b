"""The control API: the same actors, over HTTP, for tests in any language and for the program."""

import base64
import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.discord import payloads_interaction, snowflakes
from sandbox.discord.api import answer, nothing
from sandbox.discord.bodies import read_object
from sandbox.discord.errors import UNKNOWN_CHANNEL, UNKNOWN_MEMBER, DiscordError, invalid
from sandbox.discord.events import HEALTH
from sandbox.discord.models import Json, Upload

if TYPE_CHECKING:
    from sandbox.discord.actors import MemberActor
    from sandbox.discord.server import LocalDiscord

LONGEST_WAIT_S = 60.0


class Control:
    def __init__(self, discord: "LocalDiscord") -> None:
        self._discord = discord
        self._state = discord.state

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_control/health", self._health),
            web.post("/_control/act", self._act),
            web.get("/_control/interactions/{interaction}", self._interaction),
            web.get("/_control/channels/{channel}/messages", self._messages),
            web.get("/_control/journal", self._journal),
            web.post("/_control/reset", self._reset),
        ]

    async def _health(self, request: web.Request) -> web.Response:
        """Tell whether a bot is there with its commands; with ?wait=s wait until it is."""
        seconds = _seconds(request)
        deadline = time.monotonic() + seconds
        while not self._ready() and (left := deadline - time.monotonic()) > 0:
            since = self._state.changes.version(HEALTH)
            await self._state.changes.wait((HEALTH,), since=since, timeout=left)
        commands = len(self._state.commands.all())
        return answer(
            {"ready": self._ready(), "sessions": self._state.sessions, "commands": commands}
        )

    async def _act(self, request: web.Request) -> web.Response:
        """Do what a member does: {"as", "do": "slash" | "message" | "press", ...}."""
        asked = await read_object(request)
        actor, channel = self._actor(asked.get("as")), self._channel(asked.get("channel"))
        if asked.get("do") == "message":
            posted = actor.say(str(asked.get("content") or ""), channel=channel)
            return answer({"message_id": posted["id"]})
        if asked.get("do") == "press":
            return answer({"interaction_id": self._press(actor, asked)})
        command = asked.get("command")
        if asked.get("do") != "slash" or not isinstance(command, str) or not command.strip():
            raise invalid(("do",), "BASE_TYPE_CHOICES", "Must be slash (with command) or message.")
        options = asked.get("options") or {}
        if not isinstance(options, dict):
            raise invalid(("options",), "MODEL_TYPE_CONVERT", "Only dictionaries may be used here")
        read = {name: _option(name, value) for name, value in options.items()}
        call = actor.invoke(command, read, channel=channel)
        return answer({"interaction_id": str(call.id)})

    async def _interaction(self, request: web.Request) -> web.Response:
        """Answer the record, once its version is above ?since, or after ?wait seconds."""
        number = snowflakes.parse(request.match_info["interaction"])
        interaction = self._state.interactions.get(number)
        since = snowflakes.parse(request.query.get("since", "0")) or 0
        keys = (interaction.id, interaction.channel_id)
        await self._state.changes.wait(keys, since=since, timeout=_seconds(request))
        return answer(payloads_interaction.record(self._state, interaction))

    async def _messages(self, request: web.Request) -> web.Response:
        channel = self._channel(request.match_info["channel"])
        return answer(self._discord.guild.messages(channel))

    async def _journal(self, _: web.Request) -> web.Response:
        return answer(self._discord.journal.to_json())

    async def _reset(self, _: web.Request) -> web.Response:
        self._state.reset()
        self._discord.journal.clear()
        return nothing()

    def _press(self, actor: "MemberActor", asked: Json) -> str:
        message = self._state.messages.find(snowflakes.parse(asked.get("message_id")))
        if message is None:
            raise invalid(("message_id",), "BASE_TYPE_CHOICES", "Unknown message")
        shown = self._state.payloads.message(message)
        return str(actor.press(shown, str(asked.get("custom_id"))).id)

    def _ready(self) -> bool:
        return self._state.bot_online and bool(self._state.commands.all())

    def _actor(self, name: Any) -> "MemberActor":
        try:
            return self._discord.guild.member(str(name))
        except LookupError as error:
            raise DiscordError(UNKNOWN_MEMBER) from error

    def _channel(self, name: Any) -> str | None:
        try:
            return None if name is None else str(self._discord.guild.channel_id(str(name)))
        except LookupError as error:
            raise DiscordError(UNKNOWN_CHANNEL) from error


def _option(name: str, value: Any) -> Any:
    """Read a file option, {"filename", "data": base64}; leave any other as it is."""
    if not isinstance(value, dict):
        return value
    try:
        data = base64.b64decode(str(value["data"]), validate=True)
        return Upload(str(value["filename"]), data)
    except (KeyError, ValueError) as error:
        message = "A file is {filename, data: base64}."
        raise invalid(("options", name), "BASE_TYPE_BAD", message) from error


def _seconds(request: web.Request) -> float:
    try:
        seconds = float(request.query.get("wait", "0"))
    except ValueError as error:
        raise invalid(("wait",), "FLOAT_TYPE_COERCE", "Must be a number of seconds.") from error
    return min(max(seconds, 0.0), LONGEST_WAIT_S) if seconds == seconds else 0.0  # noqa: PLR0124 - not a NaN
