"""The services wired as in the program, but without Discord; their ports are passed in."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from bot.clock import Clock, SystemClock
from bot.composition.externals import Externals
from bot.composition.services import Services, build_services
from bot.config.settings import (
    ImageSettings,
    LimitSettings,
    PersonalSettings,
    RunwareSettings,
    Settings,
    StorageSettings,
)
from bot.images.worker_pool import ImageWorkerPool
from bot.runware.client import RunwareClient
from bot.runware.media_download import Downloader
from bot.services.jobs.poller import PollSchedule
from bot.services.orders.acceptance import OrderAcceptance
from bot.services.ports.jobs import Publisher
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.sqlite.database import Database
from tests.support.generous_limits import GENEROUS
from tests.support.services.picture_channels import OrdinaryChannels

NOWHERE: Final[Any] = None
"""A port that is never used: no guild of these tests has such a channel."""
_PACE: Final = PollSchedule(first_delay=0.05, longest_delay=0.5, stall_seconds=1.0)


@dataclass(frozen=True, slots=True)
class Timing:
    """Speeds and timeouts of the services; times are in seconds."""

    deadline: float = 1.0
    grace: float = 1.0
    longest: float = 10.0
    probe: float = 0.2
    in_flight: int = 256
    pace: PollSchedule = _PACE
    clock: Clock = field(default_factory=SystemClock)


class ServiceAccess:
    """Short names for the services that most tests of a harness use."""

    __slots__ = ()
    services: Services

    @property
    def jobs(self) -> JobStore:
        return self.services.core.jobs

    @property
    def ledger(self) -> LedgerStore:
        return self.services.core.ledger

    @property
    def acceptance(self) -> OrderAcceptance:
        return self.services.acceptance


class ShortJitter(random.Random):
    """Draw jitter from the first twentieth of its range, so that waits are short."""

    def random(self) -> float:
        return super().random() / 20


@dataclass(frozen=True, slots=True)
class ServiceInputs:
    """What the services depend on; `randomness` determines every task UUID and jitter."""

    database: Database
    client: RunwareClient
    media: Downloader
    workers: ImageWorkerPool
    files: FileStore
    publisher: Publisher
    randomness: random.Random
    timing: Timing = field(default_factory=Timing)
    limits: LimitSettings = GENEROUS
    owner: str = "wiring"
    """Owner of the leases."""
    full_jitter: bool = False
    """Draw jitter from its whole range, as in the program."""


def build_test_settings(
    folder: Path,
    limits: LimitSettings,
    *,
    personal: PersonalSettings | None = None,
    runware: RunwareSettings | None = None,
    images: ImageSettings | None = None,
    min_free_mib: int = 0,
) -> Settings:
    """Return settings for services of a test: small pictures allowed, no disk space reserved."""
    return Settings(
        storage=StorageSettings(
            data_dir=folder, min_free_mib=min_free_mib, reserve_mib=0, backups=0
        ),
        limits=limits,
        personal=personal or PersonalSettings(),
        runware=runware or RunwareSettings(),
        images=images
        or ImageSettings(max_pixels=24_000_000, min_side=16, max_canvas_pixels=40_000_000),
    )


def wire_services(inputs: ServiceInputs) -> Services:
    """Wire all services; `run_services` runs them."""
    timing, chance = inputs.timing, inputs.randomness
    jitter = (random.Random if inputs.full_jitter else ShortJitter)(chance.random())
    runware = RunwareSettings(
        grace_seconds=timing.grace, task_minutes=timing.longest / 60
    ).model_copy(update={"max_in_flight": timing.in_flight})
    return build_services(
        build_test_settings(inputs.files.root.parent, inputs.limits, runware=runware),
        inputs.database,
        timing.clock,
        Externals(
            client=inputs.client,
            catalog=NOWHERE,
            attachments=inputs.media,
            media=inputs.media,
            workers=inputs.workers,
            publisher=inputs.publisher,
            gallery_channel=NOWHERE,
            moderators_channel=NOWHERE,
            picture_channels=OrdinaryChannels(),
            operators_channel=NOWHERE,
            poll_schedule=timing.pace,
            rng=jitter,
            new_uuid=lambda: UUID(int=chance.getrandbits(128), version=4),
            owner=inputs.owner,
        ),
        inputs.files,
    )


async def run_services(services: Services) -> None:
    """Run jobs until cancelled, without maintenance."""
    async with asyncio.TaskGroup() as group:
        services.start_jobs(group)
