"""The folder that a local Discord is kept in: a log of records, and one file per attachment.

`log.jsonl` holds one record per line, the last one of its kind and id being the one that counts;
a line that was cut off is passed over. Files are written before the lines that name them.
"""

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Records = dict[tuple[str, str], Any]
KEY_BYTES = 32
PART = "part"  # the kind of the few things of which there is one, by name


@dataclass(slots=True)
class Shelf:
    """Read and write one folder; every method blocks, so it belongs in a thread."""

    folder: Path
    _names: set[int] = field(default_factory=set)

    def key(self) -> bytes:
        """Return the secret that signs links and tokens; it is made at the first time."""
        self._files.mkdir(parents=True, exist_ok=True)
        path = self.folder / "key"
        if not path.exists():
            _replace(path, secrets.token_bytes(KEY_BYTES))
        return path.read_bytes()

    def read(self) -> tuple[Records, dict[int, bytes]]:
        """Return the records by kind and id, and the bytes of the files by id."""
        records: Records = {}
        for line in self._lines():
            try:
                kind, number, value = json.loads(line)
            except ValueError:
                continue
            if kind != PART and not (isinstance(number, str) and number.isdigit()):
                continue
            if value is None:
                records.pop((kind, number), None)
            else:
                records[kind, number] = value
        names = [path for path in self._files.iterdir() if path.name.isdigit()]
        self._names = {int(path.name) for path in names}
        return records, {int(path.name): path.read_bytes() for path in names}

    def rewrite(self, records: Records) -> None:
        """Write a log that holds these records alone."""
        lines = _lines((kind, number, value) for (kind, number), value in records.items())
        _replace(self._log, lines.encode())

    def write(
        self, changes: Iterable[tuple[str, str, Any]], files: Mapping[int, bytes], gone: set[int]
    ) -> None:
        """Add files, then the changed records, then take files away."""
        for number, data in files.items():
            _replace(self._files / str(number), data)
        with self._log.open("ab") as log:
            log.write(_lines(changes).encode())
            log.flush()
            os.fsync(log.fileno())
        for number in gone:
            (self._files / str(number)).unlink(missing_ok=True)
        self._names = (self._names | files.keys()) - gone

    @property
    def names(self) -> frozenset[int]:
        """Return the ids of the files that are there."""
        return frozenset(self._names)

    @property
    def _log(self) -> Path:
        return self.folder / "log.jsonl"

    @property
    def _files(self) -> Path:
        return self.folder / "files"

    def _lines(self) -> list[bytes]:
        return self._log.read_bytes().splitlines() if self._log.exists() else []


def _lines(changes: Iterable[tuple[str, str, Any]]) -> str:
    # A line of its own first: what was cut off before must not swallow the next record.
    return "".join(f"\n{json.dumps(change, separators=(',', ':'))}" for change in changes)


def _replace(path: Path, data: bytes) -> None:
    """Write a whole file or nothing."""
    temporary = path.with_name(f"{path.name}.new")
    temporary.touch(mode=0o600)  # the key is a secret, and what members post is theirs
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
