"""Wiring of Discord: the custom_id codec, the services for interactions, and the bot."""

from __future__ import annotations

import secrets
from typing import Final

from bot.composition.services import Services
from bot.services.free_work.member_access import MemberAccess
from bot.services.operator_services import OperatorServices
from bot.services.ports.jobs import Publisher
from bot.storage.repositories.key_values import KeyValueStore
from bot.storage.sqlite.database import Database
from bot.ui.client import DiscordClient, ExpanseBot
from bot.ui.interactions.handlers import HANDLERS
from bot.ui.interactions.handlers.ownership import OWNERSHIP_CHECKS
from bot.ui.interactions.router import ComponentRouter
from bot.ui.interactions.services import InteractionServices
from bot.ui.views.custom_ids import CustomIdCodec
from cogs.context_menu import ContextMenuCog
from cogs.expand import ExpandCog
from cogs.gallery import GalleryCog
from cogs.member_pages import MemberPagesCog
from cogs.moderation import ModerationCog
from cogs.operator import OperatorCog
from cogs.settings import SettingsCog
from cogs.usage import UsageCog

_CODEC_KEY: Final = "button_secret"


async def load_codec(database: Database) -> CustomIdCodec:
    """Return the codec that signs custom_ids; its secret is created at the first start."""
    key_values = KeyValueStore(database)
    known = await key_values.get(_CODEC_KEY)
    if known is None:
        known = secrets.token_hex(32)
        await key_values.set(_CODEC_KEY, known)
    return CustomIdCodec(bytes.fromhex(known))


def build_interaction_services(services: Services, codec: CustomIdCodec) -> InteractionServices:
    core = services.core
    return InteractionServices(
        acceptance=services.acceptance,
        job_control=services.jobs.control,
        order_summary=services.jobs.summary,
        policy=core.policy,
        limits=core.limits,
        quotas=core.quotas,
        free_work=services.free_work,
        member_access=MemberAccess(core.policy, core.admission),
        pictures=services.pictures,
        masters=services.masters,
        details=services.details,
        drafts=services.drafts,
        history=core.history,
        privacy=core.privacy,
        erasure=core.erasure,
        exports=core.exports,
        exposure=services.exposure,
        shared_messages=services.shared_messages,
        copies=services.copies,
        gallery=services.gallery,
        gallery_votes=services.gallery_votes,
        gallery_rankings=services.gallery_rankings,
        moderation=services.moderation,
        guild_settings=services.guild_settings,
        usage_stats=core.usage_stats,
        codec=codec,
        clock=core.clock,
        model=core.settings.image_model,
        retention_days=core.settings.storage.keep_days,
    )


def build_bot(
    client: DiscordClient,
    services: Services,
    interactions: InteractionServices,
    publisher: Publisher,
) -> ExpanseBot:
    """Return the bot with its cogs and the router of its components."""
    core = services.core
    operator = OperatorServices(
        frozenset(core.settings.discord.operators),
        core.admission,
        core.inspection,
        core.statements,
        core.auditor,
        core.parked,
        core.jobs,
        publisher,
    )
    return ExpanseBot(
        client,
        (
            ExpandCog(interactions, client),
            ContextMenuCog(interactions, client),
            MemberPagesCog(interactions),
            OperatorCog(operator),
            GalleryCog(interactions, client),
            SettingsCog(interactions),
            ModerationCog(interactions),
            UsageCog(interactions, client),
        ),
        ComponentRouter(interactions, HANDLERS, OWNERSHIP_CHECKS),
        services.guild_lifecycle,
        core.key_values,
        offers_personal_use=core.settings.personal.month_usd > 0,
    )
