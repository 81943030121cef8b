"""The books and all that is done with them: what the bot and the operator's commands share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from bot.clock import Clock
from bot.config import Settings
from bot.services.accounting import Accounting
from bot.services.auditor import Auditor
from bot.services.caps import Caps
from bot.services.intake import Intake
from bot.services.parked import Decisions
from bot.services.policy import Policy
from bot.services.usage import UsageBook
from bot.storage.database import Database
from bot.storage.guilds import GuildStore
from bot.storage.intake import IntakeStore
from bot.storage.jobs import JobStore
from bot.storage.ledger import LedgerStore
from bot.storage.moderation import ModerationStore
from bot.storage.statements import StatementStore
from bot.storage.usage import UsageStore


@dataclass(frozen=True, slots=True)
class Office:
    """Made by `of`; needs neither Discord nor the provider."""

    database: Database
    jobs: JobStore
    ledger: LedgerStore
    guilds: GuildStore
    accounting: Accounting
    intake: Intake
    policy: Policy
    usage: UsageBook
    auditor: Auditor
    decisions: Decisions
    statements: StatementStore
    clock: Clock

    @classmethod
    def of(cls, settings: Settings, database: Database, clock: Clock) -> Self:
        """Open the books of a database under the operator's settings."""
        jobs, ledger = JobStore(database), LedgerStore(database)
        guilds, store = GuildStore(database), IntakeStore(database)
        storage = settings.storage
        return cls(
            database,
            jobs,
            ledger,
            guilds,
            Accounting(ledger, Caps(guilds, store, settings.limits, settings.personal)),
            Intake(
                store,
                settings.limits,
                clock,
                storage.data_dir,
                min_free=storage.min_free_mib * 2**20,
                reserve=storage.reserve_mib * 2**20,
            ),
            Policy(
                database,
                guilds,
                ModerationStore(database),
                clock,
                settings.limits.max_tolerance,
            ),
            UsageBook(database, guilds, UsageStore(database), clock),
            Auditor(database, jobs, ledger, clock),
            Decisions(database, jobs, ledger, clock),
            StatementStore(database),
            clock,
        )
