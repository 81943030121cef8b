"""The page of settings is the table, and what a setting may be is said in every language."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bot.domain.guild import SETTINGS, list_settings
from bot.domain.settings_table import BETWEEN, FORM_KINDS, MOST, Kind, Section
from bot.ui.texts.settings.settings import ALLOWED_VALUE_TEXTS
from bot.ui.texts.settings.settings_doc import render_settings_page
from bot.ui.texts.settings.table import TEXTS

MOST_FIELDS, MOST_BUTTONS = 5, 5
"""Of a modal, and of a row (Discord's limits)."""


def test_the_page_is_written_from_the_code() -> None:
    page = Path(__file__).parents[3] / "docs" / "settings.md"
    assert page.read_text() == render_settings_page(), "run: make pages"


def test_a_number_with_a_default_says_in_its_option_what_it_is() -> None:
    silent = [
        name
        for name, row in SETTINGS.items()
        if row.kind in {Kind.COUNT, Kind.MONEY} and row.default is not None
        if TEXTS[name].option is None
    ]
    assert not silent, "the option text of the kind speaks of no value: it would be false here"


@pytest.mark.parametrize("section", Section)
def test_a_section_fits_its_form_and_its_row_of_buttons(section: Section) -> None:
    assert len(list_settings(section, FORM_KINDS)) <= MOST_FIELDS
    assert len(list_settings(section, {Kind.FLAG})) <= MOST_BUTTONS


def test_what_is_allowed_is_a_message_of_the_catalogues() -> None:
    root = Path(__file__).parents[3] / "bot"
    allowed = {BETWEEN, MOST}
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    func=ast.Name(id="SettingRefused"),
                    args=[_, _, ast.Constant(value=str(said)), *_],
                ):
                    allowed.add(said)
    assert allowed <= set(ALLOWED_VALUE_TEXTS)
