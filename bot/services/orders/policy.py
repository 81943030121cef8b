"""Check an order against the guild's rules, with the roles and channel of the interaction."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.clock import Clock
from bot.domain.content import RequestContext, find_tolerance_limit
from bot.domain.geometry import Size
from bot.domain.guild import GuildSettings
from bot.domain.ids import GuildId
from bot.domain.money import MicroUsd
from bot.domain.order import Attachment, Order, Origin
from bot.domain.text.cleaning import clean_description, clean_prompt
from bot.errors import (
    MemberBlocked,
    PatternsUndecided,
    SideTooLong,
    ToleranceRefused,
    WordRefused,
)
from bot.services.exposure.places import check_place
from bot.services.prompts.prompt_checks import PromptChecks, PromptFinding
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.moderation import ModerationStore


@dataclass(frozen=True, slots=True)
class GuildPolicy:
    """Check orders against a guild's settings; `operator_tolerance` limits the filter level."""

    guilds: GuildSettingsStore
    moderation: ModerationStore
    prompts: PromptChecks
    clock: Clock
    operator_tolerance: int

    async def check_order(self, origin: Origin, order: Order, canvas: Size | None) -> Order:
        """Return the order with the content checks that apply to it; raise a `PolicyRefusal`.

        `canvas` is None if it is unknown before the download; `check_plan` then checks it.
        """
        settings = await self.check_access(origin)
        await self.prompts.check_prompt(settings, order.prompt)
        if canvas is not None:
            check_canvas(settings, canvas)
        return replace(
            order,
            attachment=await self._apply_description(settings, order.cover_in(origin)),
            tolerance=self._resolve_level(settings, origin, order),
            check_content=order.check_content or settings.check_content,
        )

    async def inspect_prompt(self, guild: GuildId, prompt: str) -> PromptFinding:
        """Return what the guild's lists find in a prompt."""
        settings = await self.guilds.get(guild)
        return await self.prompts.inspect_prompt(settings, clean_prompt(prompt))

    async def check_access(self, origin: Origin) -> GuildSettings:
        """Return the guild's settings; raise a `PolicyRefusal` if the member may not order here."""
        settings = await self.check_block(origin)
        check_place(settings, origin)
        return settings

    async def check_viewer(self, origin: Origin) -> None:
        """Raise the `PolicyRefusal` of an order here; the gallery's channel is always allowed."""
        settings = await self.check_block(origin)
        if settings.gallery_channel not in origin.channels:
            check_place(settings, origin)

    async def check_block(self, origin: Origin) -> GuildSettings:
        """Return the guild's settings; raise `MemberBlocked` if moderators blocked the member."""
        now = self.clock.now()
        block = await self.moderation.find_block(origin.guild_id, origin.user_id, now)
        if block is not None:
            raise MemberBlocked(block.reason, block.until)
        return await self.guilds.get(origin.guild_id)

    async def apply_defaults(
        self, origin: Origin, order: Order, price: MicroUsd
    ) -> tuple[Order, bool]:
        """Apply the guild's settings: return the order, and whether to preview it.

        A public card is in the guild's language, if one is set; in a spoiler channel, the picture
        is behind a spoiler.
        """
        settings = await self.guilds.get(origin.guild_id)
        if settings.language and not order.private:
            order = replace(order, locale=settings.language)
        above = settings.preview_above
        return order.cover_in(origin), above is not None and price > above

    async def check_plan(self, guild: GuildId, canvas: Size) -> None:
        """Raise `SideTooLong` if the guild forbids a canvas, once its real size is known."""
        check_canvas(await self.guilds.get(guild), canvas)

    def _resolve_level(self, settings: GuildSettings, origin: Origin, order: Order) -> int:
        """Return an order's filter level; a follow-up never exceeds its first picture's."""
        if not order.is_stored or order.tolerance is None:
            return self.resolve_tolerance(settings, origin, order.tolerance)
        return min(order.tolerance, self.resolve_tolerance(settings, origin, None))

    async def _apply_description(self, settings: GuildSettings, order: Order) -> Attachment:
        """Return the order's attachment with the description for its prompt, if any may be used.

        The member did not write it into the order, so a banned word drops it and refuses nothing.
        """
        description = clean_description(order.attachment.description)
        if not settings.use_descriptions or order.prompt or not description:
            return replace(order.attachment, description="")
        try:
            await self.prompts.check_prompt(settings, description)
        except (WordRefused, PatternsUndecided):
            return replace(order.attachment, description="")
        return replace(order.attachment, description=description)

    def resolve_tolerance(self, settings: GuildSettings, origin: Origin, asked: int | None) -> int:
        """Return the filter level for an order; raise `ToleranceRefused` if `asked` is too high."""
        place = RequestContext(origin.channels, origin.age_restricted, origin.roles)
        limits = settings.get_tolerance_limits(self.operator_tolerance)
        highest = find_tolerance_limit(limits, place)
        if asked is not None and asked > highest:
            raise ToleranceRefused(asked, highest)
        return highest if asked is None else asked


def check_canvas(settings: GuildSettings, canvas: Size) -> None:
    """Raise `SideTooLong` for a canvas with a side longer than the guild allows."""
    longest = max(canvas.width, canvas.height)
    if settings.max_side is not None and longest > settings.max_side:
        raise SideTooLong(longest, settings.max_side)
