"""Compact JSON as Discord writes it, by one encoder that is built once."""

import json
from collections.abc import Callable, Mapping
from json import encoder
from typing import Any


def _build_encoder() -> Callable[[Any], str]:
    # Every payload is built new for its answer, so it cannot contain itself.
    plain = json.JSONEncoder(separators=(",", ":"), check_circular=False)
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:  # a Python without the C accelerator
        return plain.encode
    # `JSONEncoder.encode` would build this per call, which takes as long as encoding a short text.
    write = make(
        *(None, plain.default, encoder.encode_basestring_ascii, None, ":", ","),
        *(plain.sort_keys, plain.skipkeys, plain.allow_nan),
    )
    return lambda value: "".join(write(value, 0))


dumps = _build_encoder()


def append_members(payload: Mapping[str, Any], more: str) -> str:
    """Encode a non-empty object with further members that are JSON text already."""
    return f"{dumps(payload)[:-1]},{more}}}"
