"""Wiring of the services: every service gets its collaborators here."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from bot.clock import Clock
from bot.composition.provider import build_provider_checks, build_reconciliation
from bot.config.settings import Settings
from bot.images.film.mp4 import find_encoder
from bot.images.validation import ImageLimits
from bot.images.worker_priority import ImageWorkers, WorkerPriority
from bot.runware.catalog import ModelCatalog
from bot.runware.client import RunwareClient
from bot.runware.media_download import Downloader
from bot.services.billing.auditor import Auditor
from bot.services.billing.limits import LimitPolicy
from bot.services.billing.provider_checks import ProviderChecks
from bot.services.billing.provider_watch import ProviderWatch
from bot.services.billing.quotas import QuotaService
from bot.services.billing.usage_stats import UsageStats
from bot.services.free_work.free_work import FreeWork
from bot.services.gallery.gallery import GalleryService
from bot.services.gallery.rankings import GalleryRankings
from bot.services.gallery.votes import GalleryVotes
from bot.services.guilds.lifecycle import GuildLifecycle
from bot.services.guilds.settings import GuildSettingsService
from bot.services.jobs.delivery import JobClosing, JobDelivery
from bot.services.jobs.dispatcher import Dispatcher, DispatcherConfig
from bot.services.jobs.parked import ParkedJobChecker, ParkedJobDecisions
from bot.services.jobs.pipeline import JobPipeline, JobPreparation
from bot.services.jobs.poller import Poller, PollSchedule
from bot.services.jobs.provider_slots import ProviderSlots
from bot.services.jobs.render_steps import ResultCollection, TaskReconciliation, TaskSubmission
from bot.services.jobs.result_storage import ResultStorage
from bot.services.jobs.submitter import Submitter
from bot.services.maintenance.periodic_tasks import PeriodicTasks, Retention
from bot.services.members.history import MemberHistory
from bot.services.members.privacy import PrivacyService
from bot.services.moderation.actions import (
    ActLog,
    CaseActions,
    MemberActions,
    ModerationServices,
    RemovalActions,
    SpoilerActions,
)
from bot.services.moderation.approvals import ApprovalService
from bot.services.moderation.cases import CaseBuilder
from bot.services.moderation.reports import ReportService
from bot.services.orders.acceptance import OrderAcceptance
from bot.services.orders.admission import AdmissionControl
from bot.services.orders.checks import OrderChecks
from bot.services.orders.drafts import DraftService
from bot.services.orders.job_control import JobControl
from bot.services.orders.policy import GuildPolicy
from bot.services.pictures.details import DetailsReader
from bot.services.pictures.library import PictureLibrary
from bot.services.pictures.marking import MarkingPolicy
from bot.services.pictures.masters import PictureMasters
from bot.services.pictures.reading_strikes import ReadingStrikes
from bot.services.pictures.seed_images import SeedImages
from bot.services.ports.channels import GalleryChannel, ModeratorsChannel
from bot.services.ports.jobs import Publisher
from bot.services.ports.provider import OperatorsChannel
from bot.services.progress.card_updates import CardUpdater
from bot.services.progress.order_summary import OrderSummary
from bot.services.progress.queue_status import QueueStatusReader
from bot.services.progress.result_sender import ResultSender
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
_FETCHED_AHEAD: Final = 1
"""Pieces of free work beyond the image workers: one file is fetched while others are drawn."""


@dataclass(frozen=True, slots=True)
class CoreServices:
    """The services that bot and command line share; they need neither Discord nor the provider."""

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
    """Wire the services that need only the database and the file store."""
    storage = settings.storage
    files = files or FileStore(storage.files_dir)
    jobs, ledger, guilds = JobStore(database), LedgerStore(database), GuildSettingsStore(database)
    archive, moderation = ArchiveStore(database), ModerationStore(database)
    admission_store = AdmissionStore(database)
    limits = LimitPolicy(guilds, admission_store, settings.bounded_limits, settings.personal)
    history = MemberHistory(archive, files, clock)
    admission = AdmissionControl(
        admission_store,
        settings.limits,
        clock,
        storage.data_dir,
        min_free=storage.min_free_mib * _MIB,
        reserve=storage.reserve_mib * _MIB,
    )
    return CoreServices(
        settings,
        database,
        clock,
        files,
        jobs,
        ledger,
        guilds,
        archive,
        moderation,
        StatementStore(database),
        KeyValueStore(database),
        limits,
        QuotaService(ledger, limits, settings.price_rule, settings.images.max_canvas_pixels),
        admission,
        GuildPolicy(guilds, moderation, clock, settings.max_tolerance),
        UsageStats(guilds, UsageStore(database), clock),
        Auditor(database, jobs, ledger, clock),
        ParkedJobDecisions(jobs, ledger, clock),
        history,
        PrivacyService(jobs, archive, MemberPreferenceStore(database), history, clock),
    )


@dataclass(frozen=True, slots=True)
class Externals:
    """What services need from outside: clients, workers, Discord's channels, randomness."""

    client: RunwareClient
    catalog: ModelCatalog
    attachments: Downloader
    media: Downloader
    workers: ImageWorkers
    publisher: Publisher
    gallery_channel: GalleryChannel
    moderators_channel: ModeratorsChannel
    operators_channel: OperatorsChannel
    poll_schedule: PollSchedule
    rng: random.Random = field(default_factory=random.Random)
    new_uuid: Callable[[], uuid.UUID] = uuid.uuid4
    owner: str = field(default_factory=lambda: uuid.uuid4().hex)
    """Names this process in leases."""


@dataclass(frozen=True, slots=True)
class JobServices:
    """The services that run jobs."""

    submitter: Submitter
    poller: Poller
    slots: ProviderSlots
    card_updater: CardUpdater
    summary: OrderSummary
    dispatcher: Dispatcher
    control: JobControl
    queue_status: QueueStatusReader


@dataclass(frozen=True, slots=True)
class Services:
    """All services: those with background tasks, and those that commands and components use."""

    core: CoreServices
    jobs: JobServices
    acceptance: OrderAcceptance
    free_work: FreeWork
    pictures: PictureLibrary
    masters: PictureMasters
    details: DetailsReader
    drafts: DraftService
    gallery: GalleryService
    gallery_votes: GalleryVotes
    gallery_rankings: GalleryRankings
    moderation: ModerationServices
    guild_settings: GuildSettingsService
    guild_lifecycle: GuildLifecycle
    provider_checks: ProviderChecks
    periodic_tasks: PeriodicTasks

    def start(self, group: asyncio.TaskGroup) -> None:
        """Start all background tasks in a group."""
        self.start_jobs(group)
        group.create_task(self.gallery.run(), name="gallery")
        group.create_task(self.moderation.approvals.run(), name="approvals")
        group.create_task(self.gallery_rankings.run(), name="weekly")
        group.create_task(self.periodic_tasks.run(), name="duties")

    def start_jobs(self, group: asyncio.TaskGroup) -> None:
        """Start the background tasks that run jobs."""
        group.create_task(self.jobs.dispatcher.run(), name="dispatcher")
        group.create_task(self.jobs.submitter.run(), name="submitter")
        group.create_task(self.jobs.poller.run(), name="poller")
        status = self.jobs.queue_status.get_status
        group.create_task(self.jobs.card_updater.run(status), name="progress")
        group.create_task(self.core.admission.run(), name="intake")


def build_services(
    settings: Settings,
    database: Database,
    clock: Clock,
    externals: Externals,
    files: FileStore | None = None,
) -> Services:
    """Wire all services, without opening or starting anything."""
    core = build_core_services(settings, database, clock, files)
    files, guilds, history, quotas = core.files, core.guilds, core.history, core.quotas
    images, jobs = settings.images, core.jobs
    priority = WorkerPriority(externals.workers, images.workers)
    workers = priority.free
    publisher = externals.publisher
    channel, moderators = externals.gallery_channel, externals.moderators_channel
    limits = ImageLimits(images.max_bytes, images.max_pixels, images.min_side, images.max_side)
    checks = OrderChecks(
        core.policy, limits, images.max_canvas_pixels, settings.image_model, settings.best_pixels
    )
    lineage, entries = LineageStore(database), GalleryStore(database)
    waiting, membership = ApprovalStore(database), GuildMembershipStore(database)
    marking, encoder = MarkingPolicy(guilds, images.allow_unmarked), find_encoder()
    pictures = PictureLibrary(
        jobs, core.archive, lineage, files, workers, waiting, marking, encoder
    )
    masters = PictureMasters(jobs, core.archive, lineage, files, workers, marking)
    strikes = ReadingStrikes(AdmissionStore(database), clock)
    seeds = SeedImages(files, externals.attachments, workers, masters, limits, strikes)
    for_orders = replace(externals, workers=priority.orders)
    order_masters = replace(masters, workers=priority.orders)
    order_seeds = replace(seeds, workers=priority.orders, masters=order_masters)
    gallery = GalleryService(entries, guilds, jobs, lineage, files, workers, channel, clock)
    sender = ResultSender(jobs, quotas, publisher)
    cases = CaseBuilder(jobs, lineage, files, workers, core.moderation)
    approvals = ApprovalService(waiting, guilds, cases, history, sender, moderators, gallery, clock)
    delivery = JobDelivery(jobs, files, membership, approvals, sender, gallery, publisher, clock)
    job_services = _build_job_services(core, for_orders, checks, order_seeds, delivery, marking)
    control, poller = job_services.control, job_services.poller
    stats, new_uuid = core.usage_stats, externals.new_uuid
    acceptance = OrderAcceptance(jobs, checks, quotas, stats, core.admission, clock, new_uuid)
    lifecycle = GuildLifecycle(membership, control, history, clock)
    parked_checker = ParkedJobChecker(core.parked, jobs, poller, clock)
    max_age, backups = timedelta(days=settings.storage.keep_days), settings.storage.backups
    retention = Retention(core.archive, history, files, lifecycle, clock, max_age)
    tolerance = settings.max_tolerance
    provider_checks = build_provider_checks(settings, externals.client, externals.catalog)
    reconciliation = build_reconciliation(settings, externals.client, core.statements, clock)
    operators = externals.operators_channel
    watch = ProviderWatch(provider_checks, reconciliation, operators, core.key_values, clock)
    return Services(
        core,
        job_services,
        acceptance,
        FreeWork(clock, images.workers + _FETCHED_AHEAD),
        pictures,
        masters,
        DetailsReader(core.archive, lineage, files, workers),
        DraftService(
            acceptance, checks, quotas, DraftStore(database), seeds, files, workers, clock
        ),
        gallery,
        GalleryVotes(entries, guilds, gallery, channel, clock),
        GalleryRankings(RankingStore(database), guilds, channel, clock),
        _build_moderation(core, externals, cases, approvals, control, gallery),
        GuildSettingsService(
            guilds, core.moderation, moderators, clock, tolerance, images.allow_unmarked
        ),
        lifecycle,
        provider_checks,
        PeriodicTasks(
            database,
            core.auditor,
            parked_checker,
            watch,
            retention,
            core.key_values,
            clock,
            backups,
        ),
    )


def _build_job_services(
    core: CoreServices,
    externals: Externals,
    checks: OrderChecks,
    seed_images: SeedImages,
    delivery: JobDelivery,
    marking: MarkingPolicy,
) -> JobServices:
    database, clock, jobs, files = core.database, core.clock, core.jobs, core.files
    runware, limits, admission = core.settings.runware, core.settings.limits, core.admission
    grace = timedelta(seconds=runware.grace_seconds)
    longest = timedelta(minutes=runware.task_minutes)
    workers, price = externals.workers, core.settings.price_rule
    submitter = Submitter(externals.client, clock)
    poller = Poller(externals.client, clock, externals.poll_schedule)
    slots = ProviderSlots(runware.max_in_flight)
    cards = CardUpdater(externals.publisher, clock)
    summary = OrderSummary(jobs, externals.publisher)
    model = core.settings.image_model
    submission = TaskSubmission(jobs, files, workers, submitter, slots, admission, clock, model)
    pipeline = JobPipeline(
        JobPreparation(jobs, seed_images, checks, clock),
        submission,
        TaskReconciliation(jobs, submission, poller, slots, clock, grace),
        ResultCollection(jobs, poller, slots, admission, clock, price, longest),
        ResultStorage(jobs, files, externals.media, workers, poller, marking, clock),
        delivery,
        JobClosing(jobs, core.ledger, core.usage_stats, admission, slots, delivery, summary, clock),
        cards,
    )
    config = DispatcherConfig(externals.owner, limits.running_per_user)
    leases = LeaseStore(database)
    dispatcher = Dispatcher(jobs, leases, pipeline, slots, admission, clock, externals.rng, config)
    control = JobControl(jobs, core.ledger, dispatcher, cards, summary, clock)
    status = QueueStatusReader(dispatcher, externals.client, clock)
    return JobServices(submitter, poller, slots, cards, summary, dispatcher, control, status)


def _build_moderation(
    core: CoreServices,
    externals: Externals,
    cases: CaseBuilder,
    approvals: ApprovalService,
    job_control: JobControl,
    gallery: GalleryService,
) -> ModerationServices:
    database, clock, guilds, store = core.database, core.clock, core.guilds, core.moderation
    channel, history = externals.moderators_channel, core.history
    acts, waiting = ActLog(store, guilds, channel, clock), ApprovalStore(database)
    reports = ReportService(guilds, store, waiting, cases, channel, clock)
    return ModerationServices(
        cases,
        reports,
        approvals,
        CaseActions(store, core.ledger, cases, approvals, reports, acts),
        MemberActions(guilds, store, acts, reports),
        SpoilerActions(cases, history, approvals, core.quotas, gallery, channel, reports, acts),
        RemovalActions(cases, history, approvals, gallery, job_control, channel, reports, acts),
    )
