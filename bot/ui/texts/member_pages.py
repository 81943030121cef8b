"""Texts of a member's pages: history, privacy, help, and confirmations of deletions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.domain.moderation import ShownMessage
from bot.services.members.erasure import ErasureReport
from bot.services.members.history import HistoryPage
from bot.ui.i18n.translations import N_, Translations
from bot.ui.texts.job_details import format_history_line, get_message_link

DELETE_QUESTION: Final = N_(
    "Delete this result? The message and the files go; what it cost stays in the books."
)
RESULT_DELETED: Final = N_("Deleted.")
FILES_DELETED: Final = N_(
    "The files are deleted; the message could not be. A moderator can delete it."
)
MORE_TITLE: Final = N_("More with this picture")
PICTURE_TITLE: Final = N_("Picture {number} of {total}")
LOSSLESS_CAPTION: Final = N_("The picture without any loss:")
FILE_TOO_LARGE: Final = N_("The lossless file is larger than what may be uploaded here.")
COMPARISON_TITLE: Final = N_("Before and after")
FILM_TITLE: Final = N_("Zoom-out film")
FILM_ALT: Final = N_("A film that pulls back over {pictures} pictures")
ERASE_QUESTION: Final = N_(
    "Delete your pictures, prompts and name everywhere? My messages that show your pictures go "
    "too. Reported results stay until moderators have decided."
)
_MAX_LINKS: Final = 5


def format_history(_: Translations, page: HistoryPage) -> str:
    title = "### " + _("Your pictures")
    if not page.jobs:
        none = _("None yet. Start with /expand: attach a picture, name a side.")
        return f"{title}\n{none}"
    lines = [title]
    for job in page.jobs:
        link = get_message_link(job)
        opening = _("open")
        shown = f" · [{opening}]({link})" if link else ""
        lines.append(format_history_line(_, job) + shown)
    number = _("Page {number} of {pages}", number=page.number + 1, pages=page.pages)
    total = _.ngettext("{count} order in all", "{count} orders in all", page.total)
    return "\n".join([*lines, f"-# {number} · {total}"])


def parent_title(_: Translations, link: str | None) -> str:
    line = "### " + _("The picture before")
    return f"{line}\n{link}" if link else line


def shared_by_line(_: Translations, name: str) -> str:
    return "-# " + _("shown by {name}", name=name)


def describe_privacy(_: Translations, *, days: int, shares: bool) -> str:
    others = (
        _("Others may expand pictures of yours that they see.")
        if shares
        else _("Others may not expand pictures of yours.")
    )
    rows = (
        (
            _("Pictures"),
            _(
                "What you attach and what is made of it, for {days} days. Places, cameras and "
                "other data inside the file are removed at once.",
                days=days,
            ),
        ),
        (
            _("Orders"),
            _("Your prompts, sizes, times and your name as it was shown, until you delete them."),
        ),
        (
            _("Books"),
            _("What was spent, under your user ID, permanently, so that totals stay correct."),
        ),
        (
            _("Who sees it"),
            _(
                "The channel sees what you post. The operator can read the rest. The image service "
                "receives the picture and the prompt."
            ),
        ),
    )
    title = "### " + _("What is kept of you")
    return "\n".join([title, *(f"**{name}** · {text}" for name, text in rows), others])


def describe_export(_: Translations, left_out: int) -> str:
    """Introduce the file with a member's data; `left_out` files were too large for it."""
    caption = _("Everything we store about you, as data and pictures:")
    if not left_out:
        return caption
    rest = _.ngettext(
        "{count} picture is too large for one message. /history sends it again.",
        "{count} pictures are too large for one message. /history sends them again.",
        left_out,
    )
    return f"{caption}\n{rest}"


def describe_erasure(
    _: Translations, report: ErasureReport, remaining: Sequence[ShownMessage]
) -> str:
    """Say what an erasure deleted, and everything that it left."""
    lines = [
        _.ngettext(
            "Your pictures, prompts and name are deleted from {count} order.",
            "Your pictures, prompts and name are deleted from {count} orders.",
            report.erased,
        )
    ]
    if report.open:
        lines.append(
            _.ngettext(
                "{count} order is still under way: do this again when it has ended.",
                "{count} orders are still under way: do this again when they have ended.",
                report.open,
            )
        )
    if report.reported:
        lines.append(
            _.ngettext(
                "{count} reported result stays until moderators have decided: do this again then.",
                "{count} reported results stay until moderators have decided: do this again then.",
                report.reported,
            )
        )
    lines += _describe_remaining(_, remaining)
    if report.made_by_others:
        lines.append(
            _.ngettext(
                "{count} result that another member made from your pictures stays theirs.",
                "{count} results that other members made from your pictures stay theirs.",
                report.made_by_others,
            )
        )
    return "\n".join(lines)


def _describe_remaining(_: Translations, remaining: Sequence[ShownMessage]) -> list[str]:
    planned = [each for each in remaining if each.is_deletion_planned]
    lines = []
    if planned:
        text = _.ngettext(
            "{count} message still shows your pictures. I keep trying to delete it:",
            "{count} messages still show your pictures. I keep trying to delete them:",
            len(planned),
        )
        lines.append("\n".join([text, *map(_format_message_link, planned[:_MAX_LINKS])]))
    if stuck := len(remaining) - len(planned):
        lines.append(
            _.ngettext(
                "{count} message is in a place where I can't delete it. Delete it there.",
                "{count} messages are in places where I can't delete them. Delete them there.",
                stuck,
            )
        )
    return lines


def _format_message_link(shown: ShownMessage) -> str:
    where = shown.guild or "@me"
    return f"https://discord.com/channels/{where}/{shown.channel}/{shown.message}"


def help_text(_: Translations) -> str:
    lines = [
        "### " + _("Make pictures larger than their frame"),
        "`/expand` · " + _("a side and pixels: `direction: right` `pixels: 256`"),
        "`/expand-ratio` · " + _("a shape: `ratio: 16:9`, or a banner: `ratio: 1500x500`"),
        "`/expand-zoom` · " + _("step back: `factor: 1.5`"),
        "`/expand-sides` · " + _("each side by itself: `left: 100` `top: 300`"),
        _("Right click on a message, Apps, **Expand image** takes the picture from there."),
        _("`preview: True` shows canvas and price first. Nothing is paid until you confirm."),
        _("Under every result: go on with the arrows, zoom out, try again, compare."),
        "`/quota` · " + _("what is left today"),
        "`/history` · " + _("your pictures, to send again or delete"),
        "`/privacy` · " + _("what is kept of you, and how to delete it"),
    ]
    return "\n".join(lines)
