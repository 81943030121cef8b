"""The books and all that is done with them: what the bot and the operator's commands share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from bot.clock import Clock
from bot.config.settings import Settings
from bot.services.billing.auditor import Auditor
from bot.services.billing.limits import LimitPolicy
from bot.services.billing.quotas import QuotaService
from bot.services.billing.usage_stats import UsageStats
from bot.services.jobs.parked import ParkedJobDecisions
from bot.services.orders.admission import AdmissionControl
from bot.services.orders.policy import GuildPolicy
from bot.storage.repositories.billing.admission import AdmissionStore
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.billing.statements import StatementStore
from bot.storage.repositories.billing.usage import UsageStore
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.moderation import ModerationStore
from bot.storage.sqlite.database import Database


@dataclass(frozen=True, slots=True)
class CoreServices:
    """Made by `of`; needs neither Discord nor the provider."""

    database: Database
    jobs: JobStore
    ledger: LedgerStore
    guilds: GuildSettingsStore
    accounting: QuotaService
    intake: AdmissionControl
    policy: GuildPolicy
    usage: UsageStats
    auditor: Auditor
    decisions: ParkedJobDecisions
    statements: StatementStore
    clock: Clock

    @classmethod
    def of(cls, settings: Settings, database: Database, clock: Clock) -> Self:
        """Open the books of a database under the operator's settings."""
        jobs, ledger = JobStore(database), LedgerStore(database)
        guilds, store = GuildSettingsStore(database), AdmissionStore(database)
        storage = settings.storage
        return cls(
            database,
            jobs,
            ledger,
            guilds,
            QuotaService(ledger, LimitPolicy(guilds, store, settings.limits, settings.personal)),
            AdmissionControl(
                store,
                settings.limits,
                clock,
                storage.data_dir,
                min_free=storage.min_free_mib * 2**20,
                reserve=storage.reserve_mib * 2**20,
            ),
            GuildPolicy(
                database,
                guilds,
                ModerationStore(database),
                clock,
                settings.limits.max_tolerance,
            ),
            UsageStats(database, guilds, UsageStore(database), clock),
            Auditor(database, jobs, ledger, clock),
            ParkedJobDecisions(database, jobs, ledger, clock),
            StatementStore(database),
            clock,
        )
