"""Cards about several pictures that were ordered at once."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.errors import Refusal
from bot.domain.job import Job
from bot.ui.i18n.translations import Translations
from bot.ui.texts import order_summary as texts
from bot.ui.views.base import COLOUR_DONE, COLOUR_FAILED, COLOUR_WORKING, CardView, build_note


def build_summary_card(_: Translations, jobs: Sequence[Job]) -> CardView:
    """List the jobs of one interaction; each has a card of its own, with its buttons."""
    colour = COLOUR_DONE if all(job.has_ended for job in jobs) else COLOUR_WORKING
    return build_note(texts.describe_summary(_, jobs), colour)


def build_refused_pictures_card(
    _: Translations, count: int, refused: Sequence[tuple[str, Refusal]]
) -> CardView:
    """Explain which of `count` pictures, given by file name, were not accepted."""
    return build_note(texts.describe_refused_pictures(_, count, refused), COLOUR_FAILED)
