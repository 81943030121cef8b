"""Why a message did not get where it was meant to go, in words that say who can mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.ids import ChannelId
from bot.domain.job import Job
from bot.ui.speech import Speech, later

PERMISSIONS: Final[Mapping[str, str]] = {
    "view_channel": later("View Channel"),
    "send_messages": later("Send Messages"),
    "send_messages_in_threads": later("Send Messages in Threads"),
    "attach_files": later("Attach Files"),
}
"""What a post with a picture needs, as Discord's own settings name it."""
NO_PERMISSION: Final = frozenset({50001, 50013})
_WHY: Final[Mapping[int, str]] = {
    50007: later("Your direct messages are closed to this bot."),
    200000: later("AutoMod of this server blocked the message with the picture."),
    400001: later("Discord limits uploads in this server at the moment."),
}
"""By Discord's JSON error codes."""


def needs(say: Speech, channel: ChannelId, permissions: Sequence[str]) -> str:
    """Name what the bot needs in a channel and does not have."""
    named = say.list([say(PERMISSIONS[name]) for name in permissions])
    return say(
        "This bot may not post in {channel}. What it needs there: {permissions}.",
        channel=f"<#{channel}>",
        permissions=named,
    )


def why(say: Speech, code: int) -> str:
    """Say why a way is closed that is closed for another reason; empty where there is no more."""
    return say(_WHY[code]) if code in _WHY else ""


def elsewhere(say: Speech, job: Job, reasons: Sequence[str], *, directly: bool) -> str:
    """Tell the member alone why the picture is not in the channel, and where it is."""
    sent = say("The picture came as a direct message.")
    kept = say("The picture is kept: open it with /history.")
    return "\n".join([*reasons, sent if directly else kept, f"-# {job.id}"])


def sent_directly(say: Speech, job: Job) -> str:
    """Tell everybody that there is nothing to wait for any more."""
    return "\n".join([say("The picture went to its member as a direct message."), f"-# {job.id}"])
