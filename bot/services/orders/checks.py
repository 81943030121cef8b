"""Checks of an order before money is held: its prompt, its image, the guild's rules."""

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
        """Return the order with its prompt cleaned; raise a `Refusal` that holds in any guild."""
        prompt = clean_prompt(order.prompt)
        if order.prompt and not MIN_PROMPT_LENGTH <= len(prompt) <= MAX_PROMPT_LENGTH:
            raise PromptRefused(len(prompt), MIN_PROMPT_LENGTH, MAX_PROMPT_LENGTH)
        if not order.is_stored:
            self._check_attachment(order.attachment)
        if order.attachment.declared is not None:
            self.plan_order(order, order.attachment.declared)
        return replace(order, prompt=prompt)

    def _check_attachment(self, attachment: Attachment) -> None:
        """Check the type and size that Discord reports; the downloaded bytes are checked later."""
        if attachment.content_type and not attachment.content_type.startswith("image/"):
            raise ImageRefused(ImageReason.NOT_AN_IMAGE)
        check_bytes(attachment.size, self.image_limits)
        if attachment.declared is not None:
            check_size(attachment.declared, self.image_limits)

    def plan_order(self, order: Order, seed: Size) -> Plan:
        """Plan the canvas for a seed image of this size; raise a `Refusal` if it does not fit."""
        margins = order.request.compute_margins(seed)
        return plan_expansion(seed, margins, max_canvas_pixels=self.max_canvas_pixels)

    async def check_plan(self, origin: Origin, order: Order, seed: Size) -> Plan:
        """Plan an order from its image's real size; raise `SideTooLong` if the guild forbids it."""
        planned = self.plan_order(order, seed)
        await self.policy.check_plan(origin.guild_id, planned.canvas)
        return planned

    async def apply_policy(self, origin: Origin, order: Order) -> Order:
        """Return the order with the guild's content checks; raise a `PolicyRefusal`."""
        size = order.attachment.declared
        canvas = None if size is None else size.grow_by(order.request.compute_margins(size))
        return await self.policy.check_order(origin, order, canvas)
