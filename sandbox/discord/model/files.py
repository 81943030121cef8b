"""Stored files, and detecting a picture's type and size from its first bytes."""

import mimetypes
import re
import struct
from collections.abc import Mapping
from functools import lru_cache

from sandbox.discord.model.records import (
    IS_SPOILER,
    NO_FLAGS,
    SPOILER_PREFIX,
    Attachment,
    Json,
    Upload,
)
from sandbox.discord.model.snowflakes import Snowflakes

_UNSAFE = re.compile(r"[^\w.()\-]+")


class AttachmentStore:
    """Keep attachments by id; the bytes stay in memory until `clear`."""

    def __init__(self, ids: Snowflakes) -> None:
        self._ids = ids
        self._files: dict[int, Attachment] = {}

    def build_attachment(
        self,
        upload: Upload,
        channel_id: int,
        *,
        ephemeral: bool = False,
        meta: Json | None = None,
    ) -> Attachment:
        """Build a file's record without storing it; `meta` is its entry in the request's list."""
        kind, size = detect_image_type(upload.data)
        width, height = size if size and upload.measured else (None, None)
        meta, named = meta or {}, upload.filename.startswith(SPOILER_PREFIX)
        if upload.content_type is None:
            kind = kind or mimetypes.guess_type(upload.filename)[0]
        else:
            kind = upload.content_type
        return Attachment(
            id=self._ids.make_id(),
            channel_id=channel_id,
            filename=clean_name(upload.filename),
            data=upload.data,
            content_type=kind,
            width=width,
            height=height,
            description=meta.get("description"),
            title=meta.get("title"),
            ephemeral=ephemeral,
            flags=IS_SPOILER if named or upload.spoiler or meta.get("is_spoiler") else NO_FLAGS,
        )

    def save(self, attachment: Attachment) -> Attachment:
        """Store a file, replacing an older record with the same id."""
        self._files[attachment.id] = attachment
        return attachment

    def find(self, attachment_id: int | None) -> Attachment | None:
        return self._files.get(attachment_id) if attachment_id is not None else None

    def all(self) -> Mapping[int, Attachment]:
        return self._files

    def delete(self, attachment_id: int) -> None:
        self._files.pop(attachment_id, None)

    def clear(self) -> None:
        self._files.clear()


@lru_cache(maxsize=1024)
def clean_name(filename: str) -> str:
    """Clean a file name as Discord does: last path part, unsafe characters as underscores."""
    last = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return _UNSAFE.sub("_", last)[-255:].lstrip(".") or "unknown"


def detect_image_type(data: bytes) -> tuple[str | None, tuple[int, int] | None]:
    """Return MIME type and (width, height) in pixels from a file's header, without decoding it."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return "image/png", struct.unpack_from(">II", data, 16)
        if data.startswith(b"\xff\xd8\xff"):
            return "image/jpeg", _read_jpeg_size(data)
        if data.startswith((b"GIF87a", b"GIF89a")):
            return "image/gif", struct.unpack_from("<HH", data, 6)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return "image/webp", _read_webp_size(data)
    except (struct.error, IndexError):
        pass  # the header is truncated: treat it as any other file, typed by its name
    return None, None


def _read_jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        # SOF markers hold the size; C4, C8 and CC in their range are tables and reserved.
        elif 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        elif marker == 0x01 or 0xD0 <= marker <= 0xD7:  # TEM and RSTn have no length field
            at += 2
        else:
            at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return None


def _read_webp_size(data: bytes) -> tuple[int, int] | None:
    chunk = data[12:16]
    # Extended files store 24-bit sizes minus one, lossless ones 14-bit sizes minus one.
    if chunk == b"VP8X":
        width, height = data[24:27], data[27:30]
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    if chunk == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        # A lossy frame's 14-bit sizes; the two upper bits are scaling hints.
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None
