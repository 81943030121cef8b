"""The sandbox as a child process, and a client that acts in its local Discord."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic import BaseModel, ConfigDict

from bot.config.settings import (
    DiscordSettings,
    ImageSettings,
    LimitSettings,
    RunwareSettings,
    Settings,
    StorageSettings,
)
from bot.errors import StartError

_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 5.0
_JSON_HEADERS: Final = {"Content-Type": "application/json"}


class _Addresses(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class DiscordAddresses(_Addresses):
    api_base: str
    gateway_url: str
    cdn_base: str
    token: str
    page: str
    control: str


class RunwareAddresses(_Addresses):
    base_url: str
    api_key: str
    control: str


class SandboxAddresses(_Addresses):
    """URLs and secrets of the local Discord and the local Runware."""

    discord: DiscordAddresses
    runware: RunwareAddresses

    def build_settings(self, data_dir: Path) -> Settings:
        """Return settings for a bot on this sandbox, independent of environment variables."""
        return Settings(
            discord=DiscordSettings(**self.discord.model_dump(exclude={"page", "control"})),
            runware=RunwareSettings(**self.runware.model_dump(exclude={"control"})),
            storage=StorageSettings(data_dir=data_dir, reserve_mib=0, backups=0),
            limits=LimitSettings(),
            images=ImageSettings(),
        )


@asynccontextmanager
async def open_sandbox(
    *, discord_port: int = 0, runware_port: int = 0, data: Path | None = None
) -> AsyncIterator[SandboxAddresses]:
    """Start the sandbox and stop it on exit; it also ends if this process dies.

    `data` is the folder where the local Discord is stored, None for memory only. Raises
    `StartError` with the last line of the child's error output.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--json", "--with-parent"),
        *("--discord-port", str(discord_port), "--runware-port", str(runware_port)),
        *(() if data is None else ("--data", str(data))),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # its own session, so that Ctrl-C does not reach the child: this process stops it
        start_new_session=True,
    )
    try:
        yield await _read_addresses(process)
    finally:
        # closed input is the sandbox's signal to stop, also when this process dies
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.communicate(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _read_addresses(process: asyncio.subprocess.Process) -> SandboxAddresses:
    assert process.stdout is not None  # noqa: S101 - asked for above
    assert process.stderr is not None  # noqa: S101
    try:
        line = await asyncio.wait_for(process.stdout.readline(), _START_SECONDS)
    except TimeoutError as error:
        raise StartError("The sandbox didn't start in time.") from error
    if not line:
        words = (await process.stderr.read()).decode().strip().splitlines()
        raise StartError(words[-1] if words else "The sandbox ended while starting.")
    return SandboxAddresses.model_validate_json(line)


@dataclass(eq=False)
class CommandRefused(Exception):
    """The local Discord refused a command before the bot saw it, as Discord would."""

    code: str
    message: str

    def with_option_names(self, options: Sequence[str]) -> CommandRefused:
        """Replace option numbers in the message with their names."""
        message = self.message
        for number, name in enumerate(options):
            message = message.replace(f"options.{number}.value:", f"{name}:")
        return CommandRefused(self.code, message.replace("data.", ""))


@dataclass(frozen=True, slots=True)
class SandboxClient:
    """Act in the local Discord through its control API."""

    http: httpx.AsyncClient

    @classmethod
    @asynccontextmanager
    async def open(cls, control_url: str) -> AsyncIterator[SandboxClient]:
        # a proxy from the environment must not see loopback requests
        async with httpx.AsyncClient(base_url=control_url, trust_env=False) as http:
            yield cls(http)

    async def wait_until_ready(self, seconds: float) -> bool:
        """Wait until a bot is connected with its commands; return False after `seconds`."""
        health = await self._call_control(f"/health?wait={seconds}", seconds)
        return bool(health["ready"])

    async def invoke_command(self, member: str, command: str, options: Mapping[str, Any]) -> str:
        """Invoke a slash command and return the interaction's ID; raise `CommandRefused`."""
        body = {"as": member, "do": "invoke", "command": command, "options": dict(options)}
        try:
            answer = await self._call_control("/act", 30.0, body)
        except CommandRefused as refused:
            raise refused.with_option_names(list(options)) from None
        return str(answer["interaction_id"])

    async def fetch_interaction(
        self, interaction_id: str, *, since: int, wait: float
    ) -> dict[str, Any]:
        """Return an interaction's record once it is newer than `since`, or after `wait` s."""
        path = f"/interactions/{interaction_id}?since={since}&wait={wait}"
        return await self._call_control(path, wait)

    async def install_app(self, member: str) -> None:
        """Install the bot to a member's own account."""
        await self._call_control("/act", 30.0, {"as": member, "do": "install"})

    async def list_guilds(self) -> list[int]:
        known = (await self._call_control("/guilds", 0.0))["guilds"]
        return [int(each["id"]) for each in known]

    async def post_panel_data(self, books: Mapping[str, Any]) -> None:
        """Send what the page's side panel shows of money and jobs, by guild ID."""
        await self._call_control("/books", 0.0, books)

    async def fetch_file(self, url: str) -> bytes:
        return (await self._send_request(url, 30.0)).content

    async def _call_control(
        self, path: str, wait: float, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        answer: dict[str, Any] = (await self._send_request(path, wait + 10.0, body)).json()
        return answer

    async def _send_request(
        self, url: str, seconds: float, body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        method = "GET" if body is None else "POST"
        # not httpx's own encoding, which raises for what the local Discord is to refuse itself
        data = None if body is None else json.dumps(body)
        try:
            response = await self.http.request(
                method, url, content=data, headers=_JSON_HEADERS, timeout=seconds
            )
        except httpx.TimeoutException as error:
            raise TimeoutError("The local Discord didn't answer in time.") from error
        if response.is_error:
            raise _parse_refusal(response)
        return response


def build_file_option(path: Path) -> dict[str, str]:
    """Return a file as the control API expects it, with base64 data."""
    return {"filename": path.name, "data": base64.b64encode(path.read_bytes()).decode()}


def _list_details(errors: Any, name: str = "") -> Iterator[str]:
    """Flatten Discord's nested errors to lines such as `field: message`."""
    if not isinstance(errors, dict):
        return
    for key, value in errors.items():
        if key == "_errors":
            yield from (
                f"{name}: {error['message']}" if name else error["message"] for error in value
            )
        else:
            yield from _list_details(value, f"{name}.{key}" if name else key)


def _parse_refusal(response: httpx.Response) -> CommandRefused:
    try:
        body = response.json()
        details = "; ".join(_list_details(body.get("errors", {})))
        return CommandRefused(f"discord_{body['code']}", details or str(body["message"]))
    except (ValueError, KeyError):
        return CommandRefused(f"http_{response.status_code}", response.reason_phrase)
