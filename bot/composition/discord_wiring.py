"""Wires what members see and touch; `bot.composition.app` wires everything else."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.clock import Clock
from bot.composition.core_services import CoreServices
from bot.images.film.mp4 import find_encoder
from bot.images.validation import ImageLimits
from bot.images.worker_pool import ImageWorkerPool
from bot.runware.media_download import Downloader
from bot.services.billing.quotas import QuotaService
from bot.services.gallery.gallery import GalleryService
from bot.services.guilds.lifecycle import GuildLifecycle
from bot.services.guilds.settings import GuildSettingsService
from bot.services.maintenance.retention import Retention
from bot.services.members.history import MemberHistory
from bot.services.members.privacy import PrivacyService
from bot.services.moderation.actions import ModerationActions
from bot.services.moderation.approvals import ApprovalService
from bot.services.moderation.cases import CaseBuilder
from bot.services.moderation.reports import ReportService
from bot.services.orders.acceptance import OrderAcceptance
from bot.services.orders.drafts import DraftService
from bot.services.pictures.library import PictureLibrary
from bot.services.pictures.seed_images import SeedImages
from bot.services.ports.jobs import Publisher
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.approvals import ApprovalStore
from bot.storage.repositories.archive import ArchiveStore
from bot.storage.repositories.drafts import DraftStore
from bot.storage.repositories.gallery import GalleryStore
from bot.storage.repositories.guild_membership import GuildMembershipStore
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.key_values import KeyValueStore
from bot.storage.repositories.lineage import LineageStore
from bot.storage.repositories.member_preferences import MemberPreferenceStore
from bot.storage.repositories.moderation import ModerationStore
from bot.storage.repositories.rankings import RankingStore
from bot.storage.sqlite.database import Database
from bot.ui.channels.gallery_channel import DiscordGalleryChannel
from bot.ui.channels.moderators_channel import DiscordModeratorsChannel
from bot.ui.channels.publisher import DiscordPublisher
from bot.ui.client import ExpanseBot, OperatorServices
from bot.ui.i18n import translations
from bot.ui.interactions.services import InteractionServices
from bot.ui.views.custom_ids import CustomIdCodec

_SEAL: Final = "button_secret"


@dataclass(frozen=True, slots=True)
class DiscordWiring:
    """What deals with pictures once they exist."""

    jobs: JobStore
    archive: ArchiveStore
    files: FileStore
    workers: ImageWorkerPool
    pictures: PictureLibrary
    seeds: SeedImages
    history: MemberHistory
    stays: GuildMembershipStore
    acts: ModerationStore
    clock: Clock

    @classmethod
    def of(
        cls,
        database: Database,
        files: FileStore,
        workers: ImageWorkerPool,
        attachments: Downloader,
        limits: ImageLimits,
        clock: Clock,
    ) -> DiscordWiring:
        jobs, archive = JobStore(database), ArchiveStore(database)
        lineage, waiting = LineageStore(database), ApprovalStore(database)
        pictures = PictureLibrary(jobs, archive, lineage, files, workers, waiting, find_encoder())
        seeds = SeedImages(files, attachments, workers, pictures, limits)
        history = MemberHistory(archive, files, clock)
        stays, acts = GuildMembershipStore(database), ModerationStore(database)
        return cls(jobs, archive, files, workers, pictures, seeds, history, stays, acts, clock)

    def gallery(self, database: Database, bot: ExpanseBot, seal: CustomIdCodec) -> GalleryService:
        guilds = GuildSettingsStore(database)
        return GalleryService(
            entries=GalleryStore(database),
            rankings=RankingStore(database),
            guilds=guilds,
            jobs=self.jobs,
            lineage=LineageStore(database),
            files=self.files,
            workers=self.workers,
            gallery_channel=DiscordGalleryChannel(bot, seal, guilds.get),
            clock=self.clock,
        )

    def approvals(
        self,
        accounting: QuotaService,
        gallery: GalleryService,
        bot: ExpanseBot,
        publisher: DiscordPublisher,
        seal: CustomIdCodec,
    ) -> ApprovalService:
        return ApprovalService(
            store=self.pictures.approvals,
            guilds=gallery.guilds,
            cases=CaseBuilder(
                self.jobs, self.pictures.lineage, self.files, self.workers, self.acts
            ),
            history=self.history,
            quotas=accounting,
            publisher=publisher,
            moderators_channel=DiscordModeratorsChannel(bot, seal, publisher, gallery.guilds.get),
            gallery=gallery,
            clock=self.clock,
        )

    def retention(self, departures: GuildLifecycle, *, days: int) -> Retention:
        keep = timedelta(days=days)
        history = self.history
        return Retention(self.archive, history, self.files, departures, self.clock, max_age=keep)

    def departures(self, expansions: OrderAcceptance) -> GuildLifecycle:
        return GuildLifecycle(self.stays, expansions, self.history, self.clock)

    def desk(
        self,
        expansions: OrderAcceptance,
        approvals: ApprovalService,
        seal: CustomIdCodec,
        *,
        days: int,
    ) -> InteractionServices:
        """Return what commands and presses call."""
        database, policy = expansions.database, expansions.policy
        people = MemberPreferenceStore(database)
        return InteractionServices(
            acceptance=expansions,
            quotas=expansions.quotas,
            pictures=self.pictures,
            drafts=DraftService(
                acceptance=expansions,
                quotas=expansions.quotas,
                drafts=DraftStore(database),
                seed_images=self.seeds,
                files=self.files,
                workers=self.workers,
                guilds=policy.guilds,
                clock=self.clock,
                new_uuid=uuid.uuid4,
            ),
            history=self.history,
            privacy=PrivacyService(self.jobs, self.archive, people, self.history, self.clock),
            gallery=approvals.gallery,
            moderation=_moderation(expansions, approvals),
            guild_settings=GuildSettingsService(
                policy.guilds,
                policy.moderation,
                approvals.moderators_channel,
                self.clock,
                policy.operator_tolerance,
            ),
            codec=seal,
            clock=self.clock,
            retention_days=days,
        )


def _moderation(expansions: OrderAcceptance, approvals: ApprovalService) -> ModerationActions:
    database, policy = expansions.database, expansions.policy
    return ModerationActions(
        database=database,
        guilds=policy.guilds,
        store=policy.moderation,
        ledger=expansions.ledger,
        acceptance=expansions,
        approvals=approvals,
        reports=ReportService(
            database,
            policy.guilds,
            policy.moderation,
            approvals.store,
            approvals.cases,
            approvals.moderators_channel,
            approvals.clock,
        ),
    )


def operator_services(
    operators: Iterable[int], office: CoreServices, publisher: Publisher
) -> OperatorServices:
    """Return what the operator's commands call."""
    return OperatorServices(
        frozenset(operators),
        office.intake,
        office.accounting,
        office.statements,
        office.auditor,
        office.decisions,
        office.jobs,
        publisher,
    )


async def build_bot(database: Database, clock: Clock) -> tuple[ExpanseBot, CustomIdCodec]:
    """Return the bot, and the seal of its buttons, whose secret is made once and kept."""
    facts = KeyValueStore(database)
    known = await facts.get(_SEAL)
    if known is None:
        known = secrets.token_hex(32)
        await facts.set(_SEAL, known)
    await asyncio.to_thread(translations.preload_translations)
    return ExpanseBot(facts, clock), CustomIdCodec(bytes.fromhex(known))
