"""The sandbox as the program's own child process: where it is, and a member's hands in it."""

from __future__ import annotations

import asyncio
import base64
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
    """Where the two local services are."""

    discord: DiscordAddresses
    runware: RunwareAddresses

    def build_settings(self, data_dir: Path) -> Settings:
        """Return the settings of a bot that talks to this sandbox; the environment has no say."""
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
    """Start the sandbox and stop it on the way out; it also ends with this process.

    The local Discord is kept in the folder `data`, if any. Raises `StartError` with the child's
    own words if it does not start.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--json", "--with-parent"),
        *("--discord-port", str(discord_port), "--runware-port", str(runware_port)),
        *(() if data is None else ("--data", str(data))),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # Ctrl-C in the terminal is for this process, which then stops its child in good order
        start_new_session=True,
    )
    try:
        yield await _read_addresses(process)
    finally:
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
        raise StartError("The sandbox did not start in time.") from error
    if not line:
        words = (await process.stderr.read()).decode().strip().splitlines()
        raise StartError(words[-1] if words else "The sandbox ended at its start.")
    return SandboxAddresses.model_validate_json(line)


@dataclass(eq=False)
class CommandRefused(Exception):
    """What the local Discord itself refused, as Discord would, before the bot saw it."""

    code: str
    message: str

    def with_option_names(self, options: Sequence[str]) -> CommandRefused:
        """Put the options' names where Discord counts them."""
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
        """Open a client, and close its connections on the way out."""
        async with httpx.AsyncClient(base_url=control_url, trust_env=False) as http:
            yield cls(http)

    async def wait_until_ready(self, seconds: float) -> bool:
        """Wait until a bot is there with its commands; return whether it came."""
        health = await self._call_control(f"/health?wait={seconds}", seconds)
        return bool(health["ready"])

    async def invoke_command(self, member: str, command: str, options: Mapping[str, Any]) -> str:
        """Invoke a slash command and return the interaction's id; raise `CommandRefused`."""
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
        """Let a member add the bot to their own account."""
        await self._call_control("/act", 30.0, {"as": member, "do": "install"})

    async def list_guilds(self) -> list[int]:
        """Return the ids of the sandbox's guilds."""
        known = (await self._call_control("/guilds", 0.0))["guilds"]
        return [int(each["id"]) for each in known]

    async def post_panel_data(self, books: Mapping[str, Any]) -> None:
        """Hand the page what its side panel shows of money and jobs, by the guild's id."""
        await self._call_control("/books", 0.0, books)

    async def fetch_file(self, url: str) -> bytes:
        """Fetch a file from the local Discord."""
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
        try:
            response = await self.http.request(method, url, json=body, timeout=seconds)
        except httpx.TimeoutException as error:
            raise TimeoutError("The local Discord did not answer in time.") from error
        if response.is_error:
            raise _parse_refusal(response)
        return response


def build_file_option(path: Path) -> dict[str, str]:
    """Return a file as the control API takes it."""
    return {"filename": path.name, "data": base64.b64encode(path.read_bytes()).decode()}


def _list_details(errors: Any, name: str = "") -> Iterator[str]:
    """Read Discord's nested errors as `field: what is wrong with it`."""
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
