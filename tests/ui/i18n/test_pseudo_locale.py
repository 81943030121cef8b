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

from bot.domain.geometry import Margins, Size
from bot.domain.ids import ChannelId, Digest, DraftId, GuildId, JobId, MessageId
from bot.domain.job import Job, JobState, Result
from bot.domain.ledger import CapUse, LedgerUnit, LimitKind, Usage
from bot.domain.model import DEFAULT_MODEL
from bot.domain.moderation import ShownMessage
from bot.domain.money import MicroUsd
from bot.domain.order import Note, OutputFormat, PictureRef, ReplyTarget
from bot.domain.plan import plan_expansion
from bot.domain.request import Direction, DirectionalMargins, ExplicitMargins, ToRatio, ZoomOut
from bot.errors import ComponentReason, ComponentRefused, QuotaExhausted
from bot.services.members.erasure import ErasureReport
from bot.services.members.history import HistoryPage
from bot.services.orders.drafts import DraftPreview
from bot.services.pictures.details import PictureDetails
from bot.services.pictures.library import SelectedPicture
from bot.services.ports.jobs import QueueStatus, StoredPicture
from bot.ui.actions import Action
from bot.ui.i18n.translations import Translations
from bot.ui.texts import delivery as delivery_texts
from bot.ui.texts import member_pages as page_texts
from bot.ui.views import base as base_views
from bot.ui.views import jobs as job_views
from bot.ui.views import member_pages as page_views
from bot.ui.views import modals
from bot.ui.views.components import Controls
from bot.ui.views.custom_ids import CustomIdCodec
from bot.ui.views.order_summary import build_refused_pictures_card, build_summary_card
from tests.support.job_builders import NOW, build_job

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


CONTROLS = Controls(Translations("en", Pseudo()), CustomIdCodec(bytes(32)))
TRANSLATE = CONTROLS.gettext
REF = PictureRef(JobId("job1"), 0)
USAGE = Usage(3, 20, NOW)


def build_done_job(**changes: Any) -> Job:
    planned = plan_expansion(SEED, MARGINS, max_canvas_pixels=10**8)
    changed = {
        "state": JobState.SETTLED,
        "plan": planned,
        "cost": MicroUsd(100_000),
        "seed": Digest("0" * 64),
        "seed_notes": (Note.FIRST_FRAME,),
        "reply": ReplyTarget(None, MessageId(5)),
        **changes,
    }
    return replace(build_job(1, DirectionalMargins(Direction.HORIZONTAL, 100)), **changed)


def build_picture(ordinal: int = 0) -> StoredPicture:
    result = Result(ordinal, "i", "u", 1, MicroUsd(50_000), format=OutputFormat.WEBP, bytes=99)
    return StoredPicture(
        replace(result, notes=(Note.RECODED, Note.REDUCED, Note.RESCALED)), Path("x")
    )


def make_public(job: Job) -> Job:
    return replace(job, order=replace(job.order, private=False))


SHOWN = SelectedPicture(build_done_job(), (build_picture(),), 0)
USES = [
    CapUse(LimitKind.USER_DAY, LedgerUnit.RESULT, 0, 3, 20, NOW),
    CapUse(LimitKind.USER_MONTH, LedgerUnit.MICRO_USD, 0, 150_000, 10_000_000, NOW),
    CapUse(LimitKind.GUILD_MONTH, LedgerUnit.MICRO_USD, 0, 0, 0, NOW),
]
DELIVERIES = list(delivery_texts.PERMISSION_NAMES)
PREVIEW = DraftPreview(
    DraftId("draft1"),
    build_done_job().order,
    build_done_job().prepared_plan,
    MicroUsd(5),
    USAGE,
    b"",
    DEFAULT_MODEL.margin.step,
)
WAITING = QueueStatus(3, timedelta(seconds=200), NOW, is_late=True)
CARDS: dict[str, Callable[[], ui.LayoutView]] = {
    **{
        f"working {state}": lambda state=state: job_views.build_progress_card(  # type: ignore[misc] # bound now
            CONTROLS, build_done_job(state=state), WAITING
        )
        for state in JobState
    },
    "finished": lambda: job_views.build_result_card(
        CONTROLS, build_done_job(), [build_picture()], ["x.png"], USAGE, is_late=True
    ),
    "several": lambda: job_views.build_result_card(
        CONTROLS,
        build_done_job(),
        [build_picture(n) for n in range(10)],
        [f"{n}.png" for n in range(10)],
        USAGE,
    ),
    "bench": lambda: job_views.build_single_picture_card(CONTROLS, SHOWN, 2, None),
    "details": lambda: job_views.build_details_card(
        CONTROLS, PictureDetails(SHOWN, 0.01, 2, has_refusals=True)
    ),
    "details unknown": lambda: job_views.build_details_card(
        CONTROLS, PictureDetails(SHOWN, None, 2, has_refusals=False)
    ),
    "more": lambda: job_views.build_more_menu(
        CONTROLS, SHOWN.ref, build_done_job(), has_parent=True, can_manage=True, is_author=False
    ),
    "parent": lambda: job_views.build_parent_card(
        CONTROLS, SHOWN.ref, make_public(build_done_job())
    ),
    "sure": lambda: job_views.build_confirmation_card(
        CONTROLS, TRANSLATE(page_texts.DELETE_QUESTION), Action.DELETE_CONFIRM, REF
    ),
    "preview": lambda: page_views.build_preview_card(CONTROLS, PREVIEW),
    "history": lambda: page_views.build_history_card(
        CONTROLS, HistoryPage([make_public(build_done_job())] * 6, 0, 2, 7)
    ),
    "no history": lambda: page_views.build_history_card(CONTROLS, HistoryPage([], 0, 1, 0)),
    "privacy": lambda: page_views.build_privacy_card(CONTROLS, days=30, shares=True),
    "privacy closed": lambda: page_views.build_privacy_card(CONTROLS, days=30, shares=False),
    "help": lambda: page_views.build_help_card(CONTROLS, can_moderate=True),
    "order panel": lambda: page_views.build_order_panel(CONTROLS),
    "summary": lambda: build_summary_card(
        TRANSLATE, [make_public(build_done_job(state=state, part=1)) for state in JobState]
    ),
    "not accepted": lambda: build_refused_pictures_card(
        TRANSLATE, 4, [("1.5", QuotaExhausted(1, 20, 20, NOW))] * 3
    ),
    "quota": lambda: base_views.build_quota_card(TRANSLATE, USES),
    "sent directly": lambda: base_views.build_note(
        delivery_texts.direct_message_text(TRANSLATE, build_done_job())
    ),
    "elsewhere": lambda: base_views.build_note(
        delivery_texts.describe_delivery(
            TRANSLATE,
            build_done_job(),
            [delivery_texts.describe_missing_permissions(TRANSLATE, ChannelId(9), DELIVERIES)],
            is_direct=True,
        )
    ),
    "kept": lambda: base_views.build_note(
        delivery_texts.describe_delivery(
            TRANSLATE,
            build_done_job(),
            [delivery_texts.describe_route_error(TRANSLATE, 200000)],
            is_direct=False,
        )
    ),
    "refused": lambda: base_views.build_refusal_card(
        TRANSLATE, ComponentRefused(ComponentReason.GONE)
    ),
    "broken": lambda: base_views.build_error_card(TRANSLATE, "abc"),
    "erased": lambda: base_views.build_note(
        page_texts.describe_erasure(
            TRANSLATE,
            ErasureReport(3, 2, 1, 1, (), ()),
            [
                ShownMessage(GuildId(1), ChannelId(2), MessageId(3), is_deletion_planned=True),
                ShownMessage(GuildId(0), ChannelId(4), MessageId(5), is_deletion_planned=False),
            ],
        )
    ),
    "exported": lambda: base_views.build_note(page_texts.describe_export(TRANSLATE, 2)),
}


def render_view(view: ui.LayoutView) -> Any:
    return view.to_components()  # type: ignore[no-untyped-call] # the library leaves it so


def list_texts(payload: Any) -> Iterator[tuple[str, str]]:
    """Walk all that people read in a payload: the key it stands under, and the text."""
    if isinstance(payload, list):
        for each in payload:
            yield from list_texts(each)
    elif isinstance(payload, dict):
        for key, value in payload.items():
            if key in {"content", *LIMITS} and isinstance(value, str):
                yield key, value
            elif key != "custom_id":
                yield from list_texts(value)


def count_parts(payload: Any) -> int:
    if isinstance(payload, list):
        return sum(map(count_parts, payload))
    if isinstance(payload, dict):
        return ("type" in payload) + sum(map(count_parts, payload.values()))
    return 0


def find_untranslated(text: str) -> str:
    """Return what no catalogue has a hand in: neither a message nor a known kind of value."""
    while "⟦" in text:
        text, before = re.sub(r"⟦[^⟦⟧]*⟧", "", text), text
        assert text != before, before
    return VALUES.sub("", text)


@pytest.mark.parametrize("name", CARDS)
async def test_no_text_of_a_card_escapes_the_catalogues_or_overflows(name: str) -> None:
    payload = render_view(CARDS[name]())
    said = list(list_texts(payload))
    escaped = [text for _, text in said if re.search(r"[^\W\d_]{2,}", find_untranslated(text))]
    assert not escaped
    assert sum(len(text) for key, text in said if key == "content") <= MOST_TEXT
    assert not [text for key, text in said if len(text) > LIMITS.get(key, MOST_TEXT)]
    assert count_parts(payload) <= MOST_PARTS


async def test_no_text_of_a_form_escapes_or_overflows() -> None:
    pictures = [build_done_job().order.attachment] * 3
    for form in (
        modals.build_zoom_modal(CONTROLS, REF),
        modals.build_prompt_modal(CONTROLS, Action.PROMPT_FORM, REF, "", DEFAULT_MODEL),
        modals.build_expand_modal(CONTROLS, DraftId("draft1"), pictures, DEFAULT_MODEL),
        modals.build_order_modal(CONTROLS, DEFAULT_MODEL),
    ):
        for key, text in list_texts(form.to_dict()):
            plain = find_untranslated(text.replace("a.png", ""))
            assert key == "placeholder" or not re.search(r"[^\W\d_]{2,}", plain)


@pytest.mark.parametrize(
    "request_",
    [
        DirectionalMargins(Direction.LEFT, 5),
        ExplicitMargins(MARGINS),
        ToRatio(Fraction(16, 9)),
        ZoomOut(Fraction(2)),
    ],
)
async def test_what_was_asked_is_said_by_the_catalogues(request_: Any) -> None:
    asked = build_done_job(order=replace(build_done_job().order, request=request_))
    for _, text in list_texts(
        render_view(job_views.build_progress_card(CONTROLS, asked, QueueStatus()))
    ):
        assert not re.search(r"[^\W\d_]{2,}", find_untranslated(text))


@pytest.mark.parametrize(
    "name",
    ["finished", "details", "preview", "history", "working reserved", "summary", "not accepted"],
)
async def test_hostile_names_and_prompts_are_shown_as_text(name: str) -> None:
    hostile = build_done_job(
        origin=replace(build_done_job().origin, user_name=HOSTILE),
        order=replace(build_done_job().order, prompt=HOSTILE, private=False),
    )
    makers: dict[str, Callable[[], ui.LayoutView]] = {
        "finished": lambda: job_views.build_result_card(
            CONTROLS, hostile, [build_picture()], ["x"], USAGE
        ),
        "details": lambda: job_views.build_details_card(
            CONTROLS,
            PictureDetails(
                SelectedPicture(hostile, (build_picture(),), 0), 0.0, 0, has_refusals=False
            ),
        ),
        "preview": lambda: page_views.build_preview_card(
            CONTROLS, replace(PREVIEW, order=hostile.order)
        ),
        "history": lambda: page_views.build_history_card(CONTROLS, HistoryPage([hostile], 0, 1, 1)),
        "working reserved": lambda: job_views.build_progress_card(CONTROLS, hostile, QueueStatus()),
        "summary": lambda: build_summary_card(TRANSLATE, [hostile]),
        "not accepted": lambda: build_refused_pictures_card(
            TRANSLATE, 2, [(HOSTILE, QuotaExhausted(1, 20, 20, NOW))]
        ),
    }
    for key, text in list_texts(render_view(makers[name]())):
        if key == "content":
            assert "@everyone" not in text
            assert "**b**" not in text
            assert "<@1>" not in text.replace("\\<", "")
            assert "\u202e" not in text
            assert "\u200b" not in text.replace("@\u200b", "")
