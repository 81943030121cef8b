"""The matrix of rights: where a right comes from, where it is used, and what it allows."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Place(StrEnum):
    """Where an act is asked for; the value stands in the table below."""

    THREAD = "T"
    """A public thread, whose parent has an overwrite of its own."""
    CHANNEL = "C"
    """The channel with the overwrites, in which the picture was made."""
    OTHER = "O"
    MODERATORS = "M"
    """The moderators' channel, which all members see here."""
    GUILD = "G"
    """A channel of another guild; all actors are members of it."""


class Source(StrEnum):
    """Where a member's right comes from."""

    ROLE = "role"
    """Manage Messages by a role, in the whole guild."""
    ROLE_HERE = "role here"
    """Manage Messages and Manage Server by the channel's overwrite for a role."""
    MEMBER_HERE = "member here"
    """The same by the channel's overwrite for the member."""
    PARENT = "parent"
    """The same by an overwrite of the thread's parent."""
    DENIED_HERE = "denied"
    """A role as the first, but the channel's overwrite takes Manage Messages away."""
    ADMINISTRATOR = "admin"
    OWNER = "owner"
    """The owner of the guild, without any role."""
    MANAGER = "manager"
    """Manage Server by a role, without Manage Messages."""
    NOBODY = "nobody"
    FOREIGN = "foreign"
    """A role with both permissions in the other guild."""
    OPERATOR = "operator"
    """Named in the bot's configuration; a plain member of both guilds."""


class Right(StrEnum):
    """What an act needs; the value stands in the table below and in docs/moderation.md."""

    MODERATOR = "moderate the server"
    MANAGER = "manage the server"
    PANEL = "use the server's settings panel"
    PICTURE = "moderate the server's pictures"
    MESSAGE = "manage messages in the picture's channel"
    THREAD_MESSAGE = "manage messages in the picture's thread"
    POST = "manage messages in the picture's or the gallery's channel"
    GALLERY = "manage messages in the gallery's channel"
    BOTH = "manage messages in the picture's and the gallery's channel"
    CARD = "decide on a card in the moderators' channel"
    CASE = "decide on a card of the queue"
    OPERATOR = "operate the bot"
    MEMBER = "be a member"
    ANYBODY = "be anybody"
    NONE = "be its author"


_TABLE: Final = """
 role  here  m-here  parent denied admin  owner  manager nobody foreign operator
 TCOM  -     -       -      TCOM   TCOM   TCOM   TCOM    -      G       -       moderate the server
 -     -     -       -      -      TCOM   TCOM   TCOM    -      G       -       manage the server
 -     -     -       -      -      TCOM   TCOM   TCOM    -      -       -       use the server's settings panel
 TCOM  -     -       -      TCOM   TCOM   TCOM   TCOM    -      -       -       moderate the server's pictures
 TCOM  TCOM  TCOM    -      -      TCOM   TCOM   -       -      -       -       manage messages in the picture's channel
 TCOM  -     -       TCOM   TCOM   TCOM   TCOM   -       -      -       -       manage messages in the picture's thread
 TCOM  TCOM  TCOM    -      TCOM   TCOM   TCOM   -       -      -       -       manage messages in the picture's or the gallery's channel
 TCOM  -     -       -      TCOM   TCOM   TCOM   -       -      -       -       manage messages in the gallery's channel
 TCOM  -     -       -      -      TCOM   TCOM   -       -      -       -       manage messages in the picture's and the gallery's channel
 M     -     -       -      M      M      M      M       -      -       -       decide on a card in the moderators' channel
 TCOM  -     -       -      TCOM   TCOM   TCOM   TCOM    -      -       -       decide on a card of the queue
 -     -     -       -      -      -      -      -       -      -       TCOMG   operate the bot
 TCOM  TCOM  TCOM    TCOM   TCOM   TCOM   TCOM   TCOM    TCOM   TCOM    TCOM    be a member
 TCOMG TCOMG TCOMG   TCOMG  TCOMG  TCOMG  TCOMG  TCOMG   TCOMG  TCOMG   TCOMG   be anybody
 -     -     -       -      -      -      -      -       -      -       -       be its author
"""  # noqa: E501 - a table
"""The places in which a right is given, by where it comes from: the expected value of every cell.

The other guild's moderator moderates that guild, and nothing of the first.
"""


def read_rights() -> Mapping[Right, Mapping[Source, frozenset[Place]]]:
    """Return the table."""
    rights = {}
    for line in _TABLE.strip().splitlines()[1:]:
        *cells, name = line.split(maxsplit=len(Source))
        places = [frozenset(map(Place, each.replace("-", ""))) for each in cells]
        rights[Right(name)] = dict(zip(Source, places, strict=True))
    assert set(rights) == set(Right)
    return rights


RIGHTS: Final = read_rights()

_COLUMNS: Final = {
    "Manage Messages by a role": (Source.ROLE,),
    "by the channel's permissions": (Source.ROLE_HERE, Source.MEMBER_HERE, Source.PARENT),
    "by a role, denied in the channel": (Source.DENIED_HERE,),
    "Manage Server by a role": (Source.MANAGER,),
    "Administrator, owner": (Source.ADMINISTRATOR, Source.OWNER),
}
_LINES: Final = {
    "`/settings`, its panel and its log": Right.PANEL,
    "`/moderate`, `/usage`, posting the order button": Right.MODERATOR,
    "cards of reports and approvals, and those of `/moderate queue`": Right.CASE,
    "delete, cover or cancel by the buttons of a result": Right.MESSAGE,
    "take a picture out of the gallery": Right.POST,
    "take off a moderator's spoiler from a picture in the gallery": Right.BOTH,
}


def render_rights() -> str:
    """Return the table of docs/moderation.md."""
    rows = [["", *_COLUMNS], ["---"] * (len(_COLUMNS) + 1)]
    for text, right in _LINES.items():
        given = (any(RIGHTS[right][source] for source in sources) for sources in _COLUMNS.values())
        rows.append([text, *("yes" if each else "no" for each in given)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
