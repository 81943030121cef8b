"""The composition root: open every resource, wire the services, run, and close in reverse."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import structlog

from bot.client import ExpanseBot, point_library
from bot.clock import Clock, SystemClock
from bot.config import Settings
from bot.errors import ExpanseError, ProviderAuth, StartError
from bot.images.gate import ImageLimits
from bot.images.workers import ImageWorkers
from bot.runware.client import RunwareClient, open_client
from bot.runware.download import Downloader, Host
from bot.services.accounting import Accounting
from bot.services.caps import Caps
from bot.services.engine import Dispatcher, Shape
from bot.services.expansion import Expansions
from bot.services.intake import Intake
from bot.services.poller import Pace, Poller
from bot.services.progress import Progress
from bot.services.rendering import Rendering
from bot.services.steps import Steps
from bot.services.submitter import Submitter
from bot.storage.database import Database
from bot.storage.facts import FactStore
from bot.storage.files import FileStore
from bot.storage.guilds import GuildStore
from bot.storage.intake import IntakeStore
from bot.storage.jobs import JobStore
from bot.storage.leases import LeaseStore
from bot.storage.ledger import LedgerStore
from bot.storage.owner import sole_owner
from bot.ui.publisher import DiscordPublisher

log = structlog.get_logger(__name__)

_PORTS: Final = {"http": 80, "https": 443}
_FETCH_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class App:
    """Everything that runs, and the stores for those who want to look."""

    settings: Settings
    bot: ExpanseBot
    database: Database
    files: FileStore
    publisher: DiscordPublisher
    client: RunwareClient
    submitter: Submitter
    poller: Poller
    progress: Progress
    dispatcher: Dispatcher
    jobs: JobStore
    ledger: LedgerStore
    guilds: GuildStore
    accounting: Accounting
    intake: Intake
    clock: Clock

    async def run(self) -> None:
        """Log in and serve until cancelled; raise `StartError` if either side says no."""
        self._check_secrets()
        await self._audit()
        await self.intake.look()
        await self._greet_provider()
        await self.bot.log_in(self.settings.discord)
        with plain_start_error():
            async with asyncio.TaskGroup() as group:
                group.create_task(self.bot.stay_connected(self.settings.discord), name="gateway")
                group.create_task(self.dispatcher.run(), name="dispatcher")
                group.create_task(self.submitter.run(), name="submitter")
                group.create_task(self.poller.run(), name="poller")
                group.create_task(self.progress.run(), name="progress")
                group.create_task(self.intake.run(), name="intake")
                await self._until_told()

    async def _until_told(self) -> None:
        """Wait for the end; then let steps come to a safe place while all else still runs."""
        try:
            await asyncio.Event().wait()
        finally:
            self.intake.stop()
            await self.dispatcher.stop()

    def _check_secrets(self) -> None:
        for name, secret in (
            ("discord.token", self.settings.discord.token),
            ("runware.api_key", self.settings.runware.api_key),
        ):
            if not secret.get_secret_value():
                variable = f"EXPANSE_{name.upper().replace('.', '__')}"
                msg = f"There is no {name}. Put it into config.toml, or into {variable}."
                raise StartError(msg)

    async def _audit(self) -> None:
        """Compare the accounts with their entries; a difference is for the operator to see."""
        for difference in await self.ledger.audit():
            log.error("books do not balance", **asdict(difference))

    async def _greet_provider(self) -> None:
        url = self.settings.runware.base_url
        try:
            await self.client.ping()
        except ProviderAuth as error:
            msg = f"Runware at {url} does not take the key ({error.code}). Check runware.api_key."
            raise StartError(msg) from error
        except ExpanseError as error:
            msg = f"Runware does not answer at {url} as it should. Check runware.base_url."
            raise StartError(msg) from error


@asynccontextmanager
async def open_app(
    settings: Settings, clock: Clock | None = None, workers: ImageWorkers | None = None
) -> AsyncIterator[App]:
    """Open the resources that the settings name; everything is closed on the way out.

    Workers that are handed in stay open, for others to use.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        stack.enter_context(sole_owner(settings.storage.data_dir))
        database = await stack.enter_async_context(Database.open(settings.storage.database))
        point_library(settings.discord)
        bot = ExpanseBot(FactStore(database), clock)
        stack.push_async_callback(bot.close)
        if workers is None:
            workers = await stack.enter_async_context(
                ImageWorkers.open(
                    settings.images.workers,
                    memory_mib=settings.images.worker_memory_mib,
                    seconds=settings.images.worker_seconds,
                )
            )
        client = await stack.enter_async_context(
            open_client(
                base_url=settings.runware.base_url,
                api_key=settings.runware.api_key.get_secret_value(),
                deadline=settings.runware.request_seconds,
            )
        )
        attachments = await stack.enter_async_context(
            Downloader.open(
                [_host(settings.discord.cdn_base)],
                max_bytes=settings.images.max_bytes,
                deadline=_FETCH_SECONDS,
            )
        )
        media = await stack.enter_async_context(
            Downloader.open(
                [_host(f"https://{host}") for host in settings.runware.media_hosts]
                + [_host(settings.runware.base_url)],
                max_bytes=settings.images.max_result_bytes,
                deadline=_FETCH_SECONDS,
            )
        )
        yield _wire(settings, clock, database, bot, workers, client, attachments, media)


def _wire(  # noqa: PLR0913, PLR0917 - this is where everything meets
    settings: Settings,
    clock: Clock,
    database: Database,
    bot: ExpanseBot,
    workers: ImageWorkers,
    client: RunwareClient,
    attachments: Downloader,
    media: Downloader,
) -> App:
    jobs, ledger = JobStore(database), LedgerStore(database)
    files = FileStore(settings.storage.files)
    guilds, intake_store = GuildStore(database), IntakeStore(database)
    accounting = Accounting(ledger, Caps(guilds, intake_store, settings.limits))
    intake = Intake(
        intake_store,
        settings.limits,
        clock,
        settings.storage.data_dir,
        min_free=settings.storage.min_free_mib * 2**20,
    )
    publisher = DiscordPublisher(bot, clock)
    progress = Progress(publisher, clock)
    submitter = Submitter(client, clock)
    poller = Poller(
        client,
        clock,
        max_in_flight=settings.runware.max_in_flight,
        pace=Pace(settings.runware.poll_seconds, patience=settings.runware.patience_seconds),
    )
    limits = ImageLimits(
        settings.images.max_bytes,
        settings.images.max_pixels,
        settings.images.min_side,
        settings.images.max_side,
    )
    rendering = Rendering(
        database=database,
        jobs=jobs,
        files=files,
        workers=workers,
        submitter=submitter,
        poller=poller,
        intake=intake,
        clock=clock,
        model=settings.runware.model,
        price=settings.limits.price,
        grace=timedelta(seconds=settings.runware.grace_seconds),
        longest=timedelta(minutes=settings.runware.task_minutes),
    )
    steps = Steps(
        database=database,
        jobs=jobs,
        ledger=ledger,
        files=files,
        accounting=accounting,
        intake=intake,
        rendering=rendering,
        attachments=attachments,
        media=media,
        workers=workers,
        publisher=publisher,
        progress=progress,
        clock=clock,
        limits=limits,
        max_canvas_pixels=settings.images.max_canvas_pixels,
    )
    shape = Shape(
        uuid.uuid4().hex, settings.runware.max_in_flight, settings.limits.running_per_user
    )
    dispatcher = Dispatcher(jobs, LeaseStore(database), steps, clock, random.Random(), shape)  # noqa: S311 - jitter
    bot.accounting = accounting
    bot.expansions = Expansions(
        database=database,
        jobs=jobs,
        ledger=ledger,
        accounting=accounting,
        intake=intake,
        engine=dispatcher,
        progress=progress,
        images=limits,
        max_canvas_pixels=settings.images.max_canvas_pixels,
        clock=clock,
        new_uuid=uuid.uuid4,
    )
    return App(
        settings=settings,
        bot=bot,
        database=database,
        files=files,
        publisher=publisher,
        client=client,
        submitter=submitter,
        poller=poller,
        progress=progress,
        dispatcher=dispatcher,
        jobs=jobs,
        ledger=ledger,
        guilds=guilds,
        accounting=accounting,
        intake=intake,
        clock=clock,
    )


@contextmanager
def plain_start_error() -> Iterator[None]:
    """Take a `StartError` out of the group in which a task of several raised it."""
    try:
        yield
    except* StartError as errors:
        raise errors.exceptions[0] from None


def _host(url: str) -> Host:
    parts = urlsplit(url)
    return (parts.hostname or "", parts.port or _PORTS[parts.scheme])
