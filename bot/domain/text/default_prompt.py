"""The prompt that is sent where the member gives none.

It describes the continuation in positive words: what a prompt names, even to exclude it, tends to
appear (the vendor's prompting guide says the same of negation).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

_SIDE_PHRASES: Final = {
    "top": "upwards",
    "right": "to the right",
    "bottom": "downwards",
    "left": "to the left",
}
_CONTINUATION: Final = (
    "The same scene continues naturally {where}: the same place, perspective, light, colours, "
    "textures and level of detail, in the same style"
)


def build_default_prompt(sides: Collection[str], description: str = "") -> str:
    """Build a neutral prompt that names the sides to extend: top, right, bottom, left.

    `description` is what the picture shows, in its author's words.
    """
    phrases = [phrase for side, phrase in _SIDE_PHRASES.items() if side in sides]
    everywhere = len(phrases) == len(_SIDE_PHRASES)
    where = "in every direction" if everywhere else " and ".join(phrases)
    prompt = _CONTINUATION.format(where=where)
    return f"{prompt}. The picture shows: {description}" if description else prompt
