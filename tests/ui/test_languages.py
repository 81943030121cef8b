"""Every language is complete, fills the same places, and fits where Discord shows it."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from discord import Locale, app_commands
from discord.app_commands import locale_str

from bot.client import HANDLERS
from bot.ui import wording_commands, wording_controls, wording_moderation
from bot.ui.actions import Action
from bot.ui.catalogue import gather, read
from bot.ui.speech import LANGUAGES, NAME, SOURCE, nearest, speech
from bot.ui.wording_settings import NAMES, level
from cogs.expand import Expand
from cogs.gallery import Gallery
from cogs.menu import Menu
from cogs.moderation import Moderate
from cogs.own import Own
from cogs.settings import Settings
from cogs.usage import Usage

TRANSLATED = [language for language in LANGUAGES if language != SOURCE]
MESSAGES = [message for message in gather() if message.id]
GROUPS: tuple[Any, ...] = (Gallery, Settings, Moderate)
NAME_SHAPE = re.compile(r"[-_'\w]{1,32}")
LABEL, MODAL_TITLE, FIELD, FIELD_ABOUT, OPTION, DESCRIPTION = 80, 45, 45, 100, 100, 100
"""Discord's limits in characters."""


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_no_message_of_the_code_is_hidden_from_the_catalogues() -> None:
    known = {each.id if isinstance(each.id, str) else each.id[0] for each in MESSAGES}
    hidden = []
    for path in Path(wording_controls.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    func=ast.Name(id=name) | ast.Attribute(attr=name),
                    args=[ast.Constant(value=str(said)), *_],
                ) if name in {"say", "later", "locale_str", "named", "many"} and said not in known:
                    hidden.append(said)
    assert not hidden, "a call within another call, or within an f-string, is not gathered"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_and_nothing_else(language: str) -> None:
    catalogue = read(language)
    missing = []
    for message in MESSAGES:
        known = catalogue.get(message.id, message.context)
        said = known.string if known is not None else ""
        parts: Any = said if isinstance(said, list | tuple) else (said,)
        if not parts or not all(parts):
            missing.append(message.id)
    assert not missing, "run: python -m bot.ui.catalogue, and translate what is empty"
    assert len([each for each in catalogue if each.id]) == len(MESSAGES)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_places_of_its_message(language: str) -> None:
    wrong = []
    for message in read(language):
        asked = [message.id] if isinstance(message.id, str) else message.id
        said: Any = message.string if isinstance(message.string, list | tuple) else [message.string]
        pairs = zip(said, asked[-len(said) :], strict=True)
        wrong += [text for text, form in pairs if form and places(text) != places(form)]
    assert not wrong


def locale_of(name: object) -> str:
    assert isinstance(name, locale_str)
    return name.message


def families() -> Iterator[list[app_commands.Command[Any, ..., Any] | app_commands.Group]]:
    """Walk commands and groups by what stands side by side in Discord's list."""
    pending: list[Any] = [
        [each for cog in (Expand, Own, Usage) for each in cog.__cog_app_commands__],
        *([each for each in cog.__cog_app_commands__ if each.parent is None] for cog in GROUPS),
    ]
    while pending:
        family = pending.pop()
        pending += [each.commands for each in family if isinstance(each, app_commands.Group)]
        yield family


def options(command: object) -> list[Any]:
    return list(command._params.values()) if isinstance(command, app_commands.Command) else []


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_commands_and_options_fit_discord_and_differ(language: str) -> None:
    say = speech(language)
    assert hasattr(Menu, "expand_image")
    for family in families():
        rows = [[locale_of(each._locale_name) for each in family]]
        rows += [[locale_of(option._rename) for option in options(each)] for each in family]
        for row in rows:
            names = [say.name(name) for name in row]
            assert len(set(names)) == len(names), names
            assert not [name for name in names if not NAME_SHAPE.fullmatch(name)]
            assert names == [name.lower() for name in names]


@pytest.mark.parametrize("language", LANGUAGES)
def test_descriptions_of_commands_and_options_fit_discord(language: str) -> None:
    say = speech(language)
    for command in itertools.chain.from_iterable(families()):
        texts = [command._locale_description, *(each.description for each in options(command))]
        said = [say(locale_of(text)) for text in texts]
        assert not [text for text in said if not 1 <= len(text) <= DESCRIPTION]


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_titles_and_fields_fit_discord(language: str) -> None:
    say = speech(language)
    labels = [wording_controls.label(say, action) for action in wording_controls.LABELS]
    labels += [wording_controls.share_label(say, shares=shares) for shares in (True, False)]
    labels += [wording_controls.spoiler_label(say, hidden=hidden) for hidden in (True, False)]
    labels += [wording_controls.zoom_label(say, factor) for factor in wording_controls.ZOOMS]
    labels += [wording_controls.confirm_label(say, "$1,000.00")]
    assert not [label for label in labels if not 1 <= len(label) <= LABEL]
    titles = [say(title) for title in wording_controls.TITLES.values()]
    assert not [title for title in titles if not 1 <= len(title) <= MODAL_TITLE]
    for words in (
        wording_controls.factor_field(say),
        wording_controls.prompt_field(say),
        wording_controls.picture_field(say),
        wording_controls.direction_field(say),
        wording_controls.pixels_field(say),
    ):
        assert len(words[0]) <= FIELD
        assert len(words[1]) <= FIELD_ABOUT
    choices = [wording_controls.ratio_label(say, ratio) for ratio in wording_controls.RATIOS]
    choices += [wording_controls.amount_label(say, pixels) for pixels in wording_controls.AMOUNTS]
    assert not [option for option in choices if len(option) > OPTION]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_moderators_press_and_fill_fits_discord(language: str) -> None:
    say = speech(language)
    labels = [say(label) for label in wording_moderation.LABELS.values()]
    assert not [label for label in labels if not 1 <= len(label) <= LABEL]
    fields = [wording_moderation.report_field(say), *wording_moderation.block_fields(say)]
    assert not [field for field in fields if len(field[0]) > FIELD or len(field[1]) > FIELD_ABOUT]
    levels = [f"{say(NAMES['adult_tolerance'])}: {level(say, at)}" for at in range(7)]
    assert not [option for option in levels if len(option) > OPTION]


@pytest.mark.parametrize("language", LANGUAGES)
def test_choices_fit_discord_and_differ(language: str) -> None:
    say = speech(language)
    for choices in (wording_commands.CHOICES, wording_commands.ANCHORS):
        names = [say.name(choice.message) for choice in choices.values()]
        assert len(set(names)) == len(names)
        assert all(1 <= len(name) <= OPTION for name in names)


def test_discords_locales_find_their_nearest_language() -> None:
    assert {nearest(str(locale)) for locale in Locale} == set(LANGUAGES)
    assert (nearest("en-GB"), nearest("es-419"), nearest("ko")) == ("en", "es-ES", "en")


def test_every_action_of_a_component_is_answered() -> None:
    assert set(HANDLERS) == set(Action)


def test_names_are_known_by_their_context() -> None:
    named = {message.id for message in MESSAGES if message.context == NAME}
    assert {option[0].message for option in wording_commands._OPTIONS.values()} <= named


@pytest.mark.parametrize(
    ("language", "label"), [("en", "Zoom out 1.5×"), ("fr", "Zoom arrière 1,5×")]
)
def test_a_zoom_is_written_with_the_marks_of_its_language(language: str, label: str) -> None:
    assert wording_controls.zoom_label(speech(language), "15") == label
