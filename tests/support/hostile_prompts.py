"""Prompts and lists of banned words that take the longest to read and compare."""

from __future__ import annotations

from typing import Final

PROMPTS: Final = {
    "ambiguous digits": "1 " * 1500,
    "signs": "!|" * 1500,
    "letters one by one": "s.e.x " * 500,
    "three letters in one": "㏂" * 3000,
    "Chinese": "".join(chr(0x4E00 + 4 * at) for at in range(3000)),
    "other scripts": "ѕе" * 1500,
    "upside down": "aɐ" * 1500,
    "capitals like small letters": "I" * 2999 + "a",
    "small letters like capitals": "l" * 2999 + "é",
    "one run": "i" * 3000,
    "phrases in one sign": "\ufdfa" * 3000,
    "marks": "g" + "\u0301\u20dd\u0e34" * 999,
}
"""Each of about the longest that a prompt may be."""
LISTS: Final = {
    "all alike": tuple(f"{at:060b}".replace("0", "i").replace("1", "l") for at in range(200)),
    "Chinese": tuple("".join(chr(0x4E00 + 60 * at + by) for by in range(60)) for at in range(200)),
    "one letter": tuple("i" * (at % 60 + 1) for at in range(200)),
}
"""As many words as a server may ban."""
