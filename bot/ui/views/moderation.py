"""Cards for moderators: a case with its pictures and actions, and the change log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import discord
from discord import ui

from bot.domain.ids import GuildId, JobId
from bot.domain.moderation import ActionKind, CaseStage
from bot.services.guilds.settings import ChangeLogPage
from bot.services.ports.channels import ModerationCase
from bot.ui.actions import Action
from bot.ui.texts import moderation as texts
from bot.ui.views.base import (
    COLOUR_FAILED,
    COLOUR_WORKING,
    CardView,
    build_card,
    build_gallery,
    build_note,
)
from bot.ui.views.components import Controls, Row, Style
from bot.ui.views.jobs import build_file_name
from bot.ui.views.payloads import CasePayload, LogPayload

ORIGINAL_FILE: Final = "original.jpg"
MAX_PICTURES: Final = 9
"""Results on one card: with the original they make Discord's limit of 10 files."""
_STAGE_COLOURS: Final = {
    CaseStage.REPORTED: COLOUR_FAILED,
    CaseStage.WAITS: COLOUR_WORKING,
    CaseStage.SETTLED: discord.Colour.dark_grey(),
}
_BUTTON_STYLES: Final = {
    ActionKind.APPROVE: Style.success,
    ActionKind.DECLINE: Style.danger,
    ActionKind.REMOVE: Style.danger,
}


def build_case_card(controls: Controls, case: ModerationCase) -> CardView:
    """Show a case: original and results, facts, past actions, and buttons for possible ones."""
    if not case.possible_acts:
        return build_note(texts.describe_actions(controls.gettext, case.past_acts))
    _, hidden = controls.gettext, case.job.order.attachment.spoiler
    pictures = [
        (build_file_name(case.job, picture), _(texts.RESULT_ALT, number=number))
        for number, picture in enumerate(case.pictures[:MAX_PICTURES], start=1)
    ]
    if case.original is not None:
        pictures.insert(0, (ORIGINAL_FILE, _(texts.ORIGINAL_ALT)))
    gallery = [build_gallery(*pictures, spoiler=hidden)] if pictures else []
    buttons = (_build_action_button(controls, kind, case.job.id) for kind in case.possible_acts)
    text = texts.describe_case(_, case)
    return build_card(_STAGE_COLOURS[case.stage], *gallery, text, Row(*buttons))


def _build_action_button(controls: Controls, kind: ActionKind, job: JobId) -> ui.Button[Any]:
    return controls.build_button(
        Action.CASE_ACTION,
        CasePayload(job, kind),
        text=controls.gettext(texts.ACTION_LABELS[kind]),
        style=_BUTTON_STYLES.get(kind, Style.secondary),
    )


def list_case_files(case: ModerationCase) -> Sequence[tuple[str, object]]:
    """Return the files of a case as names with bytes or paths."""
    shown = case.pictures[:MAX_PICTURES]
    results = [(build_file_name(case.job, each), each.path) for each in shown]
    return results if case.original is None else [(ORIGINAL_FILE, case.original), *results]


def build_log_card(controls: Controls, guild: GuildId, page: ChangeLogPage) -> CardView:
    """Show a page of the change log."""
    before, after = LogPayload(guild, page.number - 1), LogPayload(guild, page.number + 1)
    turns = Row(
        controls.build_button(Action.LOG, before, text="◀", disabled=not page.number),
        controls.build_button(Action.LOG, after, text="▶", disabled=not page.has_more),
    )
    return build_card(discord.Colour.dark_grey(), texts.format_log(controls.gettext, page), turns)
