"""One walk: a guild of its own, acts one after the other, and the judgement after each."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.actors.member import MemberActor
from sandbox.discord.model.records import CallbackType
from tests.support.walks.message_log import MessageLog, SeenMessage, ShownPicture
from tests.support.walks.oracle import Leak, Oracle, Picture, Place
from tests.support.walks.picture_codes import CodeBook, CodedRenderer
from tests.support.walks.world import GALLERY, WalkWorld

_ANSWER_S, _STEP_S = 30.0, 0.01
_GRACE_S = 2.0
"""How long a deletion or a cover may take after the act is answered."""
_TRIES, _PAUSE_S, _UNDER_WAY = 5, 0.1, "still under way"
_CONFIRMED = "Confirmed. The result comes"
_REASON = re.compile(r"### Not (?:done|expanded)\s+(?P<reason>[^.:]+)")


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What a member asked for, as far as it counts for who may see the result."""

    actor: MemberActor
    channel: int
    private: bool = False
    adult: bool = False
    """Whether the picture comes from another channel, which is age-restricted."""
    spoiler: bool = False
    uncovered_by: frozenset[int] = frozenset()
    """Who may take that spoiler off again."""
    is_public: bool = False
    """Whether the picture was taken from a message that everybody sees."""
    base: Picture | None = None
    """The picture whose button was pressed; None where the uploaded or chosen picture counts."""


@dataclass(slots=True)
class Walk:
    """What the acts of a walk share."""

    world: WalkWorld
    log: MessageLog
    renderer: CodedRenderer
    approves_first: bool
    oracle: Oracle = field(default_factory=Oracle)
    refusals: Counter[str] = field(default_factory=Counter)
    sharer: int | None = None
    subjects: dict[int, Picture] = field(default_factory=dict)
    """The picture that a message without pictures is about, by the message."""
    leaks: list[Leak] = field(default_factory=list)
    _read_results: int = 0

    def __post_init__(self) -> None:
        self._read_results = len(self.renderer.made)

    @property
    def codes(self) -> CodeBook:
        return self.renderer.codes

    def list_messages(self, actor: MemberActor, *labels: str) -> list[SeenMessage]:
        """Return the messages that a member sees; with `labels`, those with such a button."""
        hidden = set() if actor is self.world.mia else {self.world.moderators_channel}
        return [
            each
            for each in self.log.messages.values()
            if each.is_seen_by(actor.id)
            and each.channel not in hidden
            and (not labels or any(map(each.buttons.get, labels)))
        ]

    def list_shown(self, actor: MemberActor) -> list[tuple[SeenMessage, ShownPicture]]:
        """Return the pictures that a member sees in messages."""
        return [
            (message, shown)
            for message in self.list_messages(actor)
            for shown in message.pictures
            if shown.codes and not shown.is_file
        ]

    @property
    def has_results(self) -> bool:
        return self.count_results() > 0

    def count_results(self) -> int:
        return sum(not each.is_upload for each in self.oracle.pictures.values())

    def get_subject(self, message: SeenMessage, index: int = 0) -> Picture | None:
        """Return the picture that a message is about."""
        if message.id in self.subjects:
            return self.subjects[message.id]
        shown = message.pictures[index : index + 1]
        return self.oracle.get_leaf(shown[0].codes) if shown else None

    async def press(
        self, actor: MemberActor, message: SeenMessage, label: str, **fields: Any
    ) -> SeenMessage | None:
        """Press a button, fill in the form that may open, and return the complete answer."""
        for _ in range(_TRIES):
            call = actor.press(message.json, message.buttons[label])
            answer = await self.finish(call, actor, **fields)
            if answer is None or _UNDER_WAY not in answer.text:
                break
            await asyncio.sleep(_PAUSE_S)  # its job has not ended yet, a person presses again
        return answer

    async def finish(
        self, call: TrackedInvocation, actor: MemberActor, **fields: Any
    ) -> SeenMessage | None:
        """Wait until an act's answer is complete; return it, None if it is gone again."""
        await call.acknowledged(_ANSWER_S)
        if call.interaction.callback is CallbackType.MODAL:
            form = await call.modal()
            call = await actor.submit(form, _choose_fields(form, fields))
            await call.acknowledged(_ANSWER_S)
        async with asyncio.timeout(_ANSWER_S):
            while not self._is_complete(call):  # noqa: ASYNC110 - one event of many ends it
                await asyncio.sleep(_STEP_S)
        answer = next(iter(reversed(self._list_answers(call))), None)
        if answer is not None and answer.is_refusal:
            reason = _REASON.search(answer.text)
            self.refusals[reason["reason"] if reason else answer.text[:60]] += 1
        return answer

    def _list_answers(self, call: TrackedInvocation) -> list[SeenMessage]:
        made = call.interaction
        ids = [each for each in (made.response_id, *made.followup_ids) if each is not None]
        return [self.log.messages[each] for each in ids if each in self.log.messages]

    def _is_complete(self, call: TrackedInvocation) -> bool:
        made, answers = call.interaction, self._list_answers(call)
        if any(each.is_under_way for each in answers):
            return False
        if any(_CONFIRMED in each.text for each in answers) and not made.followup_ids:
            return False
        is_deferred = made.callback is CallbackType.DEFERRED_UPDATE
        return not is_deferred or bool(made.edits or made.followup_ids)

    async def order(
        self,
        terms: OrderTerms,
        opening: Awaitable[TrackedInvocation] | TrackedInvocation,
        **fields: Any,
    ) -> SeenMessage | None:
        """Wait for an order's end, and take note of the results that were rendered."""
        call = opening if isinstance(opening, TrackedInvocation) else await opening
        answer = await self.finish(call, terms.actor, **fields)
        self.claim_results(terms)
        return answer

    def add_upload(
        self, code: int, actor: MemberActor, channel: int, *, spoiler: bool = False
    ) -> Picture:
        """Take note of a picture that a member attaches in a channel.

        Whether it is for adults, the channel says at the time when the bot takes it from there.
        """
        picture = Picture(
            code,
            actor.id,
            channel,
            is_upload=True,
            spoiler=spoiler,
            uncovered_by=frozenset({actor.id}),
        )
        self.oracle.pictures[code] = picture
        return picture

    def claim_results(self, terms: OrderTerms) -> None:
        """Take note of what the provider rendered from this walk's pictures, and judge it."""
        rendered = self.renderer.made[self._read_results :]
        self._read_results = len(self.renderer.made)
        made = []
        for code, seeds in rendered:
            known = seeds & self.oracle.pictures.keys()
            if known:
                self._add_result(code, known, terms)
                made.append(code)
        self.oracle.link_siblings(made)

    def _add_result(self, code: int, seeds: Iterable[int], terms: OrderTerms) -> None:
        pictures, world = self.oracle.pictures, self.world
        painted = frozenset(seeds).union(*(pictures[each].painted for each in seeds))
        base = terms.base or self.oracle.get_leaf(seeds)
        assert base is not None
        is_hidden_place = world.is_spoiler(terms.channel)
        made = Picture(
            code,
            terms.actor.id,
            terms.channel,
            painted,
            adult=terms.adult
            or world.is_restricted(terms.channel)
            or base.adult
            or any(pictures[each].adult for each in painted),
            spoiler=terms.spoiler or is_hidden_place or base.spoiler,
            uncovered_by=_choose_owners(base, terms),
            covered=base.covered,
            covered_at=self.oracle.step - 1,
            private=terms.private or (base.private and not terms.is_public),
            waiting=self.approves_first,
        )
        pictures[code] = made
        for each in (base, *(pictures[number] for number in painted)):
            each.heirs.add(code)
        self.leaks += self.oracle.judge_order(made, base)

    def describe_place(self, channel: int) -> Place:
        world = self.world
        return Place(
            restricted=world.is_restricted(channel),
            spoiler=world.is_spoiler(channel),
            is_gallery=channel == world.channels[GALLERY],
            is_moderators=channel == world.moderators_channel,
        )

    async def judge(self) -> None:
        """Judge all that is shown now; what is about to go or to be covered has a moment for it."""
        waited = 0.0
        while found := self._list_leaks():
            if waited >= _GRACE_S:
                break
            await asyncio.sleep(0.1)
            waited += 0.1
        self.leaks += found

    def _list_leaks(self) -> list[Leak]:
        return [
            leak
            for message in tuple(self.log.messages.values())
            if message.author == self.world.bot_id
            for leak in self._judge_message(message)
        ]

    def _judge_message(self, message: SeenMessage) -> Iterable[Leak]:
        place = self.describe_place(message.channel)
        sharer = None if place.is_gallery or place.is_moderators else self.sharer
        return self.oracle.judge_message(message, place, sharer=sharer)

    def release(self) -> None:
        """End the walk: its codes may be used by another one."""
        self.log.close()
        self.codes.return_codes(self.oracle.pictures)


Act = Callable[[Walk, Random], Awaitable[bool]]
"""Do something drawn by chance; return False where nothing of the kind could be done."""


def _choose_owners(base: Picture, terms: OrderTerms) -> frozenset[int]:
    """Return who may take a result's spoiler off: who put it on, there or before."""
    if base.spoiler:
        return base.uncovered_by
    return terms.uncovered_by if terms.spoiler else frozenset({terms.actor.id})


def _choose_fields(form: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    """Return those of the fields that a form has."""
    known = {each["component"]["custom_id"] for each in form["components"]}
    return {name: value for name, value in fields.items() if name in known}
