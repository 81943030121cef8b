"""Why a message could not be delivered, and who can fix it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.ids import ChannelId
from bot.domain.job import Job
from bot.ui.i18n.translations import N_, Translations

PERMISSION_NAMES: Final[Mapping[str, str]] = {
    "view_channel": N_("View Channel"),
    "connect": N_("Connect"),
    "send_messages": N_("Send Messages"),
    "send_messages_in_threads": N_("Send Messages in Threads"),
    "attach_files": N_("Attach Files"),
}
"""Permissions for posting a picture, by the names in Discord's settings."""
NO_PERMISSION_CODES: Final = frozenset({50001, 50013})
_ROUTE_ERROR_TEXTS: Final[Mapping[int, str]] = {
    50007: N_("Your direct messages are closed to this bot."),
    50083: N_("The thread is archived."),
    160005: N_("The thread is locked."),
    200000: N_("AutoMod of this server blocked the message with the picture."),
    400001: N_("Discord limits uploads in this server at the moment."),
}
"""Texts by Discord's JSON error codes, other than missing permissions."""


def describe_missing_permissions(
    _: Translations, channel: ChannelId, permissions: Sequence[str]
) -> str:
    """List the permissions that the bot lacks in a channel."""
    named = _.join_list([_(PERMISSION_NAMES[name]) for name in permissions])
    return _(
        "This bot may not post in {channel}. What it needs there: {permissions}.",
        channel=f"<#{channel}>",
        permissions=named,
    )


def describe_route_error(_: Translations, code: int) -> str:
    """Explain another delivery error by its code; empty if there is nothing to say."""
    return _(_ROUTE_ERROR_TEXTS[code]) if code in _ROUTE_ERROR_TEXTS else ""


def describe_delivery(_: Translations, job: Job, reasons: Sequence[str], *, is_direct: bool) -> str:
    """Explain to the member why the picture is not in the channel, and where it is."""
    sent = _("The picture came as a direct message.")
    kept = _("The picture is kept: open it with /history.")
    return "\n".join([*reasons, sent if is_direct else kept, f"-# {job.id}"])


def direct_message_text(_: Translations, job: Job) -> str:
    """Say in public that the picture was sent by direct message."""
    return "\n".join([_("The picture went to its member as a direct message."), f"-# {job.id}"])
