"""What the pages about oneself say: history, privacy, help, and questions before something goes."""

from __future__ import annotations

from bot.services.members.history import HistoryPage
from bot.ui.i18n.translations import Translations
from bot.ui.texts.job_details import format_history_line, get_message_link


def format_history(say: Translations, page: HistoryPage) -> str:
    title = "### " + say("Your pictures")
    if not page.jobs:
        none = say("None yet. Start with /expand: attach a picture, name a side.")
        return f"{title}\n{none}"
    lines = [title]
    for job in page.jobs:
        link = get_message_link(job)
        opening = say("open")
        shown = f" · [{opening}]({link})" if link else ""
        lines.append(format_history_line(say, job) + shown)
    number = say("Page {number} of {pages}", number=page.number + 1, pages=page.pages)
    total = say.translate_plural("{count} order in all", "{count} orders in all", page.total)
    return "\n".join([*lines, f"-# {number} · {total}"])


def more_title(say: Translations) -> str:
    return "### " + say("More with this picture")


def picture_title(say: Translations, number: int, total: int) -> str:
    return "### " + say("Picture {number} of {total}", number=number, total=total)


def parent_title(say: Translations, link: str | None) -> str:
    line = "### " + say("The picture before")
    return f"{line}\n{link}" if link else line


def delete_question(say: Translations) -> str:
    return say("Delete this result? The message and the files go; what it cost stays in the books.")


def result_deleted_text(say: Translations) -> str:
    return say("Deleted.")


def files_deleted_text(say: Translations) -> str:
    return say("The files are deleted; the message could not be. A moderator can delete it.")


def pictures_resent_text(say: Translations) -> str:
    return say("Here it is again.")


def lossless_caption(say: Translations) -> str:
    return say("The picture without any loss:")


def file_too_large_text(say: Translations) -> str:
    return say("The lossless file is larger than what may be uploaded here.")


def comparison_title(say: Translations) -> str:
    return say("Before and after")


def film_title(say: Translations) -> str:
    return say("Zoom-out film")


def film_alt_text(say: Translations, pictures: int) -> str:
    return say("A film that pulls back over {pictures} pictures", pictures=pictures)


def shared_by_line(say: Translations, name: str) -> str:
    return "-# " + say("shown by {name}", name=name)


def describe_privacy(say: Translations, *, days: int, shares: bool) -> str:
    others = (
        say("Others may expand pictures of yours that they see.")
        if shares
        else say("Others may not expand pictures of yours.")
    )
    lines = [
        "### " + say("What is kept of you"),
        "**"
        + say("Pictures")
        + "** · "
        + say(
            "What you attach and what is made of it, for {days} days. Places, cameras and other "
            "data inside the file are removed at once.",
            days=days,
        ),
        "**"
        + say("Orders")
        + "** · "
        + say("Your prompts, sizes, times and your name as it was shown, until you delete them."),
        "**"
        + say("Books")
        + "** · "
        + say("What was spent, under your bare id: kept for good, for the sums must add up."),
        "**"
        + say("Who sees it")
        + "** · "
        + say(
            "The channel sees what you post. The operator can read the rest. The image service "
            "receives the picture and the prompt."
        ),
        others,
    ]
    return "\n".join(lines)


def export_caption(say: Translations) -> str:
    return say("All that is kept of you:")


def erase_question(say: Translations) -> str:
    return say(
        "Delete your pictures, prompts and name everywhere? Messages in channels stay; "
        "delete them with Delete first."
    )


def describe_erasure(say: Translations, open_jobs: int) -> str:
    done = say("Your pictures, prompts and name are deleted.")
    if not open_jobs:
        return done
    rest = say.translate_plural(
        "{count} order is still under way: do this again when it has ended.",
        "{count} orders are still under way: do this again when they have ended.",
        open_jobs,
    )
    return f"{done} {rest}"


def help_text(say: Translations) -> str:
    lines = [
        "### " + say("Make pictures larger than their frame"),
        "`/expand` · " + say("a side and pixels: `direction: right` `pixels: 256`"),
        "`/expand-ratio` · " + say("a shape: `ratio: 16:9`, or a banner: `ratio: 1500x500`"),
        "`/expand-zoom` · " + say("step back: `factor: 1.5`"),
        "`/expand-sides` · " + say("each side by itself: `left: 100` `top: 300`"),
        say("Right click on a message, Apps, **Expand image** takes the picture from there."),
        say("`preview: True` shows canvas and price first. Nothing is paid until you confirm."),
        say("Under every result: go on with the arrows, zoom out, try again, compare."),
        "`/quota` · " + say("what is left today"),
        "`/history` · " + say("your pictures, to send again or delete"),
        "`/privacy` · " + say("what is kept of you, and how to delete it"),
    ]
    return "\n".join(lines)
