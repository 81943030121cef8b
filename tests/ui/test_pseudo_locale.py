"""In a language that brackets and stretches every message, no text escapes and none overflows."""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from discord import ui

from bot.domain.geometry import Margins, Size, plan
from bot.domain.ids import ChannelId, Digest, DraftId, MessageId
from bot.domain.job import Job, JobState, Result
from bot.domain.ledger import Cap, Unit
from bot.domain.money import MicroUsd
from bot.domain.order import OutputFormat, Reply
from bot.domain.request import Direction, Directional, Sides, ToRatio, ZoomOut
from bot.domain.usage import CapUse, Usage
from bot.errors import PressRefused
from bot.services.history import Page
from bot.services.pictures import Details, Shown
from bot.services.ports import Picture, Standing
from bot.services.previews import Preview
from bot.ui import cards, cards_job, cards_pages, modals
from bot.ui import wording_pages as pages
from bot.ui import wording_ways as ways
from bot.ui.actions import Action
from bot.ui.buttons import Controls
from bot.ui.seal import Seal
from bot.ui.speech import Speech
from bot.ui.wording_cards import Late
from tests.storage.jobs import NOW, job

SEED, MARGINS = Size(640, 480), Margins(left=100, right=100)
MOST_TEXT, MOST_PARTS = 4000, 40
LIMITS = {"label": 80, "placeholder": 150, "title": 45, "text": 45, "description": 1024}
HOSTILE = "@everyone **b** <@1> `x` {price} \u202eevil\u200b [l](http://x)"
VALUES = re.compile(
    r"<t:\d+:\w>|<[@#]\d+>|https?://\S+|job1|\d+x\d+|code \w+|\bid \w+|[0-9a-f]{8}-[0-9a-f-]{27}"
    r"|KiB|WEBP|1500x500|draft1|dunes|`/[a-z-]+`"
)


class Pseudo(gettext.NullTranslations):
    """Say every message in brackets, a third longer than it is."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}{'~' * (len(message) // 3)}⟧"

    def ngettext(self, one: str, more: str, count: int) -> str:
        return self.gettext(one if count == 1 else more)

    def pgettext(self, _context: str, message: str) -> str:
        return self.gettext(message)


CONTROLS = Controls(Speech("en", Pseudo()), Seal(bytes(32)))
SAY = CONTROLS.say
USAGE = Usage(3, 20, NOW)


def done(**changes: Any) -> Job:
    planned = plan(SEED, MARGINS, max_canvas_pixels=10**8)
    changed = {
        "state": JobState.SETTLED,
        "plan": planned,
        "cost": MicroUsd(100_000),
        "seed": Digest("0" * 64),
        "seed_note": "first_frame",
        "reply": Reply(None, MessageId(5)),
        **changes,
    }
    return replace(job(1, Directional(Direction.HORIZONTAL, 100)), **changed)


def picture(ordinal: int = 0) -> Picture:
    result = Result(ordinal, "i", "u", 1, MicroUsd(50_000), format=OutputFormat.WEBP, bytes=99)
    return Picture(replace(result, note="recoded reduced rescaled"), Path("x"))


def public(job: Job) -> Job:
    return replace(job, order=replace(job.order, private=False))


SHOWN = Shown(done(), (picture(),), 0)
USES = [
    CapUse(Cap.USER_DAY, Unit.RESULT, 0, 3, 20, NOW),
    CapUse(Cap.USER_MONTH, Unit.MICRO_USD, 0, 150_000, 10_000_000, NOW),
    CapUse(Cap.GUILD_MONTH, Unit.MICRO_USD, 0, 0, 0, NOW),
]
WAYS = list(ways.PERMISSIONS)
PREVIEW = Preview(DraftId("draft1"), done().order, done().prepared_plan, MicroUsd(5), USAGE, b"")
WAITING = Standing(3, timedelta(seconds=200), NOW, is_late=True)
CARDS: dict[str, Callable[[], ui.LayoutView]] = {
    **{
        f"working {state}": lambda state=state: cards_job.working(  # type: ignore[misc] # bound now
            CONTROLS, done(state=state), WAITING
        )
        for state in JobState
    },
    "finished": lambda: cards_job.finished(
        CONTROLS, done(), [picture()], ["x.png"], USAGE, late=Late(30)
    ),
    "several": lambda: cards_job.finished(
        CONTROLS, done(), [picture(n) for n in range(10)], [f"{n}.png" for n in range(10)], USAGE
    ),
    "bench": lambda: cards_job.bench(CONTROLS, SHOWN, 2, None),
    "details": lambda: cards_job.details(CONTROLS, Details(SHOWN, 0.01, 2, refused=True)),
    "details unknown": lambda: cards_job.details(CONTROLS, Details(SHOWN, None, 2, refused=False)),
    "more": lambda: cards_job.more(
        CONTROLS, SHOWN.ref, done(), has_parent=True, owns=True, is_author=False
    ),
    "parent": lambda: cards_job.parent(CONTROLS, SHOWN.ref, public(done())),
    "sure": lambda: cards_job.sure(CONTROLS, pages.sure_delete(SAY), Action.DELETE_SURE, "job1"),
    "preview": lambda: cards_pages.preview(CONTROLS, PREVIEW),
    "history": lambda: cards_pages.history(CONTROLS, Page([public(done())] * 6, 0, 2, 7)),
    "no history": lambda: cards_pages.history(CONTROLS, Page([], 0, 1, 0)),
    "privacy": lambda: cards_pages.privacy(CONTROLS, days=30, shares=True),
    "privacy closed": lambda: cards_pages.privacy(CONTROLS, days=30, shares=False),
    "help": lambda: cards_pages.help_page(SAY),
    "quota": lambda: cards.quota(SAY, USES),
    "sent directly": lambda: cards.note(ways.sent_directly(SAY, done())),
    "elsewhere": lambda: cards.note(
        ways.elsewhere(SAY, done(), [ways.needs(SAY, ChannelId(9), WAYS)], directly=True)
    ),
    "kept": lambda: cards.note(
        ways.elsewhere(SAY, done(), [ways.why(SAY, 200000)], directly=False)
    ),
    "refused": lambda: cards.refused(SAY, PressRefused("gone")),
    "broken": lambda: cards.broken(SAY, "abc"),
    "erased": lambda: cards.note(pages.erased(SAY, 2)),
}


def shown(view: ui.LayoutView) -> Any:
    return view.to_components()  # type: ignore[no-untyped-call] # the library leaves it so


def texts(payload: Any) -> Iterator[tuple[str, str]]:
    """Walk all that people read in a payload: the key it stands under, and the text."""
    if isinstance(payload, list):
        for each in payload:
            yield from texts(each)
    elif isinstance(payload, dict):
        for key, value in payload.items():
            if key in {"content", *LIMITS} and isinstance(value, str):
                yield key, value
            elif key != "custom_id":
                yield from texts(value)


def parts(payload: Any) -> int:
    if isinstance(payload, list):
        return sum(map(parts, payload))
    if isinstance(payload, dict):
        return ("type" in payload) + sum(map(parts, payload.values()))
    return 0


def outside(text: str) -> str:
    """Return what no catalogue has a hand in: neither a message nor a known kind of value."""
    while "⟦" in text:
        text, before = re.sub(r"⟦[^⟦⟧]*⟧", "", text), text
        assert text != before, before
    return VALUES.sub("", text)


@pytest.mark.parametrize("name", CARDS)
async def test_no_text_of_a_card_escapes_the_catalogues_or_overflows(name: str) -> None:
    payload = shown(CARDS[name]())
    said = list(texts(payload))
    escaped = [text for _, text in said if re.search(r"[^\W\d_]{2,}", outside(text))]
    assert not escaped
    assert sum(len(text) for key, text in said if key == "content") <= MOST_TEXT
    assert not [text for key, text in said if len(text) > LIMITS.get(key, MOST_TEXT)]
    assert parts(payload) <= MOST_PARTS


async def test_no_text_of_a_form_escapes_or_overflows() -> None:
    pictures = [done().order.attachment] * 3
    for form in (
        modals.factor(CONTROLS, "job1", 0),
        modals.prompt(CONTROLS, Action.PROMPT_ASK, Action.PROMPT_FORM, "job1", 0, text=""),
        modals.menu(CONTROLS, "draft1", pictures),
    ):
        for key, text in texts(form.to_dict()):
            plain = outside(text.replace("a.png", ""))
            assert key == "placeholder" or not re.search(r"[^\W\d_]{2,}", plain)


@pytest.mark.parametrize(
    "request_",
    [
        Directional(Direction.LEFT, 5),
        Sides(MARGINS),
        ToRatio(Fraction(16, 9)),
        ZoomOut(Fraction(2)),
    ],
)
async def test_what_was_asked_is_said_by_the_catalogues(request_: Any) -> None:
    asked = done(order=replace(done().order, request=request_))
    for _, text in texts(shown(cards_job.working(CONTROLS, asked, Standing()))):
        assert not re.search(r"[^\W\d_]{2,}", outside(text))


@pytest.mark.parametrize("name", ["finished", "details", "preview", "history", "working reserved"])
async def test_hostile_names_and_prompts_are_shown_as_text(name: str) -> None:
    hostile = done(
        origin=replace(done().origin, user_name=HOSTILE),
        order=replace(done().order, prompt=HOSTILE, private=False),
    )
    makers: dict[str, Callable[[], ui.LayoutView]] = {
        "finished": lambda: cards_job.finished(CONTROLS, hostile, [picture()], ["x"], USAGE),
        "details": lambda: cards_job.details(
            CONTROLS, Details(Shown(hostile, (picture(),), 0), 0.0, 0, refused=False)
        ),
        "preview": lambda: cards_pages.preview(CONTROLS, replace(PREVIEW, order=hostile.order)),
        "history": lambda: cards_pages.history(CONTROLS, Page([hostile], 0, 1, 1)),
        "working reserved": lambda: cards_job.working(CONTROLS, hostile, Standing()),
    }
    for key, text in texts(shown(makers[name]())):
        if key == "content":
            assert "@everyone" not in text
            assert "**b**" not in text
            assert "<@1>" not in text.replace("\\<", "")
            assert "\u202e" not in text
            assert "\u200b" not in text.replace("@\u200b", "")
