"""What refuses an order before anything is held: its words, its picture, its guild."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain.geometry import Size
from bot.domain.order import Attachment, Order, Origin
from bot.domain.plan import Plan, plan_expansion
from bot.domain.prompt import MAX_PROMPT_LENGTH, MIN_PROMPT_LENGTH, clean_prompt
from bot.errors import ImageReason, ImageRefused, PromptRefused
from bot.images.validation import ImageLimits, check_bytes, check_size
from bot.services.orders.policy import GuildPolicy


@dataclass(frozen=True, slots=True)
class OrderChecks:
    policy: GuildPolicy
    image_limits: ImageLimits
    max_canvas_pixels: int

    def check_order(self, order: Order) -> Order:
        """Return the order with its prompt cleaned; raise what would refuse it in any case."""
        prompt = clean_prompt(order.prompt)
        if order.prompt and not MIN_PROMPT_LENGTH <= len(prompt) <= MAX_PROMPT_LENGTH:
            raise PromptRefused(len(prompt), MIN_PROMPT_LENGTH, MAX_PROMPT_LENGTH)
        if not order.is_stored:
            self._check_attachment(order.attachment)
        if order.attachment.declared is not None:
            self.plan_order(order, order.attachment.declared)
        return replace(order, prompt=prompt)

    def _check_attachment(self, attachment: Attachment) -> None:
        """Refuse what Discord's own description already rules out; the bytes decide later."""
        if attachment.content_type and not attachment.content_type.startswith("image/"):
            raise ImageRefused(ImageReason.NOT_AN_IMAGE)
        check_bytes(attachment.size, self.image_limits)
        if attachment.declared is not None:
            check_size(attachment.declared, self.image_limits)

    def plan_order(self, order: Order, seed: Size) -> Plan:
        """Plan what is rendered for a seed image of this size; raise a `Refusal` if nothing can."""
        margins = order.request.compute_margins(seed)
        return plan_expansion(seed, margins, max_canvas_pixels=self.max_canvas_pixels)

    async def check_plan(self, origin: Origin, order: Order, seed: Size) -> Plan:
        """Plan an order from its true size; raise `SideTooLong` where the guild allows less."""
        planned = self.plan_order(order, seed)
        await self.policy.check_plan(origin.guild_id, planned.canvas)
        return planned

    async def apply_policy(self, origin: Origin, order: Order) -> Order:
        """Return the order as the guild's moderators allow it; raise a `PolicyRefusal`."""
        size = order.attachment.declared
        canvas = None if size is None else size.grow_by(order.request.compute_margins(size))
        return await self.policy.check_order(origin, order, canvas)
