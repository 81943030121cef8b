"""What a file's first bytes tell, and names."""

from __future__ import annotations

import struct

import pytest

from sandbox.control.clock import VirtualClock
from sandbox.discord.model import snowflakes
from sandbox.discord.model.files import clean_name, detect_image_type
from sandbox.discord.model.snowflakes import Snowflakes
from tests.support.discord import server_fixture


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("GIF", "image/gif"), ("WEBP", "image/webp")],
)
def test_kind_and_size_come_from_the_header(kind: str, content_type: str) -> None:
    data = server_fixture.encode_picture(321, 123, kind)
    assert detect_image_type(data) == (content_type, (321, 123))
    for cut in range(30):
        detect_image_type(data[:cut])


def test_a_lossless_webp_tells_its_size() -> None:
    assert detect_image_type(server_fixture.encode_picture(1, 16383, "WEBP")) == (
        "image/webp",
        (1, 16383),
    )


def test_a_bombs_size_is_read_without_decoding() -> None:
    head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 60_000, 60_000)
    assert detect_image_type(head) == ("image/png", (60_000, 60_000))


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xd8\xff", b"RIFF1234WEBPnone", b"GIF89a"])
def test_what_is_no_picture_has_no_size(data: bytes) -> None:
    assert detect_image_type(data)[1] is None


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("my photo (1).png", "my_photo_(1).png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\y.png", "y.png"),
        ("<script>.png", "_script_.png"),
        ("", "unknown"),
        ("...", "unknown"),
        ("ünï.png", "ünï.png"),
    ],
)
def test_a_file_name_is_made_harmless(given: str, clean: str) -> None:
    assert clean_name(given) == clean


def test_snowflakes_grow_while_the_clock_stands_and_carry_its_time() -> None:
    clock = VirtualClock()
    ids = Snowflakes(clock)
    first, second = ids.make_id(), ids.make_id()
    assert second > first
    assert snowflakes.get_created_at(second) == clock.now()
    clock.advance(10)
    assert snowflakes.get_created_at(ids.make_id()) == clock.now()


@pytest.mark.parametrize("wrong", [None, "", "x", "-1", "٣", True, 1.5, -1, 1 << 64, "1" * 21])
def test_what_is_no_snowflake_is_none(wrong: object) -> None:
    assert snowflakes.parse_snowflake(wrong) is None
