"""Wiring of the services that bot and command line share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.clock import Clock
from bot.composition.prompts import build_pattern_matcher
from bot.config.settings import Settings
from bot.services.billing.auditor import Auditor
from bot.services.billing.limits import LimitPolicy
from bot.services.billing.quotas import QuotaService
from bot.services.billing.usage_stats import UsageStats
from bot.services.jobs.parked import ParkedJobDecisions
from bot.services.members.erasure import MemberErasure
from bot.services.members.export import MemberExport
from bot.services.members.history import MemberHistory
from bot.services.members.privacy import PrivacyService
from bot.services.orders.admission import AdmissionControl
from bot.services.orders.order_inspection import OrderInspection
from bot.services.orders.policy import GuildPolicy
from bot.services.prompts.pattern_matcher import PatternMatcher
from bot.services.prompts.prompt_checks import PromptChecks
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.archive import ArchiveStore
from bot.storage.repositories.billing.admission import AdmissionStore
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.billing.statements import StatementStore
from bot.storage.repositories.billing.usage import UsageStore
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.key_values import KeyValueStore
from bot.storage.repositories.member_preferences import MemberPreferenceStore
from bot.storage.repositories.members.erasure import ErasureStore
from bot.storage.repositories.members.records import MemberRecordStore
from bot.storage.repositories.moderation import ModerationStore
from bot.storage.repositories.pictures.pending_files import PendingFileStore
from bot.storage.repositories.shared_messages import SharedMessageStore
from bot.storage.sqlite.database import Database

_MIB: Final = 2**20


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
    shared: SharedMessageStore
    moderation: ModerationStore
    statements: StatementStore
    key_values: KeyValueStore
    limits: LimitPolicy
    quotas: QuotaService
    admission: AdmissionControl
    patterns: PatternMatcher
    policy: GuildPolicy
    inspection: OrderInspection
    usage_stats: UsageStats
    auditor: Auditor
    parked: ParkedJobDecisions
    history: MemberHistory
    erasure: MemberErasure
    exports: MemberExport
    privacy: PrivacyService


def build_core_services(
    settings: Settings, database: Database, clock: Clock, files: FileStore | None = None
) -> CoreServices:
    """Wire the services that need only the database and the file store."""
    pending = PendingFileStore(database, clock)
    files = files or FileStore(settings.storage.files_dir, pending.record_digest)
    jobs, ledger, guilds = JobStore(database), LedgerStore(database), GuildSettingsStore(database)
    archive, shared = ArchiveStore(database), SharedMessageStore(database)
    moderation, admission_store = ModerationStore(database), AdmissionStore(database)
    limits = LimitPolicy(guilds, admission_store, settings.bounded_limits, settings.personal)
    history = MemberHistory(archive, files, shared, clock)
    admission = _build_admission(settings, admission_store, clock)
    patterns, policy = _build_policy(settings, guilds, moderation, clock)
    quotas = QuotaService(ledger, limits, settings.price_rule, settings.images.max_canvas_pixels)
    return CoreServices(
        settings,
        database,
        clock,
        files,
        jobs,
        ledger,
        guilds,
        archive,
        shared,
        moderation,
        StatementStore(database),
        KeyValueStore(database),
        limits,
        quotas,
        admission,
        patterns,
        policy,
        OrderInspection(policy, limits, quotas, admission, clock),
        UsageStats(guilds, UsageStore(database), clock),
        Auditor(database, jobs, ledger, clock),
        ParkedJobDecisions(jobs, ledger, clock),
        history,
        MemberErasure(archive, ErasureStore(database), shared, history, files, clock),
        MemberExport(MemberRecordStore(database), files, clock),
        PrivacyService(MemberPreferenceStore(database), clock),
    )


def _build_policy(
    settings: Settings, guilds: GuildSettingsStore, moderation: ModerationStore, clock: Clock
) -> tuple[PatternMatcher, GuildPolicy]:
    patterns = build_pattern_matcher()
    prompts = PromptChecks(patterns)
    return patterns, GuildPolicy(guilds, moderation, prompts, clock, settings.max_tolerance)


def _build_admission(settings: Settings, store: AdmissionStore, clock: Clock) -> AdmissionControl:
    storage = settings.storage
    return AdmissionControl(
        store,
        settings.limits,
        clock,
        storage.data_dir,
        min_free=storage.min_free_mib * _MIB,
        reserve=storage.reserve_mib * _MIB,
    )
