"""The application: opens all resources, wires the services, runs, and closes in reverse order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

import structlog

from bot.clock import Clock, SystemClock
from bot.composition.core_services import CoreServices
from bot.composition.discord_wiring import build_bot, build_interaction_services, load_codec
from bot.composition.externals import Externals
from bot.composition.provider import open_provider
from bot.composition.services import Services, build_services
from bot.composition.startup_checks import check_key, check_secrets, unwrap_start_error
from bot.config.settings import Settings
from bot.domain.job import OPEN_STATES
from bot.images.worker_pool import ImageWorkerPool
from bot.runware.circuit_breaker import CircuitState
from bot.runware.client import RunwareClient
from bot.runware.media_download import Downloader, parse_host
from bot.services.jobs.poller import PollSchedule
from bot.storage.disk.private_files import tighten_storage
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.sqlite.database import Database
from bot.storage.sqlite.process_lock import lock_data_dir
from bot.telemetry.health_server import HealthServer, HealthStatus
from bot.telemetry.loop_watch import LoopWatch
from bot.ui.channels.gallery_channel import DiscordGalleryChannel
from bot.ui.channels.moderators_channel import DiscordModeratorsChannel
from bot.ui.channels.operators_channel import DiscordOperatorsChannel
from bot.ui.channels.picture_channels import DiscordPictureChannels
from bot.ui.channels.publisher import DiscordPublisher
from bot.ui.client import DiscordClient, ExpanseBot, configure_endpoints
from bot.ui.i18n import translations
from bot.ui.interactions.services import InteractionServices

log = structlog.get_logger(__name__)

_FETCH_SECONDS: Final = 60.0
_VERSION: Final = version("expanse-bot")
"""Read from files, so here and not on the event loop."""


@dataclass(frozen=True, slots=True)
class App:
    """The running parts, which tests may inspect."""

    bot: ExpanseBot
    services: Services
    interactions: InteractionServices
    publisher: DiscordPublisher
    client: RunwareClient

    @property
    def core(self) -> CoreServices:
        return self.services.core

    async def run(self) -> None:
        """Log in and serve until cancelled; raise `StartError` if Discord or the key is refused."""
        core, settings = self.core, self.core.settings
        check_secrets(settings)
        log.info("starting", version=_VERSION, open_jobs=await self._count_open_jobs())
        await core.admission.check_disk()
        await check_key(self.services.provider_checks, settings.runware.base_url)
        await self.bot.log_in(settings.discord)
        with unwrap_start_error():
            async with asyncio.TaskGroup() as group:
                loop_watch = LoopWatch()
                group.create_task(loop_watch.run(), name="loop watch")
                # first: a used port ends the start before anything else is under way
                await self._start_health_server(group, loop_watch)
                group.create_task(self.bot.run_gateway(settings.discord), name="gateway")
                self.services.start(group)
                await self._until_told()

    async def _start_health_server(self, group: asyncio.TaskGroup, loop_watch: LoopWatch) -> None:
        """Serve health and metrics if a port is configured, and wait until it is open."""
        where = self.core.settings.telemetry
        if not where.port:
            return
        collectors = (loop_watch.lag, loop_watch.blocked)
        health = HealthServer(where.host, where.port, self.check_health, collectors)
        is_open = asyncio.Event()
        group.create_task(health.run(lambda _: is_open.set()), name="health")
        await is_open.wait()

    async def check_health(self) -> HealthStatus:
        """Return why the bot is not ready, if it is not, and its metrics."""
        core = self.core
        states = await core.statements.count_states()
        paused = await core.admission.is_kill_switch_on()
        missing = {
            "no session with Discord": not self.bot.client.is_ready(),
            "the intake is paused": paused,
            "the provider does not answer": self.client.circuit_state is not CircuitState.CLOSED,
            "no room to store": core.database.is_failing or not core.admission.has_room,
        }
        metrics = {f"jobs_{state}": float(number) for state, number in states.items()}
        metrics |= {"paused": float(paused), "ready": float(not any(missing.values()))}
        return HealthStatus(tuple(what for what, is_so in missing.items() if is_so), metrics)

    async def _until_told(self) -> None:
        """Wait until cancelled; then stop the dispatcher while everything else still runs."""
        try:
            await asyncio.Event().wait()
        finally:
            log.info("stopping: steps that must not be interrupted are finished first")
            self.core.admission.stop_accepting()
            await self.services.jobs.dispatcher.stop()
            log.info("stopped")

    async def _count_open_jobs(self) -> int:
        states = await self.core.statements.count_states()
        return sum(states.get(state, 0) for state in OPEN_STATES)


@asynccontextmanager
async def open_app(
    settings: Settings, clock: Clock | None = None, workers: ImageWorkerPool | None = None
) -> AsyncIterator[App]:
    """Open the resources that the settings name, and close them on exit.

    `workers` passed by the caller stay open.
    """
    clock = clock or SystemClock()
    images, runware = settings.images, settings.runware
    async with AsyncExitStack() as stack:
        # first: two processes on one folder would both believe that all its leases are theirs
        stack.enter_context(lock_data_dir(settings.storage.data_dir))
        enter, storage = stack.enter_async_context, settings.storage
        await asyncio.to_thread(tighten_storage, storage.data_dir, storage.database_path)
        database = await enter(Database.open(storage.database_path))
        configure_endpoints(settings.discord)
        await asyncio.to_thread(translations.preload_translations)
        discord_client = DiscordClient(clock)
        stack.push_async_callback(discord_client.close)
        if workers is None:
            memory, seconds = images.worker_memory_mib, images.worker_seconds
            pool = ImageWorkerPool.open(images.workers, memory_mib=memory, seconds=seconds)
            workers = await enter(pool)
        provider = await enter(open_provider(settings))
        discord = settings.discord
        attachments = await enter(
            _open_downloader(discord.cdn_base, discord.proxy_hosts, images.max_bytes)
        )
        media = await enter(
            _open_downloader(runware.base_url, runware.media_hosts, images.max_result_bytes)
        )
        codec, get_settings = await load_codec(database), GuildSettingsStore(database).get
        publisher = DiscordPublisher(discord_client, codec, clock)
        externals = Externals(
            provider.client,
            provider.catalog,
            attachments,
            media,
            workers,
            publisher,
            DiscordGalleryChannel(discord_client, codec, get_settings),
            DiscordModeratorsChannel(discord_client, codec, get_settings, publisher),
            DiscordPictureChannels(discord_client, clock),
            DiscordOperatorsChannel(discord_client, discord.operators),
            PollSchedule(runware.poll_seconds, stall_seconds=runware.patience_seconds),
        )
        services = build_services(settings, database, clock, externals)
        stack.callback(services.core.patterns.close)
        interactions = build_interaction_services(services, codec)
        bot = build_bot(discord_client, services, interactions, publisher)
        yield App(bot, services, interactions, publisher, provider.client)


def _open_downloader(
    address: str, more: Sequence[str], max_bytes: int
) -> AbstractAsyncContextManager[Downloader]:
    """Open a downloader that accepts only the host of `address` and the hosts `more`."""
    hosts = [parse_host(each) for each in (address, *(f"https://{host}" for host in more))]
    return Downloader.open(hosts, max_bytes=max_bytes, deadline=_FETCH_SECONDS)
