"""What older versions stored is read as values, and written again as it was."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from bot.domain.geometry import Size
from bot.domain.ids import Digest, JobId
from bot.domain.job import Result
from bot.domain.order import Detail, Note, OutputFormat, StoredSeed
from bot.storage.sqlite.row_mapping import decode_order, decode_result, encode_order, encode_result

OLD_ORDER = (
    '{"attachment":{"url":"http://x/a.png","filename":"a.png","size":1000,'
    '"content_type":"image/png","declared":{"width":640,"height":480},"spoiler":false},'
    '"request":{"ratio":"16/9","anchor":"left"},"prompt":"dünes “x”","results":2,'
    '"format":"WEBP","private":true,"upload_limit":10485760,"tolerance":null,'
    '"check_content":false,"source_author":null,"parent":{"job_id":"j","ordinal":1},'
    '"seed":{"digest":"abab","size":{"width":640,"height":480},"format":"PNG",'
    '"note":"first-frame transparent"},"locale":"en"}'
)


def read_result(delivered: str | None, note: str) -> Result:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    row = connection.execute(
        "SELECT 0 AS ordinal, 'i' AS image_uuid, 'u' AS url, NULL AS noise_seed, NULL AS cost,"
        " NULL AS raw, NULL AS format, 0 AS bytes, ? AS delivered, ? AS note",
        (delivered, note),
    ).fetchone()
    connection.close()
    return decode_result(row)


@pytest.mark.parametrize("note", ["", "rescaled", "rescaled reduced"])
def test_the_notes_of_a_delivered_result_are_one_text(note: str) -> None:
    result = read_result("ab", note)
    assert result.notes == tuple(map(Note, note.split()))
    assert result.fetch_errors == ()
    assert encode_result(JobId("j"), result)["note"] == note


@pytest.mark.parametrize("note", ["", "wrong_size", "not_found rescaled not_found"])
def test_until_then_the_text_holds_a_code_for_each_try(note: str) -> None:
    result = read_result(None, note)
    assert (result.notes, result.fetch_errors) == ((), tuple(note.split()))
    assert encode_result(JobId("j"), result)["note"] == note


def test_a_note_that_is_no_longer_known_is_left_out() -> None:
    assert read_result("ab", "first_frame reduced").notes == (Note.REDUCED,)


def test_an_order_with_a_stored_seed_keeps_its_form() -> None:
    order = decode_order(OLD_ORDER)
    assert order.seed == StoredSeed(
        Digest("abab"), Size(640, 480), OutputFormat.PNG, (Note.FIRST_FRAME, Note.TRANSPARENT)
    )
    assert encode_order(order) == OLD_ORDER


def test_what_older_versions_did_not_know_is_stored_where_it_is_set() -> None:
    order = decode_order(OLD_ORDER)
    assert (order.detail, order.attachment.description) == (Detail.AUTOMATIC, "")
    described = replace(order.attachment, description="a lake")
    changed = replace(order, detail=Detail.NATIVE, attachment=described)
    assert decode_order(encode_order(changed)) == changed


@pytest.mark.parametrize("text", ["", "[]", "null", "5", "{}", '{"seed":5}', '{"seed":[]}'])
def test_anything_else_is_no_order(text: str) -> None:
    with pytest.raises(ValueError, match=r"Order|Expecting value"):
        decode_order(text)
