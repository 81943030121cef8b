"""The state that a component carries: an action and a row, under a seal that nobody can forge."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final

from bot.errors import ComponentReason, ComponentRefused
from bot.ui.actions import Action

VERSION: Final = "1"
_CUSTOM_ID: Final = re.compile(
    r"x(?P<version>\d{1,3}):(?P<action>[a-z-]{1,20}):(?P<row>[A-Za-z0-9.+-]{0,56}):(?P<mac>[\w-]{16})",
    re.ASCII,
)
"""At most 3 + 20 + 56 + 16 and the marks between: within the 100 characters that Discord allows."""
_MAC_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class CustomId:
    """What a genuine `custom_id` says."""

    action: Action
    args: tuple[str, ...]


class CustomIdCodec:
    """Made with a secret of at least 32 bytes, which outlives the process."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def encode(self, action: Action, *args: object) -> str:
        """Write a `custom_id`; raise `ValueError` if it would not be read again."""
        text = ".".join(map(str, args))
        mark = f"x{VERSION}:{action}:{text}:{self._compute_mac(action, text)}"
        if _CUSTOM_ID.fullmatch(mark) is None:
            msg = f"not fit for a custom_id: {action} {text}"
            raise ValueError(msg)
        return mark

    def decode(self, custom_id: str) -> CustomId:
        """Return what a `custom_id` says; raise `ComponentRefused` for one not written here."""
        match = _CUSTOM_ID.fullmatch(custom_id)
        if match is None:
            raise ComponentRefused(ComponentReason.FORGED)
        if match["version"] != VERSION:
            raise ComponentRefused(ComponentReason.OUTDATED)
        if not hmac.compare_digest(match["mac"], self._compute_mac(match["action"], match["row"])):
            raise ComponentRefused(ComponentReason.FORGED)
        try:
            action = Action(match["action"])
        except ValueError:
            raise ComponentRefused(ComponentReason.OUTDATED) from None
        return CustomId(action, tuple(match["row"].split(".")) if match["row"] else ())

    def _compute_mac(self, action: str, args: str) -> str:
        message = f"{VERSION}:{action}:{args}".encode()
        digest = hmac.digest(self._secret, message, hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:_MAC_BYTES]).decode()
