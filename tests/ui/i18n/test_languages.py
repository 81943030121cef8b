"""Every language is complete, fills the same places, and fits where Discord shows it."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any, get_type_hints

import pytest
from discord import Locale, app_commands
from discord.app_commands import locale_str

from bot.domain.model import DEFAULT_MODEL
from bot.domain.order import Detail
from bot.ui.actions import Action
from bot.ui.i18n import extract_messages
from bot.ui.i18n.extract_messages import collect_messages, read_catalog
from bot.ui.i18n.translations import (
    LANGUAGES,
    NAME_CONTEXT,
    SOURCE_LANGUAGE,
    get_translations,
    resolve_language,
)
from bot.ui.interactions.handlers import HANDLERS
from bot.ui.texts import (
    controls as control_texts,
)
from bot.ui.texts import (
    moderation as moderation_texts,
)
from bot.ui.texts.settings.settings import format_level
from bot.ui.texts.settings.table import TEXTS
from bot.ui.views.payloads import PAYLOADS
from cogs.context_menu import ContextMenuCog
from cogs.expand import build_expand_commands
from cogs.gallery import GalleryCog
from cogs.member_pages import MemberPagesCog
from cogs.moderation import ModerationCog
from cogs.settings import SettingsCog
from cogs.usage import UsageCog

TRANSLATED = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]
MESSAGES = [message for message in collect_messages() if message.id]
MARKERS = {
    *("_", "gettext", "ngettext", "N_", "N_choice", "mark_name"),
    *("describe_command", "create_command", "Option", "SettingTexts"),
}
"""What is called with messages of the catalogues."""
GROUPS: tuple[Any, ...] = (GalleryCog, SettingsCog, ModerationCog)
NAME_SHAPE = re.compile(r"[-_'\w]{1,32}")
LABEL, MODAL_TITLE, FIELD, FIELD_ABOUT, OPTION, DESCRIPTION = 80, 45, 45, 100, 100, 100
"""Discord's limits in characters."""


def list_placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_no_message_of_the_code_is_hidden_from_the_catalogues() -> None:
    known = {text for each in MESSAGES for text in ([each.id], each.id)[isinstance(each.id, tuple)]}
    hidden: set[str] = set()
    root = Path(control_texts.__file__).parents[3]
    for path in [*(root / "bot" / "ui").rglob("*.py"), *(root / "cogs").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args) if (
                    name in MARKERS
                ):
                    said = {each.value for each in args if isinstance(each, ast.Constant)}
                    hidden |= {each for each in said if isinstance(each, str)} - known
    assert not hidden, "a call within another call, or within an f-string, is not gathered"


def test_a_new_language_gets_a_catalogue_with_every_message(tmp_path: Path) -> None:
    extract_messages.update_catalog("it", tmp_path)
    assert {each.id for each in read_catalog("it", tmp_path)} >= {each.id for each in MESSAGES}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_and_nothing_else(language: str) -> None:
    catalogue = read_catalog(language)
    missing = []
    for message in MESSAGES:
        known = catalogue.get(message.id, message.context)
        said = known.string if known is not None else ""
        parts: Any = said if isinstance(said, list | tuple) else (said,)
        if not parts or not all(parts):
            missing.append(message.id)
    assert not missing, "run: python -m bot.ui.i18n.extract_messages, and translate what is empty"
    assert len([each for each in catalogue if each.id]) == len(MESSAGES)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_places_of_its_message(language: str) -> None:
    wrong = []
    for message in read_catalog(language):
        asked = [message.id] if isinstance(message.id, str) else message.id
        said: Any = message.string if isinstance(message.string, list | tuple) else [message.string]
        pairs = zip(said, asked[-len(said) :], strict=True)
        wrong += [
            text
            for text, form in pairs
            if form and list_placeholders(text) != list_placeholders(form)
        ]
    assert not wrong


async def refuse_orders(*_: Any, **__: Any) -> None:
    """Take the place of what runs an order: here commands are only described."""


def parse_locale(name: object) -> str:
    assert isinstance(name, locale_str)
    return name.message


def list_families() -> Iterator[list[app_commands.Command[Any, ..., Any] | app_commands.Group]]:
    """Walk commands and groups by what stands side by side in Discord's list."""
    pending: list[Any] = [
        [
            *build_expand_commands(DEFAULT_MODEL, refuse_orders),
            *MemberPagesCog.__cog_app_commands__,
            *UsageCog.__cog_app_commands__,
        ],
        *([each for each in cog.__cog_app_commands__ if each.parent is None] for cog in GROUPS),
    ]
    while pending:
        family = pending.pop()
        pending += [each.commands for each in family if isinstance(each, app_commands.Group)]
        yield family


def list_options(command: object) -> list[Any]:
    return list(command._params.values()) if isinstance(command, app_commands.Command) else []


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_commands_and_options_fit_discord_and_differ(language: str) -> None:
    _ = get_translations(language)
    assert hasattr(ContextMenuCog, "expand_image")
    for family in list_families():
        rows = [[parse_locale(each._locale_name) for each in family]]
        rows += [[parse_locale(option._rename) for option in list_options(each)] for each in family]
        for row in rows:
            names = [_.pgettext(name) for name in row]
            assert len(set(names)) == len(names), names
            assert not [name for name in names if not NAME_SHAPE.fullmatch(name)]
            assert names == [name.lower() for name in names]


@pytest.mark.parametrize("language", LANGUAGES)
def test_descriptions_of_commands_and_options_fit_discord(language: str) -> None:
    _ = get_translations(language)
    for command in itertools.chain.from_iterable(list_families()):
        texts = [command._locale_description, *(each.description for each in list_options(command))]
        said = [_(parse_locale(text)) for text in texts]
        assert not [text for text in said if not 1 <= len(text) <= DESCRIPTION]


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_titles_and_fields_fit_discord(language: str) -> None:
    _ = get_translations(language)
    labels = [control_texts.action_label(_, action) for action in control_texts.BUTTON_LABELS]
    labels += [control_texts.share_label(_, shares=shares) for shares in (True, False)]
    labels += [control_texts.spoiler_label(_, hidden=hidden) for hidden in (True, False)]
    labels += [control_texts.detail_label(_, detail) for detail in Detail]
    labels += [control_texts.zoom_label(_, factor) for factor in control_texts.ZOOM_FACTORS]
    labels += [_(control_texts.CONFIRM_LABEL, price="$1,000.00")]
    assert not [label for label in labels if not 1 <= len(label) <= LABEL]
    titles = [_(title) for title in control_texts.MODAL_TITLES.values()]
    assert not [title for title in titles if not 1 <= len(title) <= MODAL_TITLE]
    for words in (
        control_texts.FACTOR_FIELD,
        control_texts.PROMPT_FIELD,
        control_texts.PICTURE_FIELD,
        control_texts.DIRECTION_FIELD,
        control_texts.PIXELS_FIELD,
    ):
        assert len(_(words[0])) <= FIELD
        assert len(_(words[1], most=DEFAULT_MODEL.margin.maximum)) <= FIELD_ABOUT
    choices = [control_texts.ratio_label(_, ratio) for ratio in control_texts.RATIOS]
    choices += control_texts.list_amounts(_, DEFAULT_MODEL.margin.maximum).values()
    assert not [option for option in choices if len(option) > OPTION]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_moderators_press_and_fill_fits_discord(language: str) -> None:
    _ = get_translations(language)
    labels = [_(label) for label in moderation_texts.ACTION_LABELS.values()]
    assert not [label for label in labels if not 1 <= len(label) <= LABEL]
    marked = (
        moderation_texts.REPORT_FIELD,
        moderation_texts.REASON_FIELD,
        moderation_texts.DAYS_FIELD,
    )
    fields = [(_(title), _(about)) for title, about in marked]
    assert not [field for field in fields if len(field[0]) > FIELD or len(field[1]) > FIELD_ABOUT]
    levels = [f"{_(TEXTS['adult_tolerance'].name)}: {format_level(_, at)}" for at in range(7)]
    assert not [option for option in levels if len(option) > OPTION]


@pytest.mark.parametrize("language", LANGUAGES)
def test_choices_fit_discord_and_differ(language: str) -> None:
    _ = get_translations(language)
    for choices in (control_texts.FORMATS, control_texts.ANCHORS):
        names = [_.pgettext(choice.message) for choice in choices.values()]
        assert len(set(names)) == len(names)
        assert all(1 <= len(name) <= OPTION for name in names)


def test_discords_locales_find_their_nearest_language() -> None:
    assert {resolve_language(str(locale)) for locale in Locale} == set(LANGUAGES)
    assert (resolve_language("en-GB"), resolve_language("es-419"), resolve_language("ko")) == (
        "en",
        "es-ES",
        "en",
    )


def test_every_action_of_a_component_is_answered() -> None:
    assert set(HANDLERS) == set(Action)


@pytest.mark.parametrize("action", Action)
def test_every_action_is_answered_by_what_takes_its_payload(action: Action) -> None:
    _event, taken, _result = get_type_hints(HANDLERS[action]).values()
    assert taken == PAYLOADS[action]


def test_names_are_known_by_their_context() -> None:
    named = {message.id for message in MESSAGES if message.context == NAME_CONTEXT}
    commands = list(itertools.chain.from_iterable(list_families()))
    assert {parse_locale(each._locale_name) for each in commands} <= named
    assert {
        parse_locale(option._rename) for each in commands for option in list_options(each)
    } <= named


@pytest.mark.parametrize(
    ("language", "label"), [("en", "Zoom out 1.5×"), ("fr", "Zoom arrière 1,5×")]
)
def test_a_zoom_is_written_with_the_marks_of_its_language(language: str, label: str) -> None:
    assert control_texts.zoom_label(get_translations(language), "15") == label
