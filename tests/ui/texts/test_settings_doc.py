"""The page of settings is the table."""

from __future__ import annotations

from pathlib import Path

from bot.ui.texts.settings.settings_doc import render_page


def test_the_page_is_written_from_the_code() -> None:
    page = Path(__file__).parents[3] / "docs" / "settings.md"
    assert page.read_text() == render_page(), (
        "run: .venv/bin/python -m bot.ui.texts.settings.settings_doc > docs/settings.md"
    )
