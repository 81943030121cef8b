"""The folder of a persistent local Discord: a log of records, and one file per attachment.

`log.jsonl` has one record per line; the last one of a kind and id counts, truncated lines are
skipped. Files are written before the lines that name them.
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
PART_KIND = "part"  # the kind of records that exist once, by name


@dataclass(slots=True)
class RecordLog:
    """Read and write one folder; every method blocks, so call it in a thread."""

    folder: Path
    _file_ids: set[int] = field(default_factory=set)

    def load_key(self) -> bytes:
        """Return the key that signs links and tokens; create it at the first call."""
        self._files_folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "key"
        if not path.exists():
            _replace_file(path, secrets.token_bytes(KEY_BYTES))
        return path.read_bytes()

    def read_all(self) -> tuple[Records, dict[int, bytes]]:
        """Return the records by kind and id, and the contents of the files by id."""
        records: Records = {}
        for line in self._read_lines():
            try:
                kind, number, value = json.loads(line)
            except ValueError:
                continue
            if kind != PART_KIND and not (isinstance(number, str) and number.isdigit()):
                continue
            if value is None:
                records.pop((kind, number), None)
            else:
                records[kind, number] = value
        names = [path for path in self._files_folder.iterdir() if path.name.isdigit()]
        self._file_ids = {int(path.name) for path in names}
        return records, {int(path.name): path.read_bytes() for path in names}

    def rewrite_log(self, records: Records) -> None:
        """Replace the log by one with only these records."""
        lines = _format_lines((kind, number, value) for (kind, number), value in records.items())
        _replace_file(self._log_path, lines.encode())

    def write_changes(
        self, changes: Iterable[tuple[str, str, Any]], files: Mapping[int, bytes], gone: set[int]
    ) -> None:
        """Write new files, then append the changed records, then delete files.

        Safe to repeat after a crash at any point: no line names a file that is missing.
        """
        for number, data in files.items():
            _replace_file(self._files_folder / str(number), data)
        with self._log_path.open("ab") as log:
            log.write(_format_lines(changes).encode())
            log.flush()
            os.fsync(log.fileno())
        for number in gone:
            (self._files_folder / str(number)).unlink(missing_ok=True)
        self._file_ids = (self._file_ids | files.keys()) - gone

    @property
    def file_ids(self) -> frozenset[int]:
        return frozenset(self._file_ids)

    @property
    def _log_path(self) -> Path:
        return self.folder / "log.jsonl"

    @property
    def _files_folder(self) -> Path:
        return self.folder / "files"

    def _read_lines(self) -> list[bytes]:
        return self._log_path.read_bytes().splitlines() if self._log_path.exists() else []


def _format_lines(changes: Iterable[tuple[str, str, Any]]) -> str:
    # The newline comes first, so that a truncated line never swallows the next record.
    return "".join(f"\n{json.dumps(change, separators=(',', ':'))}" for change in changes)


def _replace_file(path: Path, data: bytes) -> None:
    """Replace a file atomically: after a crash it is the old or the new one."""
    temporary = path.with_name(f"{path.name}.new")
    temporary.touch(mode=0o600)  # the key is a secret, and attachments are private
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    # Only after fsync, or a crash could leave an empty file under the final name.
    temporary.replace(path)
