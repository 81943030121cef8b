"""The page's files as they are served: read once, and packed once."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WEB = Path(__file__).parent.parent / "web"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
}
_PACKED_ALREADY = frozenset({".jpg"})


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file's bytes, as they are and as gzip; `packed` is None where that would gain nothing."""

    path: Path
    type: str
    data: bytes
    packed: bytes | None
    etag: str

    @property
    def weight(self) -> int:
        """Return how many bytes a browser downloads."""
        return len(self.data if self.packed is None else self.packed)


@cache
def served_files(folder: Path = WEB) -> Mapping[str, ServedFile]:
    """Map the names below /web/ to files; nothing that is not listed here is ever served."""
    return {
        path.relative_to(folder).as_posix(): _read(path)
        for path in sorted(folder.rglob("*"))
        if path.suffix in TYPES
    }


def _read(path: Path) -> ServedFile:
    data = path.read_bytes()
    packed = None if path.suffix in _PACKED_ALREADY else gzip.compress(data, 9, mtime=0)
    etag = f'"{hashlib.sha256(data).hexdigest()[:20]}"'
    return ServedFile(path, TYPES[path.suffix], data, packed, etag)
