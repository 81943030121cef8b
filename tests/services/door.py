"""The accepting side alone: a real database and a clock to turn; nothing carries the jobs."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from bench.provider.backroom import KeepingPublisher
from bot.config import LimitSettings, PersonalSettings
from bot.domain.geometry import Size
from bot.domain.ids import ChannelId, GuildId, InteractionId, JobId, RoleId, UserId
from bot.domain.job import Job
from bot.domain.ledger import Unit
from bot.domain.order import Attachment, Order, Origin
from bot.domain.request import Direction, Directional
from bot.domain.tolerance import MAX_TOLERANCE
from bot.images.gate import ImageLimits
from bot.services.accounting import Accounting
from bot.services.caps import Caps
from bot.services.expansion import Expansions
from bot.services.intake import Intake
from bot.services.policy import Policy
from bot.services.ports import Turn
from bot.services.progress import Progress
from bot.services.usage import UsageBook
from bot.storage.database import Database
from bot.storage.guilds import GuildStore
from bot.storage.intake import IntakeStore
from bot.storage.jobs import JobStore
from bot.storage.ledger import LedgerStore
from bot.storage.moderation import ModerationStore
from bot.storage.usage import UsageStore

GUILD, ANA = GuildId(10), UserId(30)
ORDER = Order(
    Attachment("http://x/a.png", "a.png", 1000, "image/png", Size(640, 480)),
    Directional(Direction.RIGHT, 64),
    "",
)


@dataclass(slots=True)
class TurnedClock:
    """Stand where the test puts it."""

    at: datetime = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class NobodyCarries:
    """Leave every job where it is."""

    def wake(self, _job_id: JobId) -> None:
        """Do nothing."""

    def turn(self, _job_id: JobId) -> Turn | None:
        return None

    async def run(self) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Do nothing."""


@dataclass(slots=True)
class Door:
    database: Database
    folder: Path
    limits: LimitSettings
    clock: TurnedClock = field(default_factory=TurnedClock)
    min_free: int = 0
    personal: PersonalSettings = field(default_factory=PersonalSettings)
    jobs: JobStore = field(init=False)
    ledger: LedgerStore = field(init=False)
    guilds: GuildStore = field(init=False)
    intake: Intake = field(init=False)
    accounting: Accounting = field(init=False)
    expansions: Expansions = field(init=False)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.jobs, self.ledger = JobStore(self.database), LedgerStore(self.database)
        self.guilds, store = GuildStore(self.database), IntakeStore(self.database)
        self.intake = Intake(store, self.limits, self.clock, self.folder, min_free=self.min_free)
        self.accounting = Accounting(
            self.ledger, Caps(self.guilds, store, self.limits, self.personal)
        )
        self.expansions = Expansions(
            database=self.database,
            jobs=self.jobs,
            ledger=self.ledger,
            accounting=self.accounting,
            policy=Policy(
                self.database,
                self.guilds,
                ModerationStore(self.database),
                self.clock,
                MAX_TOLERANCE,
            ),
            usage=UsageBook(self.database, self.guilds, UsageStore(self.database), self.clock),
            intake=self.intake,
            engine=NobodyCarries(),
            progress=Progress(KeepingPublisher(), self.clock),
            images=ImageLimits(2**20, 24_000_000, 16, 8192),
            max_canvas_pixels=40_000_000,
            clock=self.clock,
            new_uuid=uuid.uuid4,
        )

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path, **limits: Any) -> AsyncIterator[Self]:
        async with Database.open(folder / "jobs.db") as database:
            yield cls(database, folder, LimitSettings.model_validate(limits))

    def origin(self, user: int = ANA, guild: int = GUILD, roles: Sequence[int] = ()) -> Origin:
        number = InteractionId(next(self._numbers))
        held = tuple(RoleId(role) for role in roles)
        return Origin(number, GuildId(guild), ChannelId(20), UserId(user), "Ana", held)

    async def accept(
        self, user: int = ANA, guild: int = GUILD, results: int = 1, roles: Sequence[int] = ()
    ) -> Job:
        order = Order(ORDER.attachment, ORDER.request, "", results)
        return await self.expansions.accept(self.origin(user, guild, roles), order, "token")

    async def done(self, job: Job, *, cost: int | None = None) -> None:
        """End a job as if its pictures had been delivered, at its hold or at another cost."""
        billed = job.hold if cost is None else cost
        async with self.database.write() as tx:
            costs = {Unit.MICRO_USD: billed, Unit.RESULT: job.order.results if billed else 0}
            await self.ledger.settle(tx, job.id, costs, self.clock.now())
            await tx.run("UPDATE job SET state = 'settled' WHERE id = :id", {"id": job.id})

    async def refused_by_moderation(self, job: Job) -> None:
        """End a job as moderation does."""
        async with self.database.write() as tx:
            await self.ledger.settle(tx, job.id, {}, self.clock.now())
            await self.intake.strike(tx, job.id, job.origin.user_id)
            await tx.run("UPDATE job SET state = 'failed' WHERE id = :id", {"id": job.id})
