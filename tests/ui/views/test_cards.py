"""Every card can be built with all its rows, within Discord's limits."""

from __future__ import annotations

import inspect
import itertools
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import Any

import pytest
from discord import ui

from bot.domain.gallery import GalleryEntry
from bot.domain.ids import ChannelId, DraftId, GuildId, UserId
from bot.images.film.animation import MovieFormat
from bot.ui.actions import Action
from bot.ui.texts.controls import BUTTON_LABELS
from bot.ui.views import base, gallery, jobs, member_pages, moderation, settings_panel
from bot.ui.views.components import Row
from tests.ui.i18n import test_pseudo_locale as members
from tests.ui.i18n.test_pseudo_locale import CONTROLS, REF, TRANSLATE, build_done_job, make_public
from tests.ui.texts import test_moderation as moderators

JOB = make_public(build_done_job())
ENTRY = GalleryEntry(
    1, GuildId(1), JOB.id, 0, JOB.id, UserId(1), UserId(1), ChannelId(1), None, age_restricted=False
)
PRIVATE_FILE = (
    CONTROLS.build_button(Action.SHARE, DraftId("draft1")),
    CONTROLS.build_button(Action.SIDE_BY_SIDE, REF),
)


def build_film_card() -> ui.LayoutView:
    films = member_pages.build_film_buttons(CONTROLS, REF, list(MovieFormat))
    return member_pages.build_media_card(
        "title", "alt", "x.webp", spoiler=False, row=Row(PRIVATE_FILE[0], *films)
    )


CARDS: dict[str, Callable[[], ui.LayoutView]] = {
    **members.CARDS,
    **moderators.CARDS,
    **{
        f"more {flags}": lambda flags=flags: jobs.build_more_menu(  # type: ignore[misc] # bound now
            CONTROLS, REF, JOB, has_parent=flags[0], can_manage=flags[1], is_author=flags[2]
        )
        for flags in itertools.product((True, False), repeat=3)
    },
    "failure": lambda: jobs.build_failure_card(JOB, ValueError()),
    "withheld": lambda: jobs.build_withheld_card(JOB),
    "undeliverable": lambda: jobs.build_undeliverable_card(JOB),
    "delivered elsewhere": lambda: jobs.build_delivery_notice(JOB, ["why"], is_direct=True),
    "delivered directly": lambda: jobs.build_direct_message_card(JOB),
    "cancelled": lambda: jobs.build_cancelled_card(JOB),
    "order": lambda: member_pages.build_order_card(CONTROLS, "said", JOB.id, has_pictures=True),
    "film": build_film_card,
    "comparison": lambda: member_pages.build_media_card(
        "title", "alt", "x.png", spoiler=True, row=Row(*PRIVATE_FILE)
    ),
    "file": lambda: member_pages.build_file_card("said", "x.png"),
    "erase": lambda: jobs.build_confirmation_card(CONTROLS, "sure?", Action.ERASE_CONFIRM),
    "gallery post": lambda: gallery.build_gallery_post(CONTROLS, ENTRY, JOB, "x.png"),
    "gallery picture": lambda: gallery.build_picture_card(TRANSLATE, JOB, "x.png", "said"),
    "gallery list": lambda: gallery.build_list_card("said"),
    "usage": lambda: gallery.build_usage_card("said", "x.png", "x.csv", "alt"),
}


def list_custom_ids(payload: Any) -> Iterator[str]:
    if isinstance(payload, list):
        for each in payload:
            yield from list_custom_ids(each)
    elif isinstance(payload, dict):
        yield from [payload["custom_id"]] if "custom_id" in payload else []
        yield from list_custom_ids(list(payload.values()))


@pytest.mark.parametrize("name", CARDS)
async def test_a_card_fits_discord(name: str) -> None:
    payload = members.render_view(CARDS[name]())
    assert members.count_parts(moderators.drop_defaults(payload)) <= members.MOST_PARTS
    found = list(list_custom_ids(payload))
    assert len(set(found)) == len(found)


async def test_every_button_with_a_label_is_on_a_card() -> None:
    payloads = [members.render_view(build()) for build in CARDS.values()]
    shown = {CONTROLS.codec.decode(each)[0] for each in list_custom_ids(payloads)}
    assert set(BUTTON_LABELS) <= shown


def list_card_builders() -> Iterator[Callable[..., Any]]:
    for module in (base, gallery, jobs, member_pages, moderation, settings_panel):
        for _, function in inspect.getmembers(module, inspect.isfunction):
            if inspect.get_annotations(function).get("return") == "CardView":
                yield function


async def test_every_card_builder_is_used_here() -> None:
    called: set[CodeType] = set()

    def note(frame: FrameType, _event: str, _argument: object) -> None:
        called.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        for build in CARDS.values():
            build()
    finally:
        sys.setprofile(before)
    assert not [each.__name__ for each in list_card_builders() if each.__code__ not in called]
