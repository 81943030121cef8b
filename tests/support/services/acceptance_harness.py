"""Order acceptance with a real database and a manual clock; no job is run."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from bot.composition.externals import Externals
from bot.composition.services import Services, build_services
from bot.config.settings import ImageSettings, LimitSettings, PersonalSettings
from bot.domain.geometry import Size
from bot.domain.ids import ChannelId, GuildId, InteractionId, RoleId, UserId
from bot.domain.job import Job
from bot.domain.ledger import LedgerUnit
from bot.domain.order import Attachment, Order, Origin
from bot.domain.request import Direction, DirectionalMargins
from bot.services.billing.quotas import QuotaService
from bot.services.jobs.poller import PollSchedule
from bot.services.orders.admission import AdmissionControl
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.sqlite.database import Database
from tests.support.services.picture_channels import OrdinaryChannels
from tests.support.services.service_harness import RecordingPublisher
from tests.support.services.service_wiring import NOWHERE, ServiceAccess, build_test_settings

GUILD, ANA = GuildId(10), UserId(30)
ORDER = Order(
    Attachment("http://x/a.png", "a.png", 1000, "image/png", Size(640, 480)),
    DirectionalMargins(Direction.RIGHT, 64),
    "",
)


@dataclass(slots=True)
class ManualClock:
    """A clock that moves only by `sleep` or when the test sets it."""

    current_time: datetime = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.current_time

    def monotonic(self) -> float:
        return self.current_time.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.current_time += timedelta(seconds=seconds)


@dataclass(slots=True)
class AcceptanceHarness(ServiceAccess):
    """Order acceptance on one database; its methods place orders and end jobs."""

    database: Database
    folder: Path
    limits: LimitSettings
    clock: ManualClock = field(default_factory=ManualClock)
    min_free_mib: int = 0
    personal: PersonalSettings = field(default_factory=PersonalSettings)
    services: Services = field(init=False)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        images = ImageSettings(
            max_bytes=2**20, max_pixels=24_000_000, min_side=16, max_canvas_pixels=40_000_000
        )
        self.services = build_services(
            build_test_settings(
                self.folder,
                self.limits,
                personal=self.personal,
                images=images,
                min_free_mib=self.min_free_mib,
            ),
            self.database,
            self.clock,
            Externals(
                client=NOWHERE,
                catalog=NOWHERE,
                attachments=NOWHERE,
                media=NOWHERE,
                workers=NOWHERE,
                publisher=RecordingPublisher(),
                gallery_channel=NOWHERE,
                moderators_channel=NOWHERE,
                picture_channels=OrdinaryChannels(),
                operators_channel=NOWHERE,
                poll_schedule=PollSchedule(),
            ),
        )

    @property
    def guilds(self) -> GuildSettingsStore:
        return self.services.core.guilds

    @property
    def admission(self) -> AdmissionControl:
        return self.services.core.admission

    @property
    def quotas(self) -> QuotaService:
        return self.services.core.quotas

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path, **limits: Any) -> AsyncIterator[Self]:
        async with Database.open(folder / "jobs.db") as database:
            yield cls(database, folder, LimitSettings.model_validate(limits))

    def build_origin(
        self, user: int = ANA, guild: int = GUILD, roles: Sequence[int] = ()
    ) -> Origin:
        number = InteractionId(next(self._numbers))
        held = tuple(RoleId(role) for role in roles)
        return Origin(number, GuildId(guild), ChannelId(20), UserId(user), "Ana", held)

    async def accept_order(
        self, user: int = ANA, guild: int = GUILD, results: int = 1, roles: Sequence[int] = ()
    ) -> Job:
        order = Order(ORDER.attachment, ORDER.request, "", results)
        return await self.acceptance.accept_order(
            self.build_origin(user, guild, roles), order, "token"
        )

    async def settle_job(self, job: Job, *, cost: int | None = None) -> None:
        """End a job as if its pictures were delivered, at its hold or another cost."""
        billed = job.hold if cost is None else cost
        async with self.database.write() as tx:
            costs = {
                LedgerUnit.MICRO_USD: billed,
                LedgerUnit.RESULT: job.order.results if billed else 0,
            }
            await self.ledger.settle_job(tx, job.id, costs, self.clock.now())
            await tx.execute("UPDATE job SET state = 'settled' WHERE id = :id", {"id": job.id})

    async def fail_by_moderation(self, job: Job) -> None:
        """End a job as a moderation refusal does."""
        async with self.database.write() as tx:
            await self.ledger.settle_job(tx, job.id, {}, self.clock.now())
            await self.admission.record_strike(tx, job.id, job.origin.user_id)
            await tx.execute("UPDATE job SET state = 'failed' WHERE id = :id", {"id": job.id})
