"""What the services need from outside the process."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.images.worker_priority import ImageWorkers
from bot.runware.catalog import ModelCatalog
from bot.runware.client import RunwareClient
from bot.runware.media_download import Downloader
from bot.services.jobs.poller import PollSchedule
from bot.services.ports.channels import GalleryChannel, ModeratorsChannel, PictureChannels
from bot.services.ports.jobs import Publisher
from bot.services.ports.provider import OperatorsChannel


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
    picture_channels: PictureChannels
    operators_channel: OperatorsChannel
    poll_schedule: PollSchedule
    rng: random.Random = field(default_factory=random.Random)
    new_uuid: Callable[[], uuid.UUID] = uuid.uuid4
    owner: str = field(default_factory=lambda: uuid.uuid4().hex)
    """Names this process in leases."""
