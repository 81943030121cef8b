"""Every language is complete, fills the same places, and fits where Discord shows it."""

from __future__ import annotations

import re
from string import Formatter
from typing import Any

import pytest
from discord import Locale, app_commands
from discord.app_commands import locale_str

from bot.client import HANDLERS
from bot.ui import wording_commands, wording_controls
from bot.ui.catalogue import gather, read
from bot.ui.seal import Action
from bot.ui.speech import LANGUAGES, NAME, SOURCE, nearest, speech
from cogs.expand import Expand
from cogs.menu import Menu
from cogs.own import Own

TRANSLATED = [language for language in LANGUAGES if language != SOURCE]
MESSAGES = [message for message in gather() if message.id]
NAME_SHAPE = re.compile(r"[-_'\w]{1,32}")
LABEL, MODAL_TITLE, FIELD, FIELD_ABOUT, OPTION, DESCRIPTION = 80, 45, 45, 100, 100, 100
"""Discord's limits in characters."""


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


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


def commands() -> list[app_commands.Command[Any, ..., Any]]:
    cogs: tuple[Any, ...] = (Expand, Own)
    return [command for cog in cogs for command in cog.__cog_app_commands__]


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_and_descriptions_of_commands_fit_discord(language: str) -> None:
    say = speech(language)
    assert hasattr(Menu, "expand_image")
    for command in commands():
        assert command._locale_name is not None
        names = [say.name(command._locale_name.message)]
        texts: list[object] = [command._locale_description]
        for parameter in command._params.values():
            names.append(say.name(locale_of(parameter._rename)))
            texts.append(parameter.description)
        assert len(set(names)) == len(names)
        for name in names:
            assert NAME_SHAPE.fullmatch(name), name
            assert name == name.lower()
        for text in texts:
            assert isinstance(text, locale_str)
            assert 1 <= len(say(text.message)) <= DESCRIPTION, say(text.message)


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
    options = [wording_controls.ratio_label(say, ratio) for ratio in wording_controls.RATIOS]
    options += [wording_controls.amount_label(say, pixels) for pixels in wording_controls.AMOUNTS]
    assert not [option for option in options if len(option) > OPTION]


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
