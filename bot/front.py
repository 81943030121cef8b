"""Wires what members see and touch; `bot.app` wires everything else."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.client import ExpanseBot
from bot.clock import Clock
from bot.images.gate import ImageLimits
from bot.images.movie import find_encoder
from bot.images.workers import ImageWorkers
from bot.runware.download import Downloader
from bot.services.expansion import Expansions
from bot.services.history import History
from bot.services.pictures import Pictures
from bot.services.previews import Previews
from bot.services.privacy import Privacy
from bot.services.retention import Retention
from bot.services.seeds import Seeds
from bot.storage.archive import ArchiveStore
from bot.storage.database import Database
from bot.storage.drafts import DraftStore
from bot.storage.facts import FactStore
from bot.storage.files import FileStore
from bot.storage.guilds import GuildStore
from bot.storage.jobs import JobStore
from bot.storage.lineage import LineageStore
from bot.storage.people import PeopleStore
from bot.ui import speech
from bot.ui.desk import Desk
from bot.ui.seal import Seal

_SEAL: Final = "button_secret"


@dataclass(frozen=True, slots=True)
class Shelf:
    """What deals with pictures once they exist."""

    jobs: JobStore
    archive: ArchiveStore
    files: FileStore
    workers: ImageWorkers
    pictures: Pictures
    seeds: Seeds
    history: History
    clock: Clock

    @classmethod
    def of(
        cls,
        database: Database,
        files: FileStore,
        workers: ImageWorkers,
        attachments: Downloader,
        limits: ImageLimits,
        clock: Clock,
    ) -> Shelf:
        jobs, archive = JobStore(database), ArchiveStore(database)
        pictures = Pictures(jobs, archive, LineageStore(database), files, workers, find_encoder())
        seeds = Seeds(files, attachments, workers, pictures, limits)
        history = History(archive, files, clock)
        return cls(jobs, archive, files, workers, pictures, seeds, history, clock)

    def retention(self, *, days: int) -> Retention:
        keep = timedelta(days=days)
        return Retention(self.archive, self.history, self.files, self.clock, keep=keep)

    def desk(
        self,
        database: Database,
        expansions: Expansions,
        seal: Seal,
        *,
        days: int,
    ) -> Desk:
        """Return what commands and presses call."""
        people = PeopleStore(database)
        return Desk(
            expansions=expansions,
            accounting=expansions.accounting,
            pictures=self.pictures,
            previews=Previews(
                expansions=expansions,
                accounting=expansions.accounting,
                drafts=DraftStore(database),
                seeds=self.seeds,
                files=self.files,
                workers=self.workers,
                guilds=GuildStore(database),
                clock=self.clock,
                new_uuid=uuid.uuid4,
            ),
            history=self.history,
            privacy=Privacy(self.jobs, self.archive, people, self.history, self.clock),
            seal=seal,
            clock=self.clock,
            keep_days=days,
        )


async def bot_of(database: Database, clock: Clock) -> tuple[ExpanseBot, Seal]:
    """Return the bot, and the seal of its buttons, whose secret is made once and kept."""
    facts = FactStore(database)
    known = await facts.get(_SEAL)
    if known is None:
        known = secrets.token_hex(32)
        await facts.put(_SEAL, known)
    await asyncio.to_thread(speech.warm)
    return ExpanseBot(facts, clock), Seal(bytes.fromhex(known))
