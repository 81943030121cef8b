"""Wires what members see and touch; `bot.app` wires everything else."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.client import ExpanseBot, OperatorServices
from bot.clock import Clock
from bot.images.gate import ImageLimits
from bot.images.movie import find_encoder
from bot.images.workers import ImageWorkers
from bot.runware.download import Downloader
from bot.services.accounting import Accounting
from bot.services.approvals import Approvals
from bot.services.cases import Cases
from bot.services.departures import Departures
from bot.services.expansion import Expansions
from bot.services.gallery import Gallery
from bot.services.history import History
from bot.services.moderation import Moderation
from bot.services.office import Office
from bot.services.pictures import Pictures
from bot.services.ports import Publisher
from bot.services.previews import Previews
from bot.services.privacy import Privacy
from bot.services.reports import Reports
from bot.services.retention import Retention
from bot.services.rules import Rules
from bot.services.seeds import Seeds
from bot.storage.approvals import ApprovalStore
from bot.storage.archive import ArchiveStore
from bot.storage.database import Database
from bot.storage.drafts import DraftStore
from bot.storage.facts import FactStore
from bot.storage.files import FileStore
from bot.storage.gallery import GalleryStore
from bot.storage.guilds import GuildStore
from bot.storage.jobs import JobStore
from bot.storage.lineage import LineageStore
from bot.storage.moderation import ModerationStore
from bot.storage.people import PeopleStore
from bot.storage.rankings import RankingStore
from bot.storage.stays import StayStore
from bot.ui import speech
from bot.ui.board import DiscordBoard
from bot.ui.desk import Desk
from bot.ui.publisher import DiscordPublisher
from bot.ui.quarters import DiscordQuarters
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
    stays: StayStore
    acts: ModerationStore
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
        lineage, waiting = LineageStore(database), ApprovalStore(database)
        pictures = Pictures(jobs, archive, lineage, files, workers, waiting, find_encoder())
        seeds = Seeds(files, attachments, workers, pictures, limits)
        history = History(archive, files, clock)
        stays, acts = StayStore(database), ModerationStore(database)
        return cls(jobs, archive, files, workers, pictures, seeds, history, stays, acts, clock)

    def gallery(self, database: Database, bot: ExpanseBot, seal: Seal) -> Gallery:
        guilds = GuildStore(database)
        return Gallery(
            entries=GalleryStore(database),
            rankings=RankingStore(database),
            guilds=guilds,
            jobs=self.jobs,
            lineage=LineageStore(database),
            files=self.files,
            workers=self.workers,
            board=DiscordBoard(bot, seal, guilds.get),
            clock=self.clock,
        )

    def approvals(
        self,
        accounting: Accounting,
        gallery: Gallery,
        bot: ExpanseBot,
        publisher: DiscordPublisher,
        seal: Seal,
    ) -> Approvals:
        return Approvals(
            store=self.pictures.approvals,
            guilds=gallery.guilds,
            cases=Cases(self.jobs, self.pictures.lineage, self.files, self.workers, self.acts),
            history=self.history,
            accounting=accounting,
            publisher=publisher,
            quarters=DiscordQuarters(bot, seal, publisher, gallery.guilds.get),
            gallery=gallery,
            clock=self.clock,
        )

    def retention(self, departures: Departures, *, days: int) -> Retention:
        keep = timedelta(days=days)
        history = self.history
        return Retention(self.archive, history, self.files, departures, self.clock, keep=keep)

    def departures(self, expansions: Expansions) -> Departures:
        return Departures(self.stays, expansions, self.history, self.clock)

    def desk(self, expansions: Expansions, approvals: Approvals, seal: Seal, *, days: int) -> Desk:
        """Return what commands and presses call."""
        database, policy = expansions.database, expansions.policy
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
                guilds=policy.guilds,
                clock=self.clock,
                new_uuid=uuid.uuid4,
            ),
            history=self.history,
            privacy=Privacy(self.jobs, self.archive, people, self.history, self.clock),
            gallery=approvals.gallery,
            moderation=_moderation(expansions, approvals),
            rules=Rules(
                policy.guilds,
                policy.moderation,
                approvals.quarters,
                self.clock,
                policy.operator_tolerance,
            ),
            seal=seal,
            clock=self.clock,
            keep_days=days,
        )


def _moderation(expansions: Expansions, approvals: Approvals) -> Moderation:
    database, policy = expansions.database, expansions.policy
    return Moderation(
        database=database,
        guilds=policy.guilds,
        store=policy.moderation,
        ledger=expansions.ledger,
        expansions=expansions,
        approvals=approvals,
        reports=Reports(
            database,
            policy.guilds,
            policy.moderation,
            approvals.store,
            approvals.cases,
            approvals.quarters,
            approvals.clock,
        ),
    )


def operator_services(
    operators: Iterable[int], office: Office, publisher: Publisher
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


async def bot_of(database: Database, clock: Clock) -> tuple[ExpanseBot, Seal]:
    """Return the bot, and the seal of its buttons, whose secret is made once and kept."""
    facts = FactStore(database)
    known = await facts.get(_SEAL)
    if known is None:
        known = secrets.token_hex(32)
        await facts.put(_SEAL, known)
    await asyncio.to_thread(speech.warm)
    return ExpanseBot(facts, clock), Seal(bytes.fromhex(known))
