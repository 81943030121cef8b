"""The one place that wires services: everything that runs or is called gets what it needs here."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.clock import Clock
from bot.config.settings import Settings
from bot.images.film.mp4 import find_encoder
from bot.images.validation import ImageLimits
from bot.images.worker_pool import ImageWorkerPool
from bot.runware.client import RunwareClient
from bot.runware.media_download import Downloader
from bot.services.billing.auditor import Auditor
from bot.services.billing.limits import LimitPolicy
from bot.services.billing.quotas import QuotaService
from bot.services.billing.usage_stats import UsageStats
from bot.services.gallery.gallery import GalleryService
from bot.services.gallery.weekly_best import WeeklyBest
from bot.services.guilds.lifecycle import GuildLifecycle
from bot.services.guilds.settings import GuildSettingsService
from bot.services.jobs.dispatcher import Dispatcher, DispatcherConfig
from bot.services.jobs.parked import ParkedJobChecker, ParkedJobDecisions
from bot.services.jobs.pipeline import JobPipeline
from bot.services.jobs.poller import Poller, PollSchedule
from bot.services.jobs.provider_slots import ProviderSlots
from bot.services.jobs.render_steps import RenderSteps
from bot.services.jobs.submitter import Submitter
from bot.services.maintenance.periodic_tasks import PeriodicTasks
from bot.services.maintenance.retention import Retention
from bot.services.members.history import MemberHistory
from bot.services.members.privacy import PrivacyService
from bot.services.moderation.actions import ModerationActions
from bot.services.moderation.approvals import ApprovalService
from bot.services.moderation.cases import CaseBuilder
from bot.services.moderation.reports import ReportService
from bot.services.orders.acceptance import OrderAcceptance
from bot.services.orders.admission import AdmissionControl
from bot.services.orders.drafts import DraftService
from bot.services.orders.policy import GuildPolicy
from bot.services.pictures.library import PictureLibrary
from bot.services.pictures.seed_images import SeedImages
from bot.services.ports.gallery_channel import GalleryChannel
from bot.services.ports.jobs import Publisher
from bot.services.ports.moderators_channel import ModeratorsChannel
from bot.services.progress.card_updates import CardUpdater
from bot.services.progress.queue_status import QueueStatusReader
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.approvals import ApprovalStore
from bot.storage.repositories.archive import ArchiveStore
from bot.storage.repositories.billing.admission import AdmissionStore
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.billing.statements import StatementStore
from bot.storage.repositories.billing.usage import UsageStore
from bot.storage.repositories.drafts import DraftStore
from bot.storage.repositories.gallery import GalleryStore
from bot.storage.repositories.guild_membership import GuildMembershipStore
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.key_values import KeyValueStore
from bot.storage.repositories.leases import LeaseStore
from bot.storage.repositories.lineage import LineageStore
from bot.storage.repositories.member_preferences import MemberPreferenceStore
from bot.storage.repositories.moderation import ModerationStore
from bot.storage.repositories.rankings import RankingStore
from bot.storage.sqlite.database import Database

_MIB: Final = 2**20


@dataclass(frozen=True, slots=True)
class CoreServices:
    """What the bot and the command line share: it needs neither Discord nor the provider."""

    settings: Settings
    database: Database
    clock: Clock
    files: FileStore
    jobs: JobStore
    ledger: LedgerStore
    guilds: GuildSettingsStore
    archive: ArchiveStore
    moderation: ModerationStore
    statements: StatementStore
    key_values: KeyValueStore
    limits: LimitPolicy
    quotas: QuotaService
    admission: AdmissionControl
    policy: GuildPolicy
    usage_stats: UsageStats
    auditor: Auditor
    parked: ParkedJobDecisions
    history: MemberHistory
    privacy: PrivacyService


def build_core_services(
    settings: Settings, database: Database, clock: Clock, files: FileStore | None = None
) -> CoreServices:
    """Wire what works on the database and the files alone."""
    storage = settings.storage
    files = files or FileStore(storage.files_dir)
    jobs, ledger, guilds = JobStore(database), LedgerStore(database), GuildSettingsStore(database)
    archive, moderation = ArchiveStore(database), ModerationStore(database)
    admission_store = AdmissionStore(database)
    limits = LimitPolicy(guilds, admission_store, settings.limits, settings.personal)
    history = MemberHistory(archive, files, clock)
    return CoreServices(
        settings=settings,
        database=database,
        clock=clock,
        files=files,
        jobs=jobs,
        ledger=ledger,
        guilds=guilds,
        archive=archive,
        moderation=moderation,
        statements=StatementStore(database),
        key_values=KeyValueStore(database),
        limits=limits,
        quotas=QuotaService(ledger, limits),
        admission=AdmissionControl(
            admission_store,
            settings.limits,
            clock,
            storage.data_dir,
            min_free=storage.min_free_mib * _MIB,
            reserve=storage.reserve_mib * _MIB,
        ),
        policy=GuildPolicy(database, guilds, moderation, clock, settings.limits.max_tolerance),
        usage_stats=UsageStats(database, guilds, UsageStore(database), clock),
        auditor=Auditor(database, jobs, ledger, clock),
        parked=ParkedJobDecisions(database, jobs, ledger, clock),
        history=history,
        privacy=PrivacyService(jobs, archive, MemberPreferenceStore(database), history, clock),
    )


@dataclass(frozen=True, slots=True)
class Externals:
    """What stands outside of the services: clients, workers, ways to Discord, and chance."""

    client: RunwareClient
    attachments: Downloader
    media: Downloader
    workers: ImageWorkerPool
    publisher: Publisher
    gallery_channel: GalleryChannel
    moderators_channel: ModeratorsChannel
    poll_schedule: PollSchedule
    rng: random.Random = field(default_factory=random.Random)
    new_uuid: Callable[[], uuid.UUID] = uuid.uuid4
    owner: str = field(default_factory=lambda: uuid.uuid4().hex)
    """Whose leases these are."""


@dataclass(frozen=True, slots=True)
class Services:
    """All that runs beside Discord's gateway, and all that commands and presses call."""

    core: CoreServices
    submitter: Submitter
    poller: Poller
    slots: ProviderSlots
    card_updater: CardUpdater
    dispatcher: Dispatcher
    queue_status: QueueStatusReader
    acceptance: OrderAcceptance
    pictures: PictureLibrary
    drafts: DraftService
    gallery: GalleryService
    weekly_best: WeeklyBest
    approvals: ApprovalService
    moderation: ModerationActions
    guild_settings: GuildSettingsService
    guild_lifecycle: GuildLifecycle
    retention: Retention
    periodic_tasks: PeriodicTasks

    def start(self, group: asyncio.TaskGroup) -> None:
        """Start all that runs by itself; it ends with the group."""
        self.start_jobs(group)
        group.create_task(self.retention.run(), name="retention")
        group.create_task(self.gallery.run(), name="gallery")
        group.create_task(self.approvals.run(), name="approvals")
        group.create_task(self.weekly_best.run(), name="weekly")
        group.create_task(self.periodic_tasks.run(), name="duties")

    def start_jobs(self, group: asyncio.TaskGroup) -> None:
        """Start what carries jobs."""
        group.create_task(self.dispatcher.run(), name="dispatcher")
        group.create_task(self.submitter.run(), name="submitter")
        group.create_task(self.poller.run(), name="poller")
        group.create_task(self.card_updater.run(self.queue_status.get_status), name="progress")
        group.create_task(self.core.admission.run(), name="intake")


def build_services(
    settings: Settings,
    database: Database,
    clock: Clock,
    externals: Externals,
    files: FileStore | None = None,
) -> Services:
    """Wire everything; nothing here reaches out before it is run or called."""
    core = build_core_services(settings, database, clock, files)
    files, workers = core.files, externals.workers
    images, runware = settings.images, settings.runware
    limits = ImageLimits(images.max_bytes, images.max_pixels, images.min_side, images.max_side)
    lineage, approval_store = LineageStore(database), ApprovalStore(database)
    membership = GuildMembershipStore(database)
    submitter = Submitter(externals.client, clock)
    poller = Poller(externals.client, clock, externals.poll_schedule)
    slots = ProviderSlots(runware.max_in_flight)
    card_updater = CardUpdater(externals.publisher, clock)
    pictures = PictureLibrary(
        core.jobs, core.archive, lineage, files, workers, approval_store, find_encoder()
    )
    seed_images = SeedImages(files, externals.attachments, workers, pictures, limits)
    gallery = GalleryService(
        entries=GalleryStore(database),
        rankings=RankingStore(database),
        guilds=core.guilds,
        jobs=core.jobs,
        lineage=lineage,
        files=files,
        workers=workers,
        gallery_channel=externals.gallery_channel,
        clock=clock,
    )
    cases = CaseBuilder(core.jobs, lineage, files, workers, core.moderation)
    approvals = ApprovalService(
        store=approval_store,
        guilds=core.guilds,
        cases=cases,
        history=core.history,
        quotas=core.quotas,
        publisher=externals.publisher,
        moderators_channel=externals.moderators_channel,
        gallery=gallery,
        clock=clock,
    )
    render_steps = RenderSteps(
        database=database,
        jobs=core.jobs,
        files=files,
        workers=workers,
        submitter=submitter,
        poller=poller,
        slots=slots,
        admission=core.admission,
        clock=clock,
        model=runware.model,
        price=settings.limits.result_price,
        grace_period=timedelta(seconds=runware.grace_seconds),
        max_task_time=timedelta(minutes=runware.task_minutes),
    )
    pipeline = JobPipeline(
        database=database,
        jobs=core.jobs,
        ledger=core.ledger,
        files=files,
        quotas=core.quotas,
        admission=core.admission,
        policy=core.policy,
        usage_stats=core.usage_stats,
        membership=membership,
        render_steps=render_steps,
        slots=slots,
        seed_images=seed_images,
        media=externals.media,
        workers=workers,
        publisher=externals.publisher,
        gallery=gallery,
        approvals=approvals,
        card_updater=card_updater,
        clock=clock,
        max_canvas_pixels=images.max_canvas_pixels,
    )
    dispatcher = Dispatcher(
        core.jobs,
        LeaseStore(database),
        pipeline,
        clock,
        externals.rng,
        DispatcherConfig(externals.owner, slots, settings.limits.running_per_user),
    )
    acceptance = OrderAcceptance(
        database=database,
        jobs=core.jobs,
        ledger=core.ledger,
        quotas=core.quotas,
        policy=core.policy,
        usage_stats=core.usage_stats,
        admission=core.admission,
        dispatcher=dispatcher,
        card_updater=card_updater,
        image_limits=limits,
        max_canvas_pixels=images.max_canvas_pixels,
        clock=clock,
        new_uuid=externals.new_uuid,
    )
    reports = ReportService(
        database,
        core.guilds,
        core.moderation,
        approval_store,
        cases,
        externals.moderators_channel,
        clock,
    )
    guild_lifecycle = GuildLifecycle(membership, acceptance, core.history, clock)
    return Services(
        core=core,
        submitter=submitter,
        poller=poller,
        slots=slots,
        card_updater=card_updater,
        dispatcher=dispatcher,
        queue_status=QueueStatusReader(dispatcher, externals.client, clock),
        acceptance=acceptance,
        pictures=pictures,
        drafts=DraftService(
            acceptance=acceptance,
            quotas=core.quotas,
            drafts=DraftStore(database),
            seed_images=seed_images,
            files=files,
            workers=workers,
            guilds=core.guilds,
            clock=clock,
            new_uuid=externals.new_uuid,
        ),
        gallery=gallery,
        weekly_best=WeeklyBest(gallery),
        approvals=approvals,
        moderation=ModerationActions(
            database, core.guilds, core.moderation, core.ledger, acceptance, approvals, reports
        ),
        guild_settings=GuildSettingsService(
            core.guilds,
            core.moderation,
            externals.moderators_channel,
            clock,
            settings.limits.max_tolerance,
        ),
        guild_lifecycle=guild_lifecycle,
        retention=Retention(
            core.archive,
            core.history,
            files,
            guild_lifecycle,
            clock,
            max_age=timedelta(days=settings.storage.keep_days),
        ),
        periodic_tasks=PeriodicTasks(
            database,
            core.auditor,
            ParkedJobChecker(core.parked, poller),
            core.key_values,
            clock,
            settings.storage.backups,
        ),
    )
