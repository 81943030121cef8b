"""Signed custom_ids: version, action, payload, and an HMAC-SHA256 over them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType
from typing import Any, Final, get_args, get_type_hints

from bot.errors import ComponentReason, ComponentRefused
from bot.ui.actions import Action
from bot.ui.views.payloads import PAYLOADS

VERSION: Final = "1"
_CUSTOM_ID: Final = re.compile(
    r"x(?P<version>\d{1,3}):(?P<action>[a-z-]{1,20}):(?P<row>[A-Za-z0-9.+-]{0,56}):(?P<mac>[\w-]{16})",
    re.ASCII,
)
"""At most 1 + 3 + 20 + 56 + 16 characters and 3 colons: within Discord's limit of 100."""
# 96 bits cannot be guessed online, and make 16 base64 characters without padding
_MAC_BYTES: Final = 12


class CustomIdCodec:
    """Signs and reads custom_ids; a stored `secret` (>= 32 bytes) keeps old buttons valid."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def encode(self, action: Action, payload: object = None) -> str:
        """Return a signed custom_id; raise `ValueError` if `decode` could not read it."""
        text = ".".join(_dump_parts(payload))
        mark = f"x{VERSION}:{action}:{text}:{self._compute_mac(action, text)}"
        # a value that contains a dot would be read as two parts
        if _CUSTOM_ID.fullmatch(mark) is None or _load_payload(action, text) != payload:
            msg = f"not fit for a custom_id: {action} {text}"
            raise ValueError(msg)
        return mark

    def decode(self, custom_id: str) -> tuple[Action, Any]:
        """Return action and payload; raise `ComponentRefused` for a forged or outdated one."""
        match = _CUSTOM_ID.fullmatch(custom_id)
        if match is None:
            raise ComponentRefused(ComponentReason.FORGED)
        if match["version"] != VERSION:
            raise ComponentRefused(ComponentReason.OUTDATED)
        # in constant time, and before any part is interpreted
        if not hmac.compare_digest(match["mac"], self._compute_mac(match["action"], match["row"])):
            raise ComponentRefused(ComponentReason.FORGED)
        # genuine, but perhaps written by an older release
        try:
            action = Action(match["action"])
        except ValueError:
            raise ComponentRefused(ComponentReason.OUTDATED) from None
        try:
            return action, _load_payload(action, match["row"])
        except ValueError:
            raise ComponentRefused(ComponentReason.FORGED) from None

    def _compute_mac(self, action: str, args: str) -> str:
        message = f"{VERSION}:{action}:{args}".encode()
        digest = hmac.digest(self._secret, message, hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:_MAC_BYTES]).decode()


def _dump_parts(value: Any) -> Iterator[str]:
    if is_dataclass(value):
        for each in fields(value):
            yield from _dump_parts(getattr(value, each.name))
    elif value is not None:
        yield str(int(value)) if isinstance(value, bool) else str(value)


def _load_payload(action: Action, text: str) -> Any:
    """Parse an action's payload; raise `ValueError` if the text does not fit its type."""
    parts = text.split(".") if text else []
    payload = _load_value(PAYLOADS[action], parts)
    if parts:
        msg = f"more than the payload of {action}"
        raise ValueError(msg)
    return payload


def _load_value(kind: Any, parts: list[str]) -> Any:
    """Build a value of a type, consuming its parts from the front of the list."""
    if types := _list_field_types(kind):
        return kind(*(_load_value(each, parts) for each in types))
    plain, *rest = get_args(kind) or (kind,)
    if plain is NoneType or (rest and not parts):
        return None
    if not parts:
        msg = "a part is missing"
        raise ValueError(msg)
    # a `NewType` is unwrapped, and `bool("0")` would be true
    plain, text = getattr(plain, "__supertype__", plain), parts.pop(0)
    return bool(int(text)) if plain is bool else plain(text)


@cache
def _list_field_types(kind: Any) -> tuple[Any, ...]:
    return tuple(get_type_hints(kind).values()) if is_dataclass(kind) else ()
