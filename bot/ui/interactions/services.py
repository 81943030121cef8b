"""Services that commands and components use."""

from __future__ import annotations

from dataclasses import dataclass

from bot.clock import Clock
from bot.domain.model import ImageModel
from bot.services.billing.limits import LimitPolicy
from bot.services.billing.quotas import QuotaService
from bot.services.billing.usage_stats import UsageStats
from bot.services.exposure.decision import ExposurePolicy
from bot.services.exposure.shared_messages import SharedMessages
from bot.services.free_work.free_work import FreeWork
from bot.services.free_work.member_access import MemberAccess
from bot.services.gallery.copies import PublicCopies
from bot.services.gallery.gallery import GalleryService
from bot.services.gallery.rankings import GalleryRankings
from bot.services.gallery.votes import GalleryVotes
from bot.services.guilds.settings import GuildSettingsService
from bot.services.members.erasure import MemberErasure
from bot.services.members.export import MemberExport
from bot.services.members.history import MemberHistory
from bot.services.members.privacy import PrivacyService
from bot.services.moderation.actions import ModerationServices
from bot.services.orders.acceptance import OrderAcceptance
from bot.services.orders.drafts import DraftService
from bot.services.orders.job_control import JobControl
from bot.services.orders.policy import GuildPolicy
from bot.services.pictures.details import DetailsReader
from bot.services.pictures.library import PictureLibrary
from bot.services.pictures.masters import PictureMasters
from bot.services.progress.order_summary import OrderSummary
from bot.ui.i18n.translations import get_translations
from bot.ui.views.components import Controls
from bot.ui.views.custom_ids import CustomIdCodec


@dataclass(frozen=True, slots=True)
class InteractionServices:
    """Services of the interface; `retention_days` is how long files are stored."""

    acceptance: OrderAcceptance
    job_control: JobControl
    order_summary: OrderSummary
    policy: GuildPolicy
    limits: LimitPolicy
    quotas: QuotaService
    free_work: FreeWork
    member_access: MemberAccess
    pictures: PictureLibrary
    masters: PictureMasters
    details: DetailsReader
    drafts: DraftService
    history: MemberHistory
    privacy: PrivacyService
    erasure: MemberErasure
    exports: MemberExport
    exposure: ExposurePolicy
    shared_messages: SharedMessages
    copies: PublicCopies
    gallery: GalleryService
    gallery_votes: GalleryVotes
    gallery_rankings: GalleryRankings
    moderation: ModerationServices
    guild_settings: GuildSettingsService
    usage_stats: UsageStats
    codec: CustomIdCodec
    clock: Clock
    model: ImageModel
    retention_days: int

    def build_controls(self, locale: object) -> Controls:
        """Return controls in the language of a Discord locale."""
        return Controls(get_translations(str(locale)), self.codec)
