"""Everything stored about a member as one file: the rows of all tables, and the pictures."""

from __future__ import annotations

import asyncio
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from bot.clock import Clock
from bot.domain.ids import Digest, UserId
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.members.records import RECORD_KINDS, MemberRecordStore

DATA_NAME: Final = "data.json"
_FOLDER: Final = "files"
_ENTRY_BYTES: Final = 256
"""Bytes of an archive entry beside the file's own: two headers with a name of 75 characters."""
_JSON_COLUMNS: Final = frozenset({"ordered", "plan", "body", "before", "after"})
_TAKEN_BY: Final = re.compile(r"\bby (\S+)$")
_MAX_EXACT: Final = 2**53
"""Largest whole number that JSON readers with only floats keep exactly."""
_UNITS: Final = "Times are milliseconds since 1970 (UTC), amounts of money micro-dollars."
_ENDINGS: Final = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"RIFF": "webp", b"GIF8": "gif"}
_NOT_INCLUDED: Final = (
    "The token by which an order under way is answered: it is deleted when the order ends.",
    "Who reported your results and in which words, and which moderator decided: it is about them.",
    "Results that others made from your pictures: they are in the exports of those who ordered.",
    "Backups of the database: they hold the same, until they are replaced.",
)

Records = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class MemberExport:
    records: MemberRecordStore
    files: FileStore
    clock: Clock

    async def format_json(self, user: UserId) -> bytes:
        """Return all rows about a member as JSON, with lists of what is and is not included."""
        records = await self.records.list_records(user)
        paths = await asyncio.to_thread(self._list_files, records)
        return self._format_json(user, records, [], left_out=len(paths))

    async def write_archive(
        self, user: UserId, target: IO[bytes], max_bytes: int | None = None
    ) -> int:
        """Write a zip file with the rows and the stored files; return how many files it lacks.

        Files are added newest order first, as far as they fit into `max_bytes`.
        """
        records = await self.records.list_records(user)
        return await asyncio.to_thread(self._write_archive, user, records, target, max_bytes)

    def _write_archive(
        self, user: UserId, records: Records, target: IO[bytes], max_bytes: int | None
    ) -> int:
        paths = self._list_files(records)
        data = self._format_json(user, records, paths, left_out=0)
        # computed without compression, so that the archive is certainly small enough
        room = None if max_bytes is None else max_bytes - len(data) - 2 * _ENTRY_BYTES
        chosen = list(_choose_files(paths, room))
        data = self._format_json(user, records, chosen, left_out=len(paths) - len(chosen))
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr(DATA_NAME, data, zipfile.ZIP_DEFLATED)
            for path in chosen:
                with suppress(FileNotFoundError):  # deleted meanwhile by its owner or by age
                    archive.writestr(_build_name(path), path.read_bytes())
        return len(paths) - len(chosen)

    def _list_files(self, records: Records) -> Sequence[Path]:
        """Return the stored files that the rows name, the results of the newest order first."""
        newest = sorted(records["orders"], key=lambda row: -row["created_at"])
        places = {row["id"]: place for place, row in enumerate(newest)}
        named = [
            (places.get(row.get("job_id", row.get("id")), len(places)), kind, row[column])
            for kind, name, column in (
                (0, "results", "delivered"),
                (1, "orders", "seed"),
                (2, "results", "raw"),
                (3, "lossless_files", "digest"),
                (4, "drafts", "file"),
            )
            for row in records[name]
            if row[column]
        ]
        digests = dict.fromkeys(Digest(digest) for _, _, digest in sorted(named))
        paths = (self.files.get_path(digest) for digest in digests)
        return [path for path in paths if path.exists()]

    def _format_json(
        self, user: UserId, records: Records, paths: Sequence[Path], *, left_out: int
    ) -> bytes:
        contents = {
            kind.name: {"what": kind.description, "rows": len(records[kind.name])}
            for kind in RECORD_KINDS
        }
        data = {
            "user_id": str(user),
            "written_at": self.clock.now().isoformat(timespec="seconds"),
            "units": _UNITS,
            "contents": contents,
            "files": [_build_name(path) for path in paths],
            "files_left_out": left_out,
            "not_included": _NOT_INCLUDED,
            "others_may_expand_my_pictures": not records["no_expansion"],
            "records": {
                name: [_convert_row(row, user) for row in rows] for name, rows in records.items()
            },
        }
        return json.dumps(data, indent=2, ensure_ascii=False).encode()


def _convert_row(row: Mapping[str, Any], user: UserId) -> dict[str, Any]:
    """Return a row with its JSON decoded, and IDs as text, since many readers round them.

    A step of an order does not name who took it, unless that was the member.
    """
    values = {name: _convert_value(name, value) for name, value in row.items()}
    if "epoch" in row and (taken := _TAKEN_BY.search(str(row.get("detail") or ""))):
        own = taken[1] == str(user)
        values["detail"] = (
            row["detail"] if own else _TAKEN_BY.sub("by somebody else", row["detail"])
        )
    return values


def _convert_value(name: str, value: Any) -> Any:
    if name in _JSON_COLUMNS and value:
        return json.loads(value)
    return str(value) if isinstance(value, int) and value > _MAX_EXACT else value


def _choose_files(paths: Sequence[Path], room: int | None) -> Iterator[Path]:
    """Yield the files that fit into `room` bytes, all if it is None."""
    for path in paths:
        size = path.stat().st_size + _ENTRY_BYTES
        if room is None or size <= room:
            room = None if room is None else room - size
            yield path


def _build_name(path: Path) -> str:
    """Return a file's name in the archive: its digest, as the rows name it, and its type."""
    with path.open("rb") as file:
        head = file.read(4)
    ending = next((end for magic, end in _ENDINGS.items() if head.startswith(magic)), "bin")
    return f"{_FOLDER}/{path.name}.{ending}"
