"""Request bodies: JSON, or multipart with `payload_json` and `files[n]`."""

import json
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from aiohttp import hdrs, web

from sandbox.discord.model.errors import BAD_REQUEST, INVALID_JSON, DiscordError
from sandbox.discord.model.records import Json, Upload

_BOUNDARY = re.compile(r'boundary="?([^";]{1,70})"?', re.IGNORECASE)
_DISPOSITION = re.compile(rb"^content-disposition[ \t]*:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_PARAMETER = re.compile(r';\s*(name|filename)=(?:"((?:\\.|[^"\\])*)"|([^;\s]*))', re.IGNORECASE)
_FILE = re.compile(r"files\[(\d{1,4})\]")


class Body(NamedTuple):
    """A request's JSON object, and its files by the n of `files[n]`."""

    payload: Json
    files: Mapping[int, Upload] = MappingProxyType({})


async def read_json(request: web.Request) -> Any:
    """Return a request's JSON; an empty body is an empty object."""
    return _parse_json(await _read_bytes(request))


async def read_object(request: web.Request) -> Json:
    """Return a request's JSON object; raise 50109 for other JSON."""
    payload = await read_json(request)
    if not isinstance(payload, dict):
        raise DiscordError(INVALID_JSON)
    return payload


async def read_body(request: web.Request) -> Body:
    """Return payload and files; the application's client_max_size limits the size."""
    # The raw header: aiohttp's `content_type` costs more than the rest of a small request.
    kind = request.headers.get(hdrs.CONTENT_TYPE, "")
    if not kind.lower().startswith("multipart/form-data"):
        return Body(await read_object(request))
    found = _BOUNDARY.search(kind)
    if found is None:
        raise DiscordError(BAD_REQUEST)
    return parse_multipart(await _read_bytes(request), found[1].encode())


async def _read_bytes(request: web.Request) -> bytes:
    """Return the body as `request.read` does, but copy it only once: it is mostly pictures.

    A body that a middleware has read already comes from the request's cache.
    """
    content, maximum = request.content, request.client_max_size
    if content.at_eof():
        return await request.read()
    # A larger buffer, so that the body arrives in few chunks.
    content.set_read_chunk_size(maximum)
    chunks, size = [], 0
    while chunk := await content.readany():
        chunks.append(chunk)
        size += len(chunk)
        if size > maximum:
            raise web.HTTPRequestEntityTooLarge(maximum)
    return b"".join(chunks)


def parse_multipart(raw: bytes, boundary: bytes) -> Body:
    """Parse a multipart body; each part's data is copied once."""
    payload: Any = {}
    files: dict[int, Upload] = {}
    line = b"\r\n--" + boundary
    # The first boundary has no line break before it.
    at = 0 if raw.startswith(line[2:]) else raw.find(line)
    end = raw.find(line, at + 1)
    while 0 <= at < end:
        begin = raw.find(b"\r\n\r\n", at, end)
        if begin < 0:
            raise DiscordError(BAD_REQUEST)
        head, data = raw[at:begin], raw[begin + 4 : end]
        at, end = end, raw.find(line, end + 1)
        name, filename = _parse_disposition(head)
        if name == "payload_json":
            payload = _parse_json(data)
        elif match := _FILE.fullmatch(name):
            files[int(match[1])] = Upload(filename or "unknown", data)
    if not isinstance(payload, dict):
        raise DiscordError(INVALID_JSON)
    return Body(payload, files)


@lru_cache(maxsize=256)
def _parse_disposition(head: bytes) -> tuple[str, str | None]:
    """Return a part's name and file name."""
    line = _DISPOSITION.search(head)
    if line is None:
        return "", None
    found = _PARAMETER.findall(line[1].decode("utf-8", "replace"))
    params = {name.lower(): quoted or plain for name, quoted, plain in found}
    filename = params.get("filename")
    return params.get("name", ""), filename and filename.replace('\\"', '"')


def _parse_json(raw: bytes) -> Any:
    if not raw.strip():
        return {}
    try:
        return _DECODER.decode(raw.decode())
    except (ValueError, RecursionError) as exc:
        raise DiscordError(INVALID_JSON) from exc


def _reject_constant(name: str) -> None:
    raise ValueError(name)


def _parse_finite(text: str) -> float:
    number = float(text)
    # A number such as 1e400 becomes infinity, which is not valid JSON again.
    if not math.isfinite(number):
        raise ValueError(text)
    return number


_DECODER = json.JSONDecoder(parse_constant=_reject_constant, parse_float=_parse_finite)
