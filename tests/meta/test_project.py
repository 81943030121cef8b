"""The files around the code agree with it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from bot.config.loader import format_example, list_config_options, load_settings
from bot.config.settings import Settings

ROOT = Path(__file__).parents[2]


def test_the_example_configuration_is_the_settings_tree() -> None:
    text = (ROOT / "config.example.toml").read_text()
    assert text == format_example(), "run: make pages"
    written = {(section, key) for section, table in tomllib.loads(text).items() for key in table}
    assert written == {(section, key) for section, key, _, _ in list_config_options()}


def test_the_example_configuration_loads_as_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXPANSE_DISCORD__TOKEN", raising=False)
    loaded = load_settings(ROOT / "config.example.toml")
    assert loaded.model_dump() == Settings().model_dump()


def test_every_setting_is_described() -> None:
    assert all(description.endswith(".") for _, _, _, description in list_config_options())


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_by_hash_and_names_no_host(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    pinned = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
    assert pinned
    assert all("==" in line for line in pinned)
    assert text.count("--hash=sha256:") >= len(pinned)


def test_continuous_integration_calls_the_test_command_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "\nmake test\n" in readme
    assert "\nmake test\n" in (ROOT / ".ci" / "run").read_text()
