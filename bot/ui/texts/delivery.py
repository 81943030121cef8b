"""Why a message did not get where it was meant to go, in words that say who can mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.ids import ChannelId
from bot.domain.job import Job
from bot.ui.i18n.translations import Translations, mark_message

PERMISSION_NAMES: Final[Mapping[str, str]] = {
    "view_channel": mark_message("View Channel"),
    "send_messages": mark_message("Send Messages"),
    "send_messages_in_threads": mark_message("Send Messages in Threads"),
    "attach_files": mark_message("Attach Files"),
}
"""What a post with a picture needs, as Discord's own settings name it."""
NO_PERMISSION_CODES: Final = frozenset({50001, 50013})
_ROUTE_ERROR_TEXTS: Final[Mapping[int, str]] = {
    50007: mark_message("Your direct messages are closed to this bot."),
    200000: mark_message("AutoMod of this server blocked the message with the picture."),
    400001: mark_message("Discord limits uploads in this server at the moment."),
}
"""By Discord's JSON error codes."""


def describe_missing_permissions(
    say: Translations, channel: ChannelId, permissions: Sequence[str]
) -> str:
    """Name what the bot needs in a channel and does not have."""
    named = say.join_list([say(PERMISSION_NAMES[name]) for name in permissions])
    return say(
        "This bot may not post in {channel}. What it needs there: {permissions}.",
        channel=f"<#{channel}>",
        permissions=named,
    )


def describe_route_error(say: Translations, code: int) -> str:
    """Say why a way is closed that is closed for another reason; empty where there is no more."""
    return say(_ROUTE_ERROR_TEXTS[code]) if code in _ROUTE_ERROR_TEXTS else ""


def describe_delivery(
    say: Translations, job: Job, reasons: Sequence[str], *, is_direct: bool
) -> str:
    """Tell the member alone why the picture is not in the channel, and where it is."""
    sent = say("The picture came as a direct message.")
    kept = say("The picture is kept: open it with /history.")
    return "\n".join([*reasons, sent if is_direct else kept, f"-# {job.id}"])


def direct_message_text(say: Translations, job: Job) -> str:
    """Tell everybody that there is nothing to wait for any more."""
    return "\n".join([say("The picture went to its member as a direct message."), f"-# {job.id}"])
