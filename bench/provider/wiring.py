"""The services as the program wires them, but for Discord: whatever stands outside is handed in."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from bench.limits import GENEROUS
from bot.clock import Clock, SystemClock
from bot.config import LimitSettings
from bot.domain.tolerance import MAX_TOLERANCE
from bot.images.gate import ImageLimits
from bot.images.workers import ImageWorkers
from bot.runware.client import RunwareClient
from bot.runware.download import Downloader
from bot.services.accounting import Accounting
from bot.services.caps import Caps
from bot.services.engine import Dispatcher, Shape
from bot.services.expansion import Expansions
from bot.services.intake import Intake
from bot.services.pictures import Pictures
from bot.services.policy import Policy
from bot.services.poller import Pace, Poller
from bot.services.ports import Publisher
from bot.services.progress import Progress
from bot.services.provider_slots import ProviderSlots
from bot.services.rendering import Rendering
from bot.services.seeds import Seeds
from bot.services.steps import Steps
from bot.services.submitter import Submitter
from bot.services.usage import UsageBook
from bot.storage.approvals import ApprovalStore
from bot.storage.archive import ArchiveStore
from bot.storage.database import Database
from bot.storage.files import FileStore
from bot.storage.guilds import GuildStore
from bot.storage.intake import IntakeStore
from bot.storage.jobs import JobStore
from bot.storage.leases import LeaseStore
from bot.storage.ledger import LedgerStore
from bot.storage.lineage import LineageStore
from bot.storage.moderation import ModerationStore
from bot.storage.stays import StayStore
from bot.storage.usage import UsageStore

_PACE: Final = Pace(first=0.05, longest=0.5, patience=1.0)
IMAGE_LIMITS: Final = ImageLimits(25 * 2**20, 24_000_000, 16, 8192)


@dataclass(frozen=True, slots=True)
class Tempo:
    """How fast everything goes; times are in seconds."""

    deadline: float = 1.0
    grace: float = 1.0
    longest: float = 10.0
    probe: float = 0.2
    in_flight: int = 256
    pace: Pace = _PACE
    clock: Clock = field(default_factory=SystemClock)


class Eager(random.Random):
    """Draw jitter from the first twentieth of its range, so that nothing waits for long."""

    def random(self) -> float:
        return super().random() / 20


@dataclass(frozen=True, slots=True)
class Outside:
    """What the services stand on; `chance` decides every task UUID and every jitter."""

    database: Database
    client: RunwareClient
    media: Downloader
    workers: ImageWorkers
    files: FileStore
    publisher: Publisher
    chance: random.Random
    tempo: Tempo = field(default_factory=Tempo)
    limits: LimitSettings = GENEROUS
    owner: str = "wiring"
    """Whose leases these are."""
    patient: bool = False
    """Whether jitter is drawn from its whole range, as in the program."""


class Wiring:
    """Make everything that runs, and run it with `run`."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        tempo, clock = outside.tempo, outside.tempo.clock
        self.submitter = Submitter(outside.client, clock)
        self.poller = Poller(outside.client, clock, tempo.pace)
        self.slots = ProviderSlots(tempo.in_flight)
        self.progress = Progress(outside.publisher, clock)
        self.jobs, self.ledger = JobStore(outside.database), LedgerStore(outside.database)
        self.guilds, store = GuildStore(outside.database), IntakeStore(outside.database)
        self.accounting = Accounting(self.ledger, Caps(self.guilds, store, outside.limits))
        self.intake = Intake(store, outside.limits, clock, outside.files.root.parent)
        moderation = ModerationStore(outside.database)
        self.policy = Policy(outside.database, self.guilds, moderation, clock, MAX_TOLERANCE)
        book = UsageStore(outside.database)
        self.usage = UsageBook(outside.database, self.guilds, book, clock)
        jitter = (random.Random if outside.patient else Eager)(outside.chance.random())
        shape = Shape(outside.owner, self.slots, outside.limits.running_per_user)
        leases = LeaseStore(outside.database)
        self.dispatcher = Dispatcher(self.jobs, leases, self._steps(), clock, jitter, shape)
        self.expansions = self._expansions()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.submitter.run())
            group.create_task(self.poller.run())
            group.create_task(self.progress.run())
            group.create_task(self.intake.run())
            group.create_task(self.dispatcher.run())

    def _expansions(self) -> Expansions:
        chance = self._outside.chance
        return Expansions(
            database=self._outside.database,
            jobs=self.jobs,
            ledger=self.ledger,
            accounting=self.accounting,
            policy=self.policy,
            usage=self.usage,
            intake=self.intake,
            engine=self.dispatcher,
            progress=self.progress,
            images=IMAGE_LIMITS,
            max_canvas_pixels=40_000_000,
            clock=self._outside.tempo.clock,
            new_uuid=lambda: UUID(int=chance.getrandbits(128), version=4),
        )

    def _rendering(self) -> Rendering:
        outside = self._outside
        return Rendering(
            database=outside.database,
            jobs=self.jobs,
            files=outside.files,
            workers=outside.workers,
            submitter=self.submitter,
            poller=self.poller,
            slots=self.slots,
            intake=self.intake,
            clock=outside.tempo.clock,
            model="bfl:1@3",
            price=outside.limits.price,
            grace=timedelta(seconds=outside.tempo.grace),
            longest=timedelta(seconds=outside.tempo.longest),
        )

    def _steps(self) -> Steps:
        outside = self._outside
        archive, lineage = ArchiveStore(outside.database), LineageStore(outside.database)
        approvals = ApprovalStore(outside.database)
        pictures = Pictures(self.jobs, archive, lineage, outside.files, outside.workers, approvals)
        return Steps(
            database=outside.database,
            jobs=self.jobs,
            ledger=self.ledger,
            files=outside.files,
            accounting=self.accounting,
            intake=self.intake,
            policy=self.policy,
            usage=self.usage,
            stays=StayStore(outside.database),
            rendering=self._rendering(),
            slots=self.slots,
            seeds=Seeds(outside.files, outside.media, outside.workers, pictures, IMAGE_LIMITS),
            media=outside.media,
            workers=outside.workers,
            publisher=outside.publisher,
            gallery=None,
            approvals=None,
            progress=self.progress,
            clock=outside.tempo.clock,
            max_canvas_pixels=40_000_000,
        )
