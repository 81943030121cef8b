"""Wiring of the decision whether pictures may be shown."""

from __future__ import annotations

from bot.clock import Clock
from bot.services.exposure.decision import ExposurePolicy
from bot.services.exposure.provenance import ProvenanceReader
from bot.services.ports.channels import PictureChannels
from bot.storage.repositories.approvals import ApprovalStore
from bot.storage.repositories.archive import ArchiveStore
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.lineage import LineageStore
from bot.storage.repositories.member_preferences import MemberPreferenceStore
from bot.storage.repositories.moderation import ModerationStore
from bot.storage.sqlite.database import Database


def build_exposure(
    database: Database, clock: Clock, channels: PictureChannels
) -> tuple[ExposurePolicy, ProvenanceReader]:
    jobs, moderation = JobStore(database), ModerationStore(database)
    provenance = ProvenanceReader(jobs, LineageStore(database), moderation, channels)
    exposure = ExposurePolicy(
        jobs,
        provenance,
        ArchiveStore(database),
        ApprovalStore(database),
        MemberPreferenceStore(database),
        moderation,
        GuildSettingsStore(database),
        clock,
    )
    return exposure, provenance
