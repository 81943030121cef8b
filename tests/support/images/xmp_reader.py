"""Read XMP metadata out of files by the containers' own specifications."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_PROPERTY: Final = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
_UUID: Final = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")


def read_source_type(data: bytes) -> str | None:
    """Return IPTC's digital source type of a file; None if it has no XMP, or no such property."""
    packet = read_xmp(data)
    if packet is None:
        return None
    tree = ET.fromstring(packet.decode("utf-8"))  # noqa: S314 - our own file
    described = tree.find(f"{_RDF}RDF/{_RDF}Description")
    return None if described is None else described.get(_PROPERTY)


def read_xmp(data: bytes) -> bytes | None:
    if data.startswith(b"\x89PNG"):
        return _find(b"XML:com.adobe.xmp\0\0\0\0\0", _iterate_png(data))
    if data.startswith(b"\xff\xd8"):
        return _find(b"http://ns.adobe.com/xap/1.0/\0", _iterate_jpeg(data))
    if data.startswith(b"RIFF"):
        return _find(b"XMP ", _iterate_riff(data))
    if data.startswith(b"GIF89a"):
        return _find(b"", _iterate_gif(data))
    return _find(b"uuid" + _UUID, _iterate_boxes(data))


def _find(start: bytes, parts: Iterator[bytes]) -> bytes | None:
    found = [part[len(start) :] for part in parts if part.startswith(start)]
    assert len(found) <= 1
    return found[0] if found else None


def _iterate_png(data: bytes) -> Iterator[bytes]:
    at = 8
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if name == b"iTXt":
            yield data[at + 8 : at + 8 + length]
        at += 12 + length
    assert at == len(data)


def _iterate_jpeg(data: bytes) -> Iterator[bytes]:
    at = 2
    while data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2 : at + 4])
        if data[at + 1] == 0xE1:
            yield data[at + 4 : at + 2 + length]
        at += 2 + length


def _iterate_riff(data: bytes) -> Iterator[bytes]:
    assert int.from_bytes(data[4:8], "little") + 8 == len(data)
    at, has_xmp = 12, False
    while at < len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        if name == b"VP8X":
            has_xmp = bool(data[at + 8] & 0x04)
        if name == b"XMP ":
            assert has_xmp, "the header does not announce it"
            yield name + data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
    assert at == len(data)


def _iterate_gif(data: bytes) -> Iterator[bytes]:
    """Yield what is in XMP extensions: everything up to their trailer of 258 bytes."""
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    while data[at] != 0x3B:
        start = at
        if data[at] == 0x2C:
            at += 10 + (3 << (data[at + 9] & 7) + 1 if data[at + 9] & 0x80 else 0) + 1
        else:
            at += 2
        while data[at]:
            at += 1 + data[at]
        at += 1
        if data[start : start + 14] == b"\x21\xff\x0bXMP DataXMP":
            assert data[at - 258 : at] == bytes([1, *range(255, -1, -1), 0])
            yield data[start + 14 : at - 258]


def _iterate_boxes(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4])
        yield data[at + 4 : at + length]
        at += length
    assert at == len(data)
