"""The services as the program wires them, but for Discord: whatever stands outside is handed in."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from bot.clock import Clock, SystemClock
from bot.config.settings import LimitSettings
from bot.domain.tolerance import MAX_TOLERANCE
from bot.images.validation import ImageLimits
from bot.images.worker_pool import ImageWorkerPool
from bot.runware.client import RunwareClient
from bot.runware.media_download import Downloader
from bot.services.billing.limits import LimitPolicy
from bot.services.billing.quotas import QuotaService
from bot.services.billing.usage_stats import UsageStats
from bot.services.jobs.dispatcher import Dispatcher, DispatcherConfig
from bot.services.jobs.pipeline import JobPipeline
from bot.services.jobs.poller import Poller, PollSchedule
from bot.services.jobs.provider_slots import ProviderSlots
from bot.services.jobs.render_steps import RenderSteps
from bot.services.jobs.submitter import Submitter
from bot.services.orders.acceptance import OrderAcceptance
from bot.services.orders.admission import AdmissionControl
from bot.services.orders.policy import GuildPolicy
from bot.services.pictures.library import PictureLibrary
from bot.services.pictures.seed_images import SeedImages
from bot.services.ports.jobs import Publisher
from bot.services.progress.card_updates import CardUpdater
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.approvals import ApprovalStore
from bot.storage.repositories.archive import ArchiveStore
from bot.storage.repositories.billing.admission import AdmissionStore
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.billing.usage import UsageStore
from bot.storage.repositories.guild_membership import GuildMembershipStore
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.leases import LeaseStore
from bot.storage.repositories.lineage import LineageStore
from bot.storage.repositories.moderation import ModerationStore
from bot.storage.sqlite.database import Database
from tests.support.generous_limits import GENEROUS

_PACE: Final = PollSchedule(first_delay=0.05, longest_delay=0.5, stall_seconds=1.0)
IMAGE_LIMITS: Final = ImageLimits(25 * 2**20, 24_000_000, 16, 8192)


@dataclass(frozen=True, slots=True)
class Timing:
    """How fast everything goes; times are in seconds."""

    deadline: float = 1.0
    grace: float = 1.0
    longest: float = 10.0
    probe: float = 0.2
    in_flight: int = 256
    pace: PollSchedule = _PACE
    clock: Clock = field(default_factory=SystemClock)


class ShortJitter(random.Random):
    """Draw jitter from the first twentieth of its range, so that nothing waits for long."""

    def random(self) -> float:
        return super().random() / 20


@dataclass(frozen=True, slots=True)
class ServiceInputs:
    """What the services stand on; `chance` decides every task UUID and every jitter."""

    database: Database
    client: RunwareClient
    media: Downloader
    workers: ImageWorkerPool
    files: FileStore
    publisher: Publisher
    randomness: random.Random
    timing: Timing = field(default_factory=Timing)
    limits: LimitSettings = GENEROUS
    owner: str = "wiring"
    """Whose leases these are."""
    full_jitter: bool = False
    """Whether jitter is drawn from its whole range, as in the program."""


class ServiceWiring:
    """Make everything that runs, and run it with `run`."""

    def __init__(self, inputs: ServiceInputs) -> None:
        self._inputs = inputs
        tempo, clock = inputs.timing, inputs.timing.clock
        self.submitter = Submitter(inputs.client, clock)
        self.poller = Poller(inputs.client, clock, tempo.pace)
        self.slots = ProviderSlots(tempo.in_flight)
        self.progress = CardUpdater(inputs.publisher, clock)
        self.jobs, self.ledger = JobStore(inputs.database), LedgerStore(inputs.database)
        self.guilds, store = GuildSettingsStore(inputs.database), AdmissionStore(inputs.database)
        self.accounting = QuotaService(self.ledger, LimitPolicy(self.guilds, store, inputs.limits))
        self.intake = AdmissionControl(store, inputs.limits, clock, inputs.files.root.parent)
        moderation = ModerationStore(inputs.database)
        self.policy = GuildPolicy(inputs.database, self.guilds, moderation, clock, MAX_TOLERANCE)
        book = UsageStore(inputs.database)
        self.usage = UsageStats(inputs.database, self.guilds, book, clock)
        jitter = (random.Random if inputs.full_jitter else ShortJitter)(inputs.randomness.random())
        shape = DispatcherConfig(inputs.owner, self.slots, inputs.limits.running_per_user)
        leases = LeaseStore(inputs.database)
        self.dispatcher = Dispatcher(self.jobs, leases, self._build_steps(), clock, jitter, shape)
        self.expansions = self._build_expansions()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.submitter.run())
            group.create_task(self.poller.run())
            group.create_task(self.progress.run())
            group.create_task(self.intake.run())
            group.create_task(self.dispatcher.run())

    def _build_expansions(self) -> OrderAcceptance:
        chance = self._inputs.randomness
        return OrderAcceptance(
            database=self._inputs.database,
            jobs=self.jobs,
            ledger=self.ledger,
            quotas=self.accounting,
            policy=self.policy,
            usage_stats=self.usage,
            admission=self.intake,
            dispatcher=self.dispatcher,
            card_updater=self.progress,
            image_limits=IMAGE_LIMITS,
            max_canvas_pixels=40_000_000,
            clock=self._inputs.timing.clock,
            new_uuid=lambda: UUID(int=chance.getrandbits(128), version=4),
        )

    def _rendering(self) -> RenderSteps:
        outside = self._inputs
        return RenderSteps(
            database=outside.database,
            jobs=self.jobs,
            files=outside.files,
            workers=outside.workers,
            submitter=self.submitter,
            poller=self.poller,
            slots=self.slots,
            admission=self.intake,
            clock=outside.timing.clock,
            model="bfl:1@3",
            price=outside.limits.result_price,
            grace_period=timedelta(seconds=outside.timing.grace),
            max_task_time=timedelta(seconds=outside.timing.longest),
        )

    def _build_steps(self) -> JobPipeline:
        outside = self._inputs
        archive, lineage = ArchiveStore(outside.database), LineageStore(outside.database)
        approvals = ApprovalStore(outside.database)
        pictures = PictureLibrary(
            self.jobs, archive, lineage, outside.files, outside.workers, approvals
        )
        return JobPipeline(
            database=outside.database,
            jobs=self.jobs,
            ledger=self.ledger,
            files=outside.files,
            quotas=self.accounting,
            admission=self.intake,
            policy=self.policy,
            usage_stats=self.usage,
            membership=GuildMembershipStore(outside.database),
            render_steps=self._rendering(),
            slots=self.slots,
            seed_images=SeedImages(
                outside.files, outside.media, outside.workers, pictures, IMAGE_LIMITS
            ),
            media=outside.media,
            workers=outside.workers,
            publisher=outside.publisher,
            gallery=None,
            approvals=None,
            card_updater=self.progress,
            clock=outside.timing.clock,
            max_canvas_pixels=40_000_000,
        )
