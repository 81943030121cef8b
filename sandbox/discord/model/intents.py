"""Gateway intents: which events a session receives (documentation, "Gateway Intents")."""

from enum import IntFlag
from typing import Any

from sandbox.discord.model.records import Json

_ALL_BITS = (1 << 33) - 1


class Intent(IntFlag):
    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_WEBHOOKS = 1 << 5
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT

# Events not listed here are for the page only and never sent through the gateway.
EVENT_INTENTS: dict[str, Intent] = {
    **dict.fromkeys(
        (
            *("INTERACTION_CREATE", "APPLICATION_COMMAND_PERMISSIONS_UPDATE"),
            *("ENTITLEMENT_CREATE", "ENTITLEMENT_UPDATE", "ENTITLEMENT_DELETE"),
        ),
        Intent(0),
    ),
    **dict.fromkeys(
        (
            *("GUILD_CREATE", "GUILD_DELETE"),
            *("GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE"),
            *("CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE", "CHANNEL_PINS_UPDATE"),
            *("THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE", "THREAD_MEMBERS_UPDATE"),
        ),
        Intent.GUILDS,
    ),
    **dict.fromkeys(
        ("GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE"), Intent.GUILD_MEMBERS
    ),
    "GUILD_AUDIT_LOG_ENTRY_CREATE": Intent.GUILD_MODERATION,
    "WEBHOOKS_UPDATE": Intent.GUILD_WEBHOOKS,
    **dict.fromkeys(
        ("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"),
        Intent.GUILD_MESSAGES,
    ),
    **dict.fromkeys(
        (
            *("MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"),
            *("MESSAGE_REACTION_REMOVE_ALL", "MESSAGE_REACTION_REMOVE_EMOJI"),
        ),
        Intent.GUILD_MESSAGE_REACTIONS,
    ),
    "TYPING_START": Intent.GUILD_MESSAGE_TYPING,
}
# Intents of the same events in DMs; a DM channel's own events come with its messages.
_DIRECT = {
    Intent.GUILDS: Intent.DIRECT_MESSAGES,
    Intent.GUILD_MESSAGES: Intent.DIRECT_MESSAGES,
    Intent.GUILD_MESSAGE_REACTIONS: Intent.DIRECT_MESSAGE_REACTIONS,
    Intent.GUILD_MESSAGE_TYPING: Intent.DIRECT_MESSAGE_TYPING,
}
# Plain integers: IntFlag is slow, and every event is tested against these.
_BITS = {
    direct: {
        name: int(_DIRECT.get(each, each) if direct else each)
        for name, each in EVENT_INTENTS.items()
    }
    for direct in (False, True)
}
CONTENT_EVENTS = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE"})


def parse_intents(raw: Any) -> int | None:
    """Return the intents of an IDENTIFY as a bit set, or None when invalid."""
    whole = isinstance(raw, int) and not isinstance(raw, bool)
    return raw if whole and 0 <= raw <= _ALL_BITS else None


def is_wanted(intents: int, name: str, *, direct: bool = False) -> bool:
    """Tell whether a session receives an event; `direct` is True outside of guilds."""
    needed = _BITS[direct].get(name)
    return needed is not None and intents & needed == needed


def is_content_hidden(intents: int, payload: Json, *, bot_id: str) -> bool:
    """Tell whether a message is sent without its content.

    Without MESSAGE_CONTENT, a bot sees only its own messages, those that mention it, and DMs.
    """
    direct = "guild_id" not in payload
    if intents & Intent.MESSAGE_CONTENT or direct:
        return False
    concerned = [payload["author"], *payload["mentions"]]
    return all(user["id"] != bot_id for user in concerned)


def strip_content(payload: Json) -> Json:
    empty: Json = {"content": "", "embeds": [], "attachments": [], "components": []}
    return payload | empty
