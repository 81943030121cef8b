"""The mark of files that AI had a part in: IPTC's digital source type, in XMP metadata.

The property is of the IPTC Photo Metadata Standard 2024.1, its value from IPTC's list of source
types. How it is embedded: XMP Specification part 3 (Storage in Files), sections 1.1.2 to 1.1.4,
and Google's WebP container specification.
"""

from __future__ import annotations

from typing import Final

from PIL.PngImagePlugin import PngInfo

SOURCE_TYPE: Final = (
    "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
)
"""A composite of a picture and parts that a trained model made."""
XMP: Final = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    f'Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPE}"/>'
    '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
).encode()
_PNG_KEYWORD: Final = "XML:com.adobe.xmp"
_GIF_EXTENSION: Final = b"\x21\xff\x0bXMP DataXMP"
_GIF_TRAILER: Final = bytes((1, *range(255, -1, -1), 0))
"""For readers that take the text for sub-blocks: wherever one lands in these bytes, the value there
is the distance to the last zero, which ends the extension."""
_GIF_FLAGS_AT, _GIF_HEADER_BYTES = 10, 13
_MP4_UUID: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_WEBP_FLAGS_AT, _WEBP_XMP_FLAG = 20, 0x04
_WEBP_BODY_AT: Final = 8


def build_png_info() -> PngInfo:
    """Return the chunk for a PNG file; its keyword is that of the XMP specification."""
    info = PngInfo()
    info.add_itxt(_PNG_KEYWORD, XMP.decode())
    return info


def mark_gif(data: bytes) -> bytes:
    """Insert the mark behind the header and the shared colour table."""
    flags = data[_GIF_FLAGS_AT]
    start = _GIF_HEADER_BYTES + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    return data[:start] + _GIF_EXTENSION + XMP + _GIF_TRAILER + data[start:]


def mark_webp(data: bytes) -> bytes:
    """Append the mark to an animation, which always has the header that announces it."""
    flags = bytes((data[_WEBP_FLAGS_AT] | _WEBP_XMP_FLAG,))
    body = data[_WEBP_BODY_AT:_WEBP_FLAGS_AT] + flags + data[_WEBP_FLAGS_AT + 1 :]
    body += b"XMP " + len(XMP).to_bytes(4, "little") + XMP + bytes(len(XMP) % 2)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def mark_mp4(data: bytes) -> bytes:
    """Append the mark as a box of its own: what stands before keeps its place."""
    box = b"uuid" + _MP4_UUID + XMP
    return data + (len(box) + 4).to_bytes(4) + box
