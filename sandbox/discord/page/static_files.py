"""The page's files, read and compressed once."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WEB_FOLDER = Path(__file__).parents[2] / "web"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
}
_INDENTED = frozenset({".css", ".js"})
_INDENTATION = re.compile(rb"^\t+", re.MULTILINE)  # no browser needs it: 6 kB of the page
_ALREADY_COMPRESSED = frozenset({".jpg"})


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file as it is served and as gzip; `compressed` is None where gzip would gain nothing."""

    path: Path
    type: str
    data: bytes
    compressed: bytes | None
    etag: str

    @property
    def transfer_bytes(self) -> int:
        """Return how many bytes a browser downloads."""
        return len(self.data if self.compressed is None else self.compressed)


@cache
def load_served_files(folder: Path = WEB_FOLDER) -> Mapping[str, ServedFile]:
    """Map names below /web/ to files; nothing else is ever served."""
    return {
        path.relative_to(folder).as_posix(): _read_file(path)
        for path in sorted(folder.rglob("*"))
        if path.suffix in TYPES
    }


def _read_file(path: Path) -> ServedFile:
    data = path.read_bytes()
    if path.suffix in _INDENTED:
        data = _INDENTATION.sub(b"", data)
    packed = None if path.suffix in _ALREADY_COMPRESSED else gzip.compress(data, 9, mtime=0)
    etag = f'"{hashlib.sha256(data).hexdigest()[:20]}"'
    return ServedFile(path, TYPES[path.suffix], data, packed, etag)
