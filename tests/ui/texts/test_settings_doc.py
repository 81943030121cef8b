"""The page of settings is the table, and what a setting may be is said in every language."""

from __future__ import annotations

import ast
from pathlib import Path

from bot.domain.settings_table import BETWEEN, MOST
from bot.ui.texts.settings.settings import ALLOWED_VALUE_TEXTS
from bot.ui.texts.settings.settings_doc import render_page


def test_the_page_is_written_from_the_code() -> None:
    page = Path(__file__).parents[3] / "docs" / "settings.md"
    assert page.read_text() == render_page(), (
        "run: .venv/bin/python -m bot.ui.texts.settings.settings_doc > docs/settings.md"
    )


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
