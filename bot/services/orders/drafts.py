"""Drafts: orders that a member previews, changes, and confirms once or drops."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from typing import Final

from pydantic import TypeAdapter, ValidationError

from bot.clock import Clock
from bot.domain.errors import Refusal
from bot.domain.geometry import Margins, Side
from bot.domain.ids import Digest, DraftId, JobId, UserId, build_short_id
from bot.domain.job import Job
from bot.domain.ledger import Usage
from bot.domain.money import MicroUsd
from bot.domain.order import Attachment, Detail, Order, Origin, PictureRef
from bot.domain.plan import Plan
from bot.domain.request import ExplicitMargins, ToRatio
from bot.errors import ComponentReason, ComponentRefused
from bot.images.preview import Thumbnail, draw_preview
from bot.images.worker_priority import ImageWorkers
from bot.services.billing.quotas import QuotaService
from bot.services.orders.acceptance import OrderAcceptance
from bot.services.orders.checks import OrderChecks
from bot.services.pictures.seed_images import SeedImages
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.drafts import Draft, DraftStore
from bot.storage.sqlite.row_mapping import decode_order, encode_order

DRAFT_LIFETIME: Final = timedelta(hours=1)
"""How long a draft may be used; shorter than the lifetime of Discord's attachment links."""


@dataclass(frozen=True, slots=True)
class PictureChoice:
    """A message's pictures, of which the member chooses one to expand.

    `author` is the member who posted them, None for the chooser's own. `jobs` are those whose
    pictures they show, `age_restricted` is that of the channel that they come from.
    """

    pictures: tuple[Attachment, ...]
    author: UserId | None = None
    jobs: tuple[JobId, ...] = ()
    age_restricted: bool | None = False


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A film or comparison of a picture, which its member may share."""

    name: str
    alt: str
    spoiler: bool
    picture: PictureRef | None = None
    """None in files of earlier versions."""
    jobs: tuple[JobId, ...] = ()
    """The jobs that it shows, also those before in the chain."""


_CHOICE: Final = TypeAdapter(PictureChoice)
_MADE_FILE: Final = TypeAdapter(MadeFile)


@dataclass(frozen=True, slots=True)
class DraftPreview:
    """What a member sees before confirming; `picture` is a drawing of the canvas as JPEG.

    `step` is by how many pixels a side is moved.
    """

    draft: DraftId
    order: Order
    plan: Plan
    price: MicroUsd
    usage: Usage
    picture: bytes
    step: int


@dataclass(frozen=True, slots=True)
class DraftService:
    """Keep drafts, without a hold until they are confirmed; methods raise `ComponentRefused`."""

    acceptance: OrderAcceptance
    checks: OrderChecks
    quotas: QuotaService
    drafts: DraftStore
    seed_images: SeedImages
    files: FileStore
    workers: ImageWorkers
    clock: Clock

    async def open_draft(self, origin: Origin, order: Order) -> DraftPreview:
        """Start a draft: download and check its image, and store a thumbnail."""
        checked = await self.checks.check_sources(origin, self.checks.check_order(order))
        thumb = await self.seed_images.build_thumbnail(checked, origin.user_id)
        attachment = replace(checked.attachment, declared=thumb.size)
        file = await self.files.save_bytes(thumb.data)
        order = replace(checked, attachment=attachment)
        return await self._render_preview(origin, _new_id(), order, file)

    async def check_draft(self, origin: Origin, draft: DraftId) -> None:
        """Raise `ComponentRefused` unless this member may still use a draft."""
        await self._load_draft(origin, draft)

    async def move_side(
        self, origin: Origin, draft: DraftId, side: Side, steps: int
    ) -> DraftPreview:
        """Move one side by steps of the model's grid, rounded to whole steps, within its bounds."""
        order, file = await self._load_order(origin, draft)
        now = self._plan_order(order).asked.get_by_side()
        bounds = self.checks.model.margin
        start = now[side] - now[side] % bounds.step if steps > 0 else now[side]
        moved = start + steps * bounds.step
        now[side] = min(max(moved, bounds.minimum), bounds.maximum)
        changed = replace(order, request=ExplicitMargins(Margins(**now)))
        return await self._render_preview(origin, draft, changed, file)

    async def set_ratio(self, origin: Origin, draft: DraftId, ratio: Fraction) -> DraftPreview:
        """Expand the canvas to an aspect ratio."""
        order, file = await self._load_order(origin, draft)
        changed = replace(order, request=ToRatio(ratio))
        return await self._render_preview(origin, draft, changed, file)

    async def switch_detail(self, origin: Origin, draft: DraftId) -> DraftPreview:
        """Render the picture unscaled, or at the model's best size again."""
        order, file = await self._load_order(origin, draft)
        is_native = order.detail is Detail.NATIVE
        changed = replace(order, detail=Detail.AUTOMATIC if is_native else Detail.NATIVE)
        return await self._render_preview(origin, draft, changed, file)

    async def set_prompt(self, origin: Origin, draft: DraftId, text: str) -> DraftPreview:
        """Change the prompt; empty text means the default prompt."""
        order, file = await self._load_order(origin, draft)
        checked = self.checks.check_order(replace(order, prompt=text))
        return await self._render_preview(origin, draft, checked, file)

    async def get_prompt(self, origin: Origin, draft: DraftId) -> str:
        order, _ = await self._load_order(origin, draft)
        return order.prompt

    async def confirm_draft(self, origin: Origin, draft: DraftId, token: str) -> Job:
        """Turn a draft into a job; a second confirmation raises `ComponentRefused`.

        The draft is used up before the hold: a crash between the two loses the draft, not money.
        """
        order, _ = await self._load_order(origin, draft)
        if not await self.drafts.use_draft(draft, origin.interaction_id):
            raise ComponentRefused(ComponentReason.EXPIRED)
        try:
            return await self.acceptance.accept_order(origin, order, token)
        except Refusal:
            # surely not accepted, so it may be confirmed again; other errors leave it used up
            await self.drafts.restore_draft(draft, origin.interaction_id)
            raise

    async def delete_draft(self, origin: Origin, draft: DraftId) -> None:
        await self._load_draft(origin, draft)
        await self.drafts.use_draft(draft, origin.interaction_id)

    async def save_choice(self, origin: Origin, choice: PictureChoice) -> DraftId:
        """Save a message's pictures while the member fills in a form about one of them."""
        body = _CHOICE.dump_json(choice).decode()
        return await self._save_draft(origin, _new_id(), body, None)

    async def load_choice(self, origin: Origin, draft: DraftId) -> PictureChoice:
        found = await self._load_draft(origin, draft)
        try:
            return _CHOICE.validate_json(found.body)
        except ValidationError:
            raise ComponentRefused(ComponentReason.EXPIRED) from None

    async def save_file(self, origin: Origin, data: bytes, file: MadeFile) -> DraftId:
        """Save a film or comparison, so that the member can share it after seeing it."""
        body = _MADE_FILE.dump_json(file).decode()
        return await self._save_draft(origin, _new_id(), body, await self.files.save_bytes(data))

    async def load_file(self, origin: Origin, draft: DraftId) -> MadeFile:
        """Return what is known of a saved file, which stays unused."""
        found = await self._load_draft(origin, draft)
        try:
            return _MADE_FILE.validate_json(found.body)
        except ValidationError:
            raise ComponentRefused(ComponentReason.EXPIRED) from None

    async def use_file(self, origin: Origin, draft: DraftId) -> tuple[MadeFile, bytes]:
        """Return a saved file and its bytes, once; a second call raises `ComponentRefused`."""
        found = await self._load_draft(origin, draft)
        if found.file is None or not await self.drafts.use_draft(draft, origin.interaction_id):
            raise ComponentRefused(ComponentReason.EXPIRED)
        try:
            return _MADE_FILE.validate_json(found.body), await self.files.read_bytes(found.file)
        except (ValidationError, FileNotFoundError):
            raise ComponentRefused(ComponentReason.EXPIRED) from None

    async def _render_preview(
        self, origin: Origin, draft: DraftId, order: Order, file: Digest
    ) -> DraftPreview:
        planned = self._plan_order(order)
        try:
            thumb = Thumbnail(await self.files.read_bytes(file), planned.seed)
        except FileNotFoundError:
            raise ComponentRefused(ComponentReason.EXPIRED) from None
        await self._save_draft(origin, draft, encode_order(order), file)
        picture = await self.workers.run(draw_preview, thumb, planned)
        usage = await self.quotas.get_daily_usage(origin.guild_id, origin.user_id, self.clock.now())
        price = self.quotas.quote_price(order.results, planned.rendered_canvas.pixel_count)
        step = self.checks.model.margin.step
        return DraftPreview(draft, order, planned, price, usage, picture.data, step)

    def _plan_order(self, order: Order) -> Plan:
        size = order.attachment.declared
        if size is None:
            raise ComponentRefused(ComponentReason.EXPIRED)
        return self.checks.plan_order(order, size)

    async def _load_order(self, origin: Origin, draft: DraftId) -> tuple[Order, Digest]:
        found = await self._load_draft(origin, draft)
        if found.file is None:
            raise ComponentRefused(ComponentReason.EXPIRED)
        try:
            return decode_order(found.body), found.file
        except ValueError:
            raise ComponentRefused(ComponentReason.EXPIRED) from None

    async def _load_draft(self, origin: Origin, draft: DraftId) -> Draft:
        """Return this member's draft in this guild; raise if it is used, too old or not theirs."""
        found = await self.drafts.get(draft)
        if found is None or self.clock.now() - found.created_at > DRAFT_LIFETIME:
            raise ComponentRefused(ComponentReason.EXPIRED)
        if (found.user_id, found.guild_id) != (origin.user_id, origin.guild_id):
            raise ComponentRefused(ComponentReason.NOT_YOURS)
        return found

    async def _save_draft(
        self, origin: Origin, draft: DraftId, body: str, file: Digest | None
    ) -> DraftId:
        now = self.clock.now()
        saved = Draft(draft, origin.guild_id, origin.user_id, body, now, file)
        await self.drafts.save_draft(saved)
        return draft


def _new_id() -> DraftId:
    return DraftId(build_short_id(uuid.uuid4()))
