"""Wiring of the services: every service gets its collaborators here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.clock import Clock
from bot.composition.core_services import CoreServices, build_core_services
from bot.composition.exposure import build_exposure
from bot.composition.externals import Externals
from bot.composition.job_services import JobServices, build_job_services
from bot.composition.provider import build_provider_checks, build_reconciliation
from bot.config.settings import Settings
from bot.images.film.mp4 import find_encoder
from bot.images.validation import ImageLimits
from bot.images.worker_priority import WorkerPriority
from bot.services.billing.provider_checks import ProviderChecks
from bot.services.billing.provider_watch import ProviderWatch
from bot.services.exposure.decision import ExposurePolicy
from bot.services.exposure.shared_messages import SharedMessages
from bot.services.free_work.free_work import FreeWork
from bot.services.free_work.unused_readings import UnusedReadings
from bot.services.gallery.copies import PublicCopies
from bot.services.gallery.gallery import GalleryService
from bot.services.gallery.rankings import GalleryRankings
from bot.services.gallery.votes import GalleryVotes
from bot.services.guilds.lifecycle import GuildLifecycle
from bot.services.guilds.settings import GuildSettingsService
from bot.services.jobs.delivery import JobDelivery
from bot.services.jobs.parked import ParkedJobChecker
from bot.services.jobs.pipeline import JobPreparation
from bot.services.maintenance.file_sweep import FileSweep
from bot.services.maintenance.periodic_tasks import PeriodicTasks, Retention
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
from bot.services.orders.checks import OrderChecks
from bot.services.orders.drafts import DraftService
from bot.services.orders.job_control import JobControl
from bot.services.pictures.details import DetailsReader
from bot.services.pictures.library import PictureLibrary
from bot.services.pictures.marking import MarkingPolicy
from bot.services.pictures.masters import PictureMasters
from bot.services.pictures.reading_strikes import ReadingStrikes
from bot.services.pictures.seed_images import SeedImages
from bot.services.progress.result_sender import ResultSender
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.approvals import ApprovalStore
from bot.storage.repositories.billing.admission import AdmissionStore
from bot.storage.repositories.drafts import DraftStore
from bot.storage.repositories.gallery import GalleryStore
from bot.storage.repositories.guild_membership import GuildMembershipStore
from bot.storage.repositories.lineage import LineageStore
from bot.storage.repositories.pictures.pending_files import PendingFileStore
from bot.storage.repositories.rankings import RankingStore
from bot.storage.sqlite.database import Database

_FETCHED_AHEAD: Final = 1
"""Free requests beyond the image workers, so that a file is fetched while others are drawn."""


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
    exposure: ExposurePolicy
    shared_messages: SharedMessages
    copies: PublicCopies
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
        group.create_task(self.shared_messages.run(), name="shared")
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
    lineage, entries = LineageStore(database), GalleryStore(database)
    exposure, provenance = build_exposure(core.database, core.clock, externals.picture_channels)
    checks = OrderChecks(
        core.policy,
        exposure,
        limits,
        images.max_canvas_pixels,
        settings.image_model,
        settings.best_pixels,
    )
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
    readings = UnusedReadings(clock)
    heavy_seeds = replace(order_seeds, workers=priority.heavy_orders)
    preparation = JobPreparation(jobs, order_seeds, heavy_seeds, checks, readings, clock)
    gallery = GalleryService(entries, guilds, jobs, exposure, files, workers, channel, clock)
    shared = SharedMessages(core.shared, jobs, provenance, externals.picture_channels, clock)
    copies = PublicCopies(gallery, shared)
    sender = ResultSender(jobs, core.archive, quotas, exposure, core.shared, publisher, clock)
    cases = CaseBuilder(jobs, lineage, files, workers, core.moderation, provenance, core.archive)
    approvals = ApprovalService(waiting, guilds, cases, history, sender, moderators, copies, clock)
    delivery = JobDelivery(jobs, files, membership, approvals, sender, gallery, publisher, clock)
    job_services = build_job_services(core, for_orders, preparation, delivery, marking)
    control, poller = job_services.control, job_services.poller
    stats, new_uuid = core.usage_stats, externals.new_uuid
    acceptance = OrderAcceptance(jobs, checks, quotas, stats, core.admission, clock, new_uuid)
    lifecycle = GuildLifecycle(membership, control, core.erasure, clock)
    parked_checker = ParkedJobChecker(core.parked, jobs, poller, clock)
    max_age, backups = timedelta(days=settings.storage.keep_days), settings.storage.backups
    sweep = FileSweep(files, PendingFileStore(database, clock), clock)
    retention = Retention(core.archive, history, files, lifecycle, sweep, strikes, clock, max_age)
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
        exposure,
        shared,
        copies,
        gallery,
        GalleryVotes(entries, guilds, gallery, channel, clock),
        GalleryRankings(RankingStore(database), guilds, channel, clock),
        _build_moderation(core, externals, cases, approvals, control, copies),
        GuildSettingsService(
            guilds,
            core.moderation,
            moderators,
            core.patterns,
            clock,
            tolerance,
            images.allow_unmarked,
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


def _build_moderation(
    core: CoreServices,
    externals: Externals,
    cases: CaseBuilder,
    approvals: ApprovalService,
    job_control: JobControl,
    copies: PublicCopies,
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
        SpoilerActions(cases, history, approvals, core.quotas, copies, channel, reports, acts),
        RemovalActions(cases, history, approvals, copies, job_control, channel, reports, acts),
    )
