"""The composition root: open every resource, wire the services, run, and close in reverse."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from bot.client import ExpanseBot, point_library
from bot.clock import Clock, SystemClock
from bot.config import Settings
from bot.front import Shelf, bot_of, operator_services
from bot.images.gate import ImageLimits
from bot.images.workers import ImageWorkers
from bot.runware.breaker import Circuit
from bot.runware.client import RunwareClient, open_client
from bot.runware.download import Downloader, host_of
from bot.services.accounting import Accounting
from bot.services.approvals import Approvals
from bot.services.duties import Duties
from bot.services.engine import Dispatcher, Shape
from bot.services.expansion import Expansions
from bot.services.gallery import Gallery
from bot.services.office import Office
from bot.services.parked import ParkedWatch
from bot.services.poller import Pace, Poller
from bot.services.progress import Progress
from bot.services.provider_slots import ProviderSlots
from bot.services.rendering import Rendering
from bot.services.retention import Retention
from bot.services.standing import Standings
from bot.services.steps import Steps
from bot.services.submitter import Submitter
from bot.services.weekly import Weekly
from bot.start_checks import check_secrets, greet_provider, plain_start_error
from bot.storage.database import Database
from bot.storage.facts import FactStore
from bot.storage.files import FileStore
from bot.storage.jobs import JobStore
from bot.storage.leases import LeaseStore
from bot.storage.ledger import LedgerStore
from bot.storage.owner import sole_owner
from bot.telemetry.health import Health, HealthServer
from bot.ui.publisher import DiscordPublisher
from bot.ui.seal import Seal

log = structlog.get_logger(__name__)

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
    gallery: Gallery
    approvals: Approvals
    retention: Retention
    jobs: JobStore
    ledger: LedgerStore
    office: Office
    clock: Clock

    @property
    def accounting(self) -> Accounting:
        return self.office.accounting

    async def run(self) -> None:
        """Log in and serve until cancelled; raise `StartError` if either side says no."""
        check_secrets(self.settings)
        await self.office.intake.look()
        await greet_provider(self.client, self.settings.runware.base_url)
        await self.bot.log_in(self.settings.discord)
        with plain_start_error():
            async with asyncio.TaskGroup() as group:
                group.create_task(self.bot.stay_connected(self.settings.discord), name="gateway")
                group.create_task(self.dispatcher.run(), name="dispatcher")
                group.create_task(self.submitter.run(), name="submitter")
                group.create_task(self.poller.run(), name="poller")
                group.create_task(self.progress.run(self._standings().of), name="progress")
                group.create_task(self.retention.run(), name="retention")
                group.create_task(self.gallery.run(), name="gallery")
                group.create_task(self.approvals.run(), name="approvals")
                group.create_task(Weekly(self.gallery).run(), name="weekly")
                group.create_task(self.office.intake.run(), name="intake")
                group.create_task(self._duties().run(), name="duties")
                if self.settings.telemetry.port:
                    group.create_task(self._health_server().run(), name="health")
                await self._until_told()

    def _health_server(self) -> HealthServer:
        where = self.settings.telemetry
        return HealthServer(where.host, where.port, self._health)

    async def _health(self) -> Health:
        """Say what is missing to serve members, and the numbers that a graph is drawn from."""
        states = await self.office.statements.states()
        paused = await self.office.intake.stopped()
        missing = {
            "no session with Discord": not self.bot.is_ready(),
            "the intake is paused": paused,
            "the provider does not answer": self.client.circuit is not Circuit.CLOSED,
            "no room to store": self.database.failing or not self.office.intake.has_room,
        }
        metrics = {f"jobs_{state}": float(number) for state, number in states.items()}
        metrics |= {"paused": float(paused), "ready": float(not any(missing.values()))}
        return Health(tuple(what for what, is_so in missing.items() if is_so), metrics)

    def _duties(self) -> Duties:
        watch = ParkedWatch(self.office.decisions, self.poller)
        facts, keep = FactStore(self.database), self.settings.storage.backups
        return Duties(self.database, self.office.auditor, watch, facts, self.clock, keep)

    def _standings(self) -> Standings:
        return Standings(self.dispatcher, self.client, self.clock)

    async def _until_told(self) -> None:
        """Wait for the end; then let steps come to a safe place while all else still runs."""
        try:
            await asyncio.Event().wait()
        finally:
            self.office.intake.stop()
            await self.dispatcher.stop()


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
        bot, seal = await bot_of(database, clock)
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
                [host_of(settings.discord.cdn_base)]
                + [host_of(f"https://{host}") for host in settings.discord.proxy_hosts],
                max_bytes=settings.images.max_bytes,
                deadline=_FETCH_SECONDS,
            )
        )
        media = await stack.enter_async_context(
            Downloader.open(
                [host_of(f"https://{host}") for host in settings.runware.media_hosts]
                + [host_of(settings.runware.base_url)],
                max_bytes=settings.images.max_result_bytes,
                deadline=_FETCH_SECONDS,
            )
        )
        yield _wire(settings, clock, database, bot, seal, workers, client, attachments, media)


def _wire(  # noqa: PLR0913, PLR0917 - this is where everything meets
    settings: Settings,
    clock: Clock,
    database: Database,
    bot: ExpanseBot,
    seal: Seal,
    workers: ImageWorkers,
    client: RunwareClient,
    attachments: Downloader,
    media: Downloader,
) -> App:
    office = Office.of(settings, database, clock)
    jobs, ledger, intake = office.jobs, office.ledger, office.intake
    files = FileStore(settings.storage.files)
    publisher = DiscordPublisher(bot, seal, clock)
    progress = Progress(publisher, clock)
    submitter = Submitter(client, clock)
    pace = Pace(settings.runware.poll_seconds, patience=settings.runware.patience_seconds)
    poller, slots = Poller(client, clock, pace), ProviderSlots(settings.runware.max_in_flight)
    limits = ImageLimits(
        settings.images.max_bytes,
        settings.images.max_pixels,
        settings.images.min_side,
        settings.images.max_side,
    )
    days = settings.storage.keep_days
    shelf = Shelf.of(database, files, workers, attachments, limits, clock)
    rendering = Rendering(
        database=database,
        jobs=jobs,
        files=files,
        workers=workers,
        submitter=submitter,
        poller=poller,
        slots=slots,
        intake=intake,
        clock=clock,
        model=settings.runware.model,
        price=settings.limits.price,
        grace=timedelta(seconds=settings.runware.grace_seconds),
        longest=timedelta(minutes=settings.runware.task_minutes),
    )
    gallery = shelf.gallery(database, bot, seal)
    approvals = shelf.approvals(office.accounting, gallery, bot, publisher, seal)
    steps = Steps(
        database=database,
        jobs=jobs,
        ledger=ledger,
        files=files,
        accounting=office.accounting,
        intake=intake,
        policy=office.policy,
        usage=office.usage,
        stays=shelf.stays,
        rendering=rendering,
        slots=slots,
        seeds=shelf.seeds,
        media=media,
        workers=workers,
        publisher=publisher,
        gallery=gallery,
        approvals=approvals,
        progress=progress,
        clock=clock,
        max_canvas_pixels=settings.images.max_canvas_pixels,
    )
    shape = Shape(uuid.uuid4().hex, slots, settings.limits.running_per_user)
    dispatcher = Dispatcher(jobs, LeaseStore(database), steps, clock, random.Random(), shape)  # noqa: S311 - jitter
    expansions = Expansions(
        database=database,
        jobs=jobs,
        ledger=ledger,
        accounting=office.accounting,
        policy=office.policy,
        usage=office.usage,
        intake=intake,
        engine=dispatcher,
        progress=progress,
        images=limits,
        max_canvas_pixels=settings.images.max_canvas_pixels,
        clock=clock,
        new_uuid=uuid.uuid4,
    )
    bot.desk = shelf.desk(expansions, approvals, seal, days=days)
    bot.departures = shelf.departures(expansions)
    bot.operator = operator_services(settings.discord.operators, office, publisher)
    bot.offers_personal_use = settings.personal.month_usd > 0
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
        gallery=gallery,
        approvals=approvals,
        retention=shelf.retention(bot.departures, days=days),
        jobs=jobs,
        ledger=ledger,
        office=office,
        clock=clock,
    )
