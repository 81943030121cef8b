"""Everything for a test: the local Discord, the local Runware, and the real bot between them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from PIL import Image

from bot.clock import Clock as BotClock
from bot.composition.app import App, open_app
from bot.composition.core_services import CoreServices
from bot.config.settings import (
    DiscordSettings,
    ImageSettings,
    LimitSettings,
    PersonalSettings,
    RunwareSettings,
    Settings,
    StorageSettings,
)
from bot.domain.ids import InteractionId
from bot.domain.job import Job, JobState
from bot.domain.model import DEFAULT_MODEL
from bot.images.worker_pool import ImageWorkerPool
from sandbox.control.clock import SandboxClock
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.actors.member import MemberActor
from sandbox.discord.model.records import Upload
from sandbox.discord.server import LocalDiscord
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.tasks.task_runner import Renderer
from tests.support.logs import LOG_WATCH
from tests.support.loop_guard import LoopGuard

DEADLINE = 20.0
CONTAINER, TEXT, GALLERY = 17, 10, 12
Json = dict[str, Any]


@dataclass(slots=True)
class AppFixture:
    """Both local services and the bot; settings can be changed until `start` starts it."""

    discord: LocalDiscord
    runware: LocalRunware
    data_dir: Path
    workers: ImageWorkerPool
    limits: LimitSettings = field(default_factory=LimitSettings)
    personal: PersonalSettings = field(default_factory=PersonalSettings)
    images: ImageSettings = field(default_factory=lambda: ImageSettings(workers=1))
    clock: BotClock | None = None
    grace_seconds: float = 1.0
    model: str = DEFAULT_MODEL.identifier
    operators: tuple[int, ...] = ()
    _app: App | None = None
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        data_dir: Path,
        workers: ImageWorkerPool,
        engine: Renderer,
        clock: SandboxClock | None = None,
    ) -> AsyncIterator[Self]:
        async with (
            LocalDiscord.open(clock=clock) as discord,
            LocalRunware.open(workers=engine) as runware,
        ):
            discord.panel.provider = runware
            fixture = cls(discord, runware, data_dir, workers)
            with LoopGuard.watch():
                try:
                    yield fixture
                finally:
                    await fixture.stop()
                    LOG_WATCH.add_secrets(fixture.list_secrets())

    @property
    def app(self) -> App:
        assert self._app is not None
        return self._app

    @property
    def core(self) -> CoreServices:
        return self.app.core

    @property
    def ana(self) -> MemberActor:
        return self.discord.guild.member("ana")

    def build_settings(self) -> Settings:
        return Settings(
            discord=DiscordSettings(
                token=self.discord.token,
                api_base=self.discord.api_base,
                gateway_url=self.discord.gateway_url,
                cdn_base=self.discord.cdn_base,
                operators=self.operators,
            ),
            runware=RunwareSettings(
                api_key=self.runware.api_key,
                base_url=self.runware.base_url,
                grace_seconds=self.grace_seconds,
                model=self.model,
                poll_seconds=0.05,
            ),
            storage=StorageSettings(data_dir=self.data_dir, reserve_mib=0, backups=0),
            limits=self.limits,
            personal=self.personal,
            images=self.images,
        )

    async def start(self) -> None:
        """Start the bot and wait until it is connected and its commands are registered."""
        self._app = await self._stack.enter_async_context(
            open_app(self.build_settings(), self.clock, self.workers)
        )
        running = asyncio.create_task(self._app.run())
        self._stack.push_async_callback(_cancel_task, running)

        def is_up() -> bool:
            if running.done():
                running.result()
            # stopping during the handshake would leave the library's heartbeat running
            shaken = getattr(self.app.bot.client, "ws", None) is not None
            state = self.discord.state
            return shaken and state.is_bot_online and bool(state.commands.all())

        await wait_until(is_up)

    async def stop(self) -> None:
        """Stop the bot; unfinished jobs stay in its database."""
        await self._stack.aclose()
        self._stack = AsyncExitStack()
        self._app = None

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def wait_for_job(self, call: TrackedInvocation) -> Job:
        """Return the call's job when it has ended or is parked."""
        async with asyncio.timeout(DEADLINE):
            while True:
                job = await self.core.jobs.find_by_interaction(InteractionId(call.id))
                if job is not None and (job.has_ended or job.state is JobState.PARKED):
                    return job
                await asyncio.sleep(0.02)

    async def wait_for_state(self, call: TrackedInvocation, state: JobState) -> Job:
        """Return the call's job when it has reached a state, even if it has left it again."""
        async with asyncio.timeout(DEADLINE):
            while True:
                job = await self.core.jobs.find_by_interaction(InteractionId(call.id))
                if job is not None:
                    events = await self.core.jobs.list_events(job.id)
                    if any(event.target is state for event in events):
                        return job
                await asyncio.sleep(0.02)

    async def wait_for_result(self, call: TrackedInvocation) -> Json:
        """Return the message with the result."""
        return await call.message(lambda message: bool(list_media(message)), timeout=DEADLINE)

    def read_picture(self, message: Json, index: int = 0) -> Image.Image:
        return Image.open(io.BytesIO(self.discord.read_attachment(list_media(message)[index])))

    def list_secrets(self) -> Iterator[str]:
        """Yield what no log may contain: tokens, the key, and everything that members wrote."""
        yield from (self.discord.token, self.runware.api_key)
        interactions = self.discord.state.interactions
        for interaction in map(interactions.get, interactions.list_ids()):
            yield interaction.token
            yield from _list_words(interaction.data)

    @property
    def billed_count(self) -> int:
        """Return how many results the provider has billed."""
        return len(self.runware.journal.bills)


async def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition that has no event, or depends on another process."""
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event here
            await asyncio.sleep(0.01)


def _list_words(data: Any) -> Iterator[str]:
    """Yield the values of an interaction that are text of more than one word."""
    if isinstance(data, dict):
        if isinstance(value := data.get("value"), str) and " " in value.strip():
            yield value.strip()
        data = list(data.values())
    if isinstance(data, list):
        for each in data:
            yield from _list_words(each)


async def _cancel_task(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


def list_parts(message: Json) -> list[Json]:
    return [
        part
        for component in message["components"]
        if component["type"] == CONTAINER
        for part in component["components"]
    ]


def list_media(message: Json) -> list[Json]:
    galleries = [part for part in list_parts(message) if part["type"] == GALLERY]
    return [item["media"] for gallery in galleries for item in gallery["items"]]


def read_text(message: Json) -> str:
    return "\n".join(part["content"] for part in list_parts(message) if part["type"] == TEXT)


def is_ephemeral(message: Json) -> bool:
    return bool(message["flags"] & 64)


def draw_photograph(width: int = 320, height: int = 240, mode: str = "RGB") -> Image.Image:
    """Draw a deterministic picture with gradients and detail, a realistic load for codecs."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.radial_gradient("L").resize((width, height))
    grain = Image.effect_mandelbrot((width, height), (-2.0, -1.2, 0.8, 1.2), 60)
    image = Image.merge("RGB", (across, down, grain))
    if mode == "RGBA":
        image.putalpha(Image.radial_gradient("L").resize((width, height)))
    return image if mode in {"RGB", "RGBA"} else image.convert(mode)


def encode_upload(image: Image.Image, fmt: str = "PNG", **options: Any) -> Upload:
    out = io.BytesIO()
    image.save(out, fmt, **options)
    return Upload(f"picture.{fmt.lower()}", out.getvalue())
