"""Which gateway events a session asked for (documentation, "Gateway Intents")."""

from enum import IntFlag
from typing import Any

from sandbox.discord.models import Json

_EVERY = (1 << 33) - 1


class Intent(IntFlag):
    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT

# Events that are missing here are the page's own and never leave through the gateway.
_NEEDED: dict[str, Intent] = {
    "INTERACTION_CREATE": Intent(0),
    "GUILD_CREATE": Intent.GUILDS,
    "THREAD_CREATE": Intent.GUILDS,
    "THREAD_DELETE": Intent.GUILDS,
    "MESSAGE_CREATE": Intent.GUILD_MESSAGES,
    "MESSAGE_UPDATE": Intent.GUILD_MESSAGES,
    "MESSAGE_DELETE": Intent.GUILD_MESSAGES,
    "MESSAGE_REACTION_ADD": Intent.GUILD_MESSAGE_REACTIONS,
    "MESSAGE_REACTION_REMOVE": Intent.GUILD_MESSAGE_REACTIONS,
    "TYPING_START": Intent.GUILD_MESSAGE_TYPING,
}
NEEDED = {name: int(intent) for name, intent in _NEEDED.items()}  # plain numbers are quicker
_WITH_CONTENT = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE"})


def parse(raw: Any) -> int | None:
    """Return the bit set of an IDENTIFY, or None when it is no such thing."""
    whole = isinstance(raw, int) and not isinstance(raw, bool)
    return raw if whole and 0 <= raw <= _EVERY else None


def wants(intents: int, name: str) -> bool:
    needed = NEEDED.get(name)
    return needed is not None and intents & needed == needed


def hides_content(intents: int, payload: Json, *, name: str, bot_id: str) -> bool:
    """Tell whether a message goes out without what is in it.

    Discord shows a bot without MESSAGE_CONTENT its own messages and those that mention it only.
    """
    if name not in _WITH_CONTENT or intents & Intent.MESSAGE_CONTENT:
        return False
    concerned = [payload["author"], *payload["mentions"]]
    return all(user["id"] != bot_id for user in concerned)


def without_content(payload: Json) -> Json:
    empty: Json = {"content": "", "embeds": [], "attachments": [], "components": []}
    return payload | empty
