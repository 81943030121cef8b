"""Orders that a member looks at before paying: drawn, changed, confirmed once or dropped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from bot.clock import Clock
from bot.domain.geometry import MAX_MARGIN, STEP, Margins, Plan, Side, plan
from bot.domain.ids import Digest, DraftId, GuildId, UserId, short_id
from bot.domain.job import Job
from bot.domain.money import MicroUsd
from bot.domain.order import Attachment, Order, Origin
from bot.domain.problems import Problem
from bot.domain.request import Sides, ToRatio
from bot.domain.usage import Usage
from bot.errors import PressRefused, Refusal
from bot.images.preview import Thumbnail, preview
from bot.images.workers import ImageWorkers
from bot.services.accounting import Accounting
from bot.services.expansion import Expansions
from bot.services.seeds import Seeds
from bot.storage.drafts import Draft, DraftStore
from bot.storage.files import FileStore
from bot.storage.guilds import GuildStore

LIFE: Final = timedelta(hours=1)
"""How long a draft may be used: shorter than Discord's link to its picture lives for sure."""
_ORDER: Final = TypeAdapter(Order)


@dataclass(frozen=True, slots=True)
class Choice:
    """The pictures that a message offers, one of which is to be expanded.

    `author` is whose they are, None where they are the member's own.
    """

    pictures: tuple[Attachment, ...]
    author: UserId | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A film or comparison that may be shown to everybody."""

    name: str
    alt: str
    spoiler: bool


_CHOICE: Final = TypeAdapter(Choice)
_MADE: Final = TypeAdapter(Made)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a member sees before paying; `picture` is the canvas, drawn, as a JPEG file."""

    draft: DraftId
    order: Order
    plan: Plan
    price: MicroUsd
    usage: Usage
    picture: bytes


@dataclass(frozen=True, slots=True)
class Previews:
    """Nothing is held for a draft; only its confirmation is an order. Raise `PressRefused`."""

    expansions: Expansions
    accounting: Accounting
    drafts: DraftStore
    seeds: Seeds
    files: FileStore
    workers: ImageWorkers
    guilds: GuildStore
    clock: Clock
    new_uuid: Callable[[], UUID]

    async def wishes(self, origin: Origin, order: Order) -> tuple[Order, bool]:
        """Apply the guild's settings: return the order, and whether it is to be previewed.

        A public card speaks the guild's language, where it has set one.
        """
        settings = await self.guilds.get(origin.guild_id)
        if settings.language and not order.private:
            order = replace(order, locale=settings.language)
        above = settings.preview_above
        return order, above is not None and self.accounting.price(order.results) > above

    async def open(self, origin: Origin, order: Order) -> Preview:
        """Begin a draft: the picture is fetched and checked now, and a small copy is kept."""
        checked = self.expansions.check(order)
        thumb = await self.seeds.thumbnail(checked)
        attachment = replace(checked.attachment, declared=thumb.size)
        file = await self.files.put(thumb.data)
        return await self._drawn(
            origin, self._new_id(), replace(checked, attachment=attachment), file
        )

    async def nudge(self, origin: Origin, draft: DraftId, side: Side, steps: int) -> Preview:
        """Move one side by steps of 64 pixels, to the next whole one; never below nothing."""
        order, file = await self._order(origin, draft)
        now = self._plan(order).asked.by_side()
        wanted = (now[side] // STEP + steps) * STEP if steps > 0 else now[side] + steps * STEP
        now[side] = min(max(wanted, 0), MAX_MARGIN)
        changed = replace(order, request=Sides(Margins(**now)))
        return await self._drawn(origin, draft, changed, file)

    async def shape(self, origin: Origin, draft: DraftId, ratio: Fraction) -> Preview:
        """Let the canvas take a shape."""
        order, file = await self._order(origin, draft)
        return await self._drawn(origin, draft, replace(order, request=ToRatio(ratio)), file)

    async def prompt(self, origin: Origin, draft: DraftId, text: str) -> Preview:
        """Change what the new area is to show; empty text leaves it to the default."""
        order, file = await self._order(origin, draft)
        checked = self.expansions.check(replace(order, prompt=text))
        return await self._drawn(origin, draft, checked, file)

    async def prompt_of(self, origin: Origin, draft: DraftId) -> str:
        order, _ = await self._order(origin, draft)
        return order.prompt

    async def confirm(self, origin: Origin, draft: DraftId, token: str) -> Job:
        """Turn a draft into a job, once: a second confirmation finds it used up.

        Taken before the money is held: a crash between the two costs the draft, never a payment.
        """
        order, _ = await self._order(origin, draft)
        if not await self.drafts.take(draft, origin.interaction_id):
            raise PressRefused("expired")
        try:
            return await self.expansions.accept(origin, order, token)
        except (Refusal, Problem):
            # surely nothing was accepted; after anything else the draft stays used up
            await self.drafts.give_back(draft, origin.interaction_id)
            raise

    async def drop(self, origin: Origin, draft: DraftId) -> None:
        """Forget a draft."""
        await self._body(origin, draft)
        await self.drafts.take(draft, origin.interaction_id)

    async def offer(
        self, origin: Origin, pictures: Sequence[Attachment], author: UserId | None
    ) -> DraftId:
        """Remember the pictures of a message while the member fills in a form about one of them."""
        draft = self._new_id()
        body = _CHOICE.dump_json(Choice(tuple(pictures), author)).decode()
        await self._put(origin, draft, body, None)
        return draft

    async def offered(self, origin: Origin, draft: DraftId) -> Choice:
        body = await self._body(origin, draft)
        try:
            return _CHOICE.validate_json(body.body)
        except ValidationError:
            raise PressRefused("expired") from None

    async def keep(self, origin: Origin, data: bytes, made: Made) -> DraftId:
        """Keep a made file, so that the member may share it after having seen it."""
        draft = self._new_id()
        body = _MADE.dump_json(made).decode()
        await self._put(origin, draft, body, await self.files.put(data))
        return draft

    async def kept(self, origin: Origin, draft: DraftId) -> tuple[Made, bytes]:
        """Return a made file, which can be shared once."""
        found = await self._body(origin, draft)
        if found.file is None or not await self.drafts.take(draft, origin.interaction_id):
            raise PressRefused("expired")
        try:
            return _MADE.validate_json(found.body), await self.files.get(found.file)
        except (ValidationError, FileNotFoundError):
            raise PressRefused("expired") from None

    async def _drawn(self, origin: Origin, draft: DraftId, order: Order, file: Digest) -> Preview:
        planned = self._plan(order)
        thumb = Thumbnail(await self._file(file), planned.seed)
        await self._put(origin, draft, _ORDER.dump_json(order).decode(), file)
        picture = await self.workers.run(preview, thumb, planned)
        usage = await self.accounting.usage(origin.guild_id, origin.user_id, self.clock.now())
        price = self.accounting.price(order.results)
        return Preview(draft, order, planned, price, usage, picture.data)

    async def _file(self, digest: Digest) -> bytes:
        try:
            return await self.files.get(digest)
        except FileNotFoundError:
            raise PressRefused("expired") from None

    def _plan(self, order: Order) -> Plan:
        size = order.attachment.declared
        if size is None:
            raise PressRefused("expired")
        most = self.expansions.max_canvas_pixels
        return plan(size, order.request.margins(size), max_canvas_pixels=most)

    async def _order(self, origin: Origin, draft: DraftId) -> tuple[Order, Digest]:
        found = await self._body(origin, draft)
        if found.file is None:
            raise PressRefused("expired")
        try:
            return _ORDER.validate_json(found.body), found.file
        except ValidationError:
            raise PressRefused("expired") from None

    async def _body(self, origin: Origin, draft: DraftId) -> Draft:
        """Return a draft that is this member's, of this guild, unused, and not too old."""
        found = await self.drafts.get(draft)
        if found is None or self.clock.now() - found.created_at > LIFE:
            raise PressRefused("expired")
        if (found.user_id, found.guild_id) != (origin.user_id, origin.guild_id):
            raise PressRefused("not_yours")
        return found

    async def _put(self, origin: Origin, draft: DraftId, body: str, file: Digest | None) -> None:
        at = self.clock.now()
        await self.drafts.put(
            Draft(draft, GuildId(origin.guild_id), UserId(origin.user_id), body, at, file)
        )

    def _new_id(self) -> DraftId:
        return DraftId(short_id(self.new_uuid()))
