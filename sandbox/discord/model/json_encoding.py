"""JSON as Discord writes it: compact, and by one encoder that is made once."""

import json
from collections.abc import Callable, Mapping
from json import encoder
from typing import Any


def _build_encoder() -> Callable[[Any], str]:
    # What is written here is built afresh for each answer, so it cannot hold itself.
    plain = json.JSONEncoder(separators=(",", ":"), check_circular=False)
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:  # another Python's library, written without C
        return plain.encode
    # `JSONEncoder.encode` makes one of these for each text, which takes as long as a short text.
    write = make(
        *(None, plain.default, encoder.encode_basestring_ascii, None, ":", ","),
        *(plain.sort_keys, plain.skipkeys, plain.allow_nan),
    )
    return lambda value: "".join(write(value, 0))


dumps = _build_encoder()


def append_members(payload: Mapping[str, Any], more: str) -> str:
    """Write an object, never an empty one, with further members that are JSON already."""
    return f"{dumps(payload)[:-1]},{more}}}"
