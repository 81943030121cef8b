"""Texts of the gallery: posts, responses, rankings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.gallery import (
    AuthorRanking,
    ChainRanking,
    GalleryEntry,
    GalleryRefusal,
)
from bot.domain.job import Job
from bot.ui.i18n.formatting import describe_request, escape_text
from bot.ui.i18n.translations import N_, Translations
from bot.ui.texts.job_details import build_message_link

VOTE_EMOJI: Final = "⭐"
"""The reaction that counts as a vote."""
REFUSAL_TEXTS: Final[Mapping[GalleryRefusal, str]] = {
    GalleryRefusal.CLOSED: N_("This server has no gallery at the moment."),
    GalleryRefusal.NOT_YOURS: N_("Only who made a picture may bring it into the gallery."),
    GalleryRefusal.OPTED_OUT: N_(
        "Its author, or the author of the picture that it was made from, wants nothing shown."
    ),
    GalleryRefusal.AGE_RESTRICTED: N_(
        "It was made in an age-restricted channel, and the gallery is not one."
    ),
    GalleryRefusal.BARRED: N_("It was taken out of the gallery before, and stays out."),
    GalleryRefusal.NOT_SHOWN: N_("This picture may not be shown to everybody."),
    GalleryRefusal.NO_CHANNEL: N_("The gallery's channel cannot be written to."),
}


PICTURE_ADDED: Final = N_("It is in {channel} now.")
PICTURE_REMOVED: Final = N_("It is out of the gallery, for good.")
GALLERY_FROZEN: Final = N_(
    "The gallery is frozen: nothing new comes in until a moderator lets it go on."
)


def format_post(_: Translations, entry: GalleryEntry, job: Job) -> str:
    """Return the text under a picture in the gallery."""
    plan = job.prepared_plan
    lines = [
        f"**{plan.seed} → {plan.canvas}** · {describe_request(_, job.order.request)}",
        _("by {name}", name=escape_text(job.origin.user_name)),
    ]
    if entry.source_author != entry.author:
        lines.append(_("from a picture by {name}", name=f"<@{entry.source_author}>"))
    if entry.message is not None:
        there = _("where it was made")
        link = build_message_link(entry.guild, entry.channel, entry.message)
        lines.append(f"-# [{there}]({link}) · {job.id}")
    return "\n".join(lines)


def format_best_entries(_: Translations, entries: Sequence[GalleryEntry], days: int) -> str:
    title = _.ngettext("Best of the last day", "Best of the last {count} days", days)
    return _format_list(_, title, [_format_entry_line(_, each) for each in entries])


def format_entry(_: Translations, entry: GalleryEntry | None) -> str:
    """Return the line of one gallery picture, or say that there is none."""
    line = _("Nothing yet.") if entry is None else _format_entry_line(_, entry)
    return "### " + _("A picture of the gallery") + f"\n{line}"


def format_leaders(_: Translations, standings: Sequence[AuthorRanking]) -> str:
    lines = [
        f"<@{each.author}> · {_format_votes(_, each.votes)} · "
        + _.ngettext("{count} picture", "{count} pictures", each.pictures)
        for each in standings
    ]
    return _format_list(_, _("Who has most votes"), lines)


def format_most_expanded(
    _: Translations, chains: Sequence[ChainRanking], links: Sequence[str | None]
) -> str:
    """List the most expanded pictures; `links` lead to each original, None if it is deleted."""
    lines = [
        f"<@{each.author}> · "
        + _.ngettext("expanded {count} time", "expanded {count} times", each.pictures)
        + " · "
        + (each.root if link is None else f"[{_('open')}]({link})")
        for each, link in zip(chains, links, strict=True)
    ]
    return _format_list(_, _("Pictures that were expanded most"), lines)


def visibility_text(_: Translations, *, is_hidden: bool) -> str:
    if is_hidden:
        return _("Nothing of yours is shown in this server's gallery any more.")
    return _("Your pictures may be shown in this server's gallery again.")


def _format_list(_: Translations, title: str, lines: Sequence[str]) -> str:
    numbered = [f"{number}. {line}" for number, line in enumerate(lines, start=1)]
    return "\n".join([f"### {title}", *(numbered or [_("Nothing yet.")])])


def _format_entry_line(_: Translations, entry: GalleryEntry) -> str:
    where = entry.shown_channel, entry.shown_message
    if where[0] is None or where[1] is None:
        return f"<@{entry.author}> · {_format_votes(_, entry.votes)}"
    opening = _("open")
    there = f"[{opening}]({build_message_link(entry.guild, where[0], where[1])})"
    return f"<@{entry.author}> · {_format_votes(_, entry.votes)} · {there}"


def _format_votes(_: Translations, count: int) -> str:
    return f"{VOTE_EMOJI} " + _.ngettext("{count} vote", "{count} votes", count)
