"""JPEG files that are small to send and take minutes, or gigabytes, to decode."""

from __future__ import annotations

from collections.abc import Iterator

_TIMES = 5000
_COMMENT_WITH_END = b"\xff\xfe\0\4\xff\xd9"


def build_endless_jpegs(progressive: bytes) -> Iterator[tuple[str, bytes]]:
    """Repeat the parts of a progressive file."""
    start, end = progressive[:-2], progressive[-2:]
    scan = start[start.rindex(b"\xff\xda") :]
    yield "scans", start + scan * _TIMES + end
    yield "scans behind a comment", start + _COMMENT_WITH_END + scan * _TIMES + end
    yield "tables", progressive[:2] + b"\xff\xdb\0\2" * _TIMES + progressive[2:]
