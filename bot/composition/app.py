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

from bot.clock import Clock, SystemClock
from bot.composition.core_services import CoreServices
from bot.composition.discord_wiring import DiscordWiring, build_bot, operator_services
from bot.composition.startup_checks import check_provider, check_secrets, unwrap_start_error
from bot.config.settings import Settings
from bot.images.validation import ImageLimits
from bot.images.worker_pool import ImageWorkerPool
from bot.runware.circuit_breaker import CircuitState
from bot.runware.client import RunwareClient, open_client
from bot.runware.media_download import Downloader, parse_host
from bot.services.billing.quotas import QuotaService
from bot.services.gallery.gallery import GalleryService
from bot.services.gallery.weekly_best import WeeklyBest
from bot.services.jobs.dispatcher import Dispatcher, DispatcherConfig
from bot.services.jobs.parked import ParkedJobChecker
from bot.services.jobs.pipeline import JobPipeline
from bot.services.jobs.poller import Poller, PollSchedule
from bot.services.jobs.provider_slots import ProviderSlots
from bot.services.jobs.render_steps import RenderSteps
from bot.services.jobs.submitter import Submitter
from bot.services.maintenance.periodic_tasks import PeriodicTasks
from bot.services.maintenance.retention import Retention
from bot.services.moderation.approvals import ApprovalService
from bot.services.orders.acceptance import OrderAcceptance
from bot.services.progress.card_updates import CardUpdater
from bot.services.progress.queue_status import QueueStatusReader
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.key_values import KeyValueStore
from bot.storage.repositories.leases import LeaseStore
from bot.storage.sqlite.database import Database
from bot.storage.sqlite.process_lock import lock_data_dir
from bot.telemetry.health_server import HealthServer, HealthStatus
from bot.ui.channels.publisher import DiscordPublisher
from bot.ui.client import ExpanseBot, configure_endpoints
from bot.ui.views.custom_ids import CustomIdCodec

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
    progress: CardUpdater
    dispatcher: Dispatcher
    gallery: GalleryService
    approvals: ApprovalService
    retention: Retention
    jobs: JobStore
    ledger: LedgerStore
    office: CoreServices
    clock: Clock

    @property
    def accounting(self) -> QuotaService:
        return self.office.accounting

    async def run(self) -> None:
        """Log in and serve until cancelled; raise `StartError` if either side says no."""
        check_secrets(self.settings)
        await self.office.intake.check_disk()
        await check_provider(self.client, self.settings.runware.base_url)
        await self.bot.log_in(self.settings.discord)
        with unwrap_start_error():
            async with asyncio.TaskGroup() as group:
                group.create_task(self.bot.run_gateway(self.settings.discord), name="gateway")
                group.create_task(self.dispatcher.run(), name="dispatcher")
                group.create_task(self.submitter.run(), name="submitter")
                group.create_task(self.poller.run(), name="poller")
                group.create_task(self.progress.run(self._standings().get_status), name="progress")
                group.create_task(self.retention.run(), name="retention")
                group.create_task(self.gallery.run(), name="gallery")
                group.create_task(self.approvals.run(), name="approvals")
                group.create_task(WeeklyBest(self.gallery).run(), name="weekly")
                group.create_task(self.office.intake.run(), name="intake")
                group.create_task(self._duties().run(), name="duties")
                if self.settings.telemetry.port:
                    group.create_task(self._health_server().run(), name="health")
                await self._until_told()

    def _health_server(self) -> HealthServer:
        where = self.settings.telemetry
        return HealthServer(where.host, where.port, self._health)

    async def _health(self) -> HealthStatus:
        """Say what is missing to serve members, and the numbers that a graph is drawn from."""
        states = await self.office.statements.count_states()
        paused = await self.office.intake.is_kill_switch_on()
        missing = {
            "no session with Discord": not self.bot.is_ready(),
            "the intake is paused": paused,
            "the provider does not answer": self.client.circuit_state is not CircuitState.CLOSED,
            "no room to store": self.database.is_failing or not self.office.intake.has_room,
        }
        metrics = {f"jobs_{state}": float(number) for state, number in states.items()}
        metrics |= {"paused": float(paused), "ready": float(not any(missing.values()))}
        return HealthStatus(tuple(what for what, is_so in missing.items() if is_so), metrics)

    def _duties(self) -> PeriodicTasks:
        watch = ParkedJobChecker(self.office.decisions, self.poller)
        facts, keep = KeyValueStore(self.database), self.settings.storage.backups
        return PeriodicTasks(self.database, self.office.auditor, watch, facts, self.clock, keep)

    def _standings(self) -> QueueStatusReader:
        return QueueStatusReader(self.dispatcher, self.client, self.clock)

    async def _until_told(self) -> None:
        """Wait for the end; then let steps come to a safe place while all else still runs."""
        try:
            await asyncio.Event().wait()
        finally:
            self.office.intake.stop_accepting()
            await self.dispatcher.stop()


@asynccontextmanager
async def open_app(
    settings: Settings, clock: Clock | None = None, workers: ImageWorkerPool | None = None
) -> AsyncIterator[App]:
    """Open the resources that the settings name; everything is closed on the way out.

    Workers that are handed in stay open, for others to use.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        stack.enter_context(lock_data_dir(settings.storage.data_dir))
        database = await stack.enter_async_context(Database.open(settings.storage.database_path))
        configure_endpoints(settings.discord)
        bot, seal = await build_bot(database, clock)
        stack.push_async_callback(bot.close)
        if workers is None:
            workers = await stack.enter_async_context(
                ImageWorkerPool.open(
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
                [parse_host(settings.discord.cdn_base)]
                + [parse_host(f"https://{host}") for host in settings.discord.proxy_hosts],
                max_bytes=settings.images.max_bytes,
                deadline=_FETCH_SECONDS,
            )
        )
        media = await stack.enter_async_context(
            Downloader.open(
                [parse_host(f"https://{host}") for host in settings.runware.media_hosts]
                + [parse_host(settings.runware.base_url)],
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
    seal: CustomIdCodec,
    workers: ImageWorkerPool,
    client: RunwareClient,
    attachments: Downloader,
    media: Downloader,
) -> App:
    office = CoreServices.of(settings, database, clock)
    jobs, ledger, intake = office.jobs, office.ledger, office.intake
    files = FileStore(settings.storage.files_dir)
    publisher = DiscordPublisher(bot, seal, clock)
    progress = CardUpdater(publisher, clock)
    submitter = Submitter(client, clock)
    pace = PollSchedule(
        settings.runware.poll_seconds, stall_seconds=settings.runware.patience_seconds
    )
    poller, slots = Poller(client, clock, pace), ProviderSlots(settings.runware.max_in_flight)
    limits = ImageLimits(
        settings.images.max_bytes,
        settings.images.max_pixels,
        settings.images.min_side,
        settings.images.max_side,
    )
    days = settings.storage.keep_days
    shelf = DiscordWiring.of(database, files, workers, attachments, limits, clock)
    rendering = RenderSteps(
        database=database,
        jobs=jobs,
        files=files,
        workers=workers,
        submitter=submitter,
        poller=poller,
        slots=slots,
        admission=intake,
        clock=clock,
        model=settings.runware.model,
        price=settings.limits.result_price,
        grace_period=timedelta(seconds=settings.runware.grace_seconds),
        max_task_time=timedelta(minutes=settings.runware.task_minutes),
    )
    gallery = shelf.gallery(database, bot, seal)
    approvals = shelf.approvals(office.accounting, gallery, bot, publisher, seal)
    steps = JobPipeline(
        database=database,
        jobs=jobs,
        ledger=ledger,
        files=files,
        quotas=office.accounting,
        admission=intake,
        policy=office.policy,
        usage_stats=office.usage,
        membership=shelf.stays,
        render_steps=rendering,
        slots=slots,
        seed_images=shelf.seeds,
        media=media,
        workers=workers,
        publisher=publisher,
        gallery=gallery,
        approvals=approvals,
        card_updater=progress,
        clock=clock,
        max_canvas_pixels=settings.images.max_canvas_pixels,
    )
    shape = DispatcherConfig(uuid.uuid4().hex, slots, settings.limits.running_per_user)
    dispatcher = Dispatcher(jobs, LeaseStore(database), steps, clock, random.Random(), shape)  # noqa: S311 - jitter
    expansions = OrderAcceptance(
        database=database,
        jobs=jobs,
        ledger=ledger,
        quotas=office.accounting,
        policy=office.policy,
        usage_stats=office.usage,
        admission=intake,
        dispatcher=dispatcher,
        card_updater=progress,
        image_limits=limits,
        max_canvas_pixels=settings.images.max_canvas_pixels,
        clock=clock,
        new_uuid=uuid.uuid4,
    )
    bot.services = shelf.desk(expansions, approvals, seal, days=days)
    bot.guild_lifecycle = shelf.departures(expansions)
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
        retention=shelf.retention(bot.guild_lifecycle, days=days),
        jobs=jobs,
        ledger=ledger,
        office=office,
        clock=clock,
    )
