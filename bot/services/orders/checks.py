"""Checks of an order before money is held: its prompt, its image, the guild's rules."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain.errors import RequestRefusal
from bot.domain.geometry import Size
from bot.domain.model import ImageModel
from bot.domain.order import Attachment, Detail, Order, Origin
from bot.domain.plan import Plan, plan_expansion
from bot.domain.request import check_pixels
from bot.domain.text.cleaning import clean_prompt
from bot.errors import ImageReason, ImageRefused, PromptRefused
from bot.images.validation import ImageLimits, check_bytes, check_size
from bot.services.exposure.decision import ExposurePolicy
from bot.services.orders.policy import GuildPolicy


@dataclass(frozen=True, slots=True)
class OrderChecks:
    policy: GuildPolicy
    exposure: ExposurePolicy
    image_limits: ImageLimits
    max_canvas_pixels: int
    model: ImageModel
    best_pixels: int

    def check_order(self, order: Order) -> Order:
        """Return the order with its prompt cleaned; raise a `Refusal` that holds in any guild."""
        prompt = clean_prompt(order.prompt)
        shortest, longest = self.model.min_prompt_length, self.model.max_prompt_length
        if order.prompt and not shortest <= len(prompt) <= longest:
            raise PromptRefused(len(prompt), shortest, longest)
        check_pixels(order.request, self.model)
        if not order.is_stored:
            self._check_attachment(order.attachment)
        if order.attachment.declared is not None:
            self.plan_order(order, order.attachment.declared)
        return replace(order, prompt=prompt)

    def _check_attachment(self, attachment: Attachment) -> None:
        """Check the type and size that Discord reports; the downloaded bytes are checked later."""
        if not attachment.may_be_picture and attachment.content_type:
            raise ImageRefused(ImageReason.NOT_AN_IMAGE)
        check_bytes(attachment.size, self.image_limits)
        if attachment.declared is not None:
            check_size(attachment.declared, self.image_limits)

    def plan_order(self, order: Order, seed: Size) -> Plan:
        """Plan the canvas for a seed image of this size; raise a `Refusal` if it does not fit."""
        margins = order.request.compute_margins(seed)
        return plan_expansion(
            seed,
            margins,
            max_canvas_pixels=self.max_canvas_pixels,
            model=self.model,
            best_pixels=None if order.detail is Detail.NATIVE else self.best_pixels,
        )

    def find_canvas_pixels(self, order: Order) -> int | None:
        """Return how many pixels are rendered, None if it is unknown or the order is refused."""
        size = order.attachment.declared
        if size is None:
            return None
        try:
            return self.plan_order(order, size).rendered_canvas.pixel_count
        except RequestRefusal:
            return None

    async def check_sources(self, origin: Origin, order: Order) -> Order:
        """Return the order with its sources' properties; raise `ComponentRefused`."""
        return await self.exposure.check_sources(origin, order)

    async def check_plan(self, origin: Origin, order: Order, seed: Size) -> Plan:
        """Plan an order from its image's real size; raise `SideTooLong` if the guild forbids it."""
        planned = self.plan_order(order, seed)
        await self.policy.check_plan(origin.guild_id, planned.canvas)
        return planned

    async def apply_policy(self, origin: Origin, order: Order) -> Order:
        """Return the order with its sources' properties and the guild's content checks.

        Raises a `PolicyRefusal`, or `ComponentRefused` for a source that may not be used here.
        """
        order = await self.exposure.check_sources(origin, order)
        size = order.attachment.declared
        canvas = None if size is None else size.grow_by(order.request.compute_margins(size))
        return await self.policy.check_order(origin, order, canvas)
