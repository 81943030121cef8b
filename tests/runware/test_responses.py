from __future__ import annotations

import json
from uuid import UUID

import pytest

from bot.domain.money import MicroUsd
from bot.runware.responses import Envelope, TaskStatus

UUID_TEXT = "567a4534-6ee4-464a-8a66-3ba4be47cd3e"


def build_item(**fields: str) -> bytes:
    """Write an envelope of one item; the values are raw JSON."""
    pairs = {"taskUUID": f'"{UUID_TEXT}"'} | fields
    inside = ",".join(f'"{name}":{value}' for name, value in pairs.items())
    return f'{{"data":[{{{inside}}}]}}'.encode()


@pytest.mark.parametrize(
    ("raw", "cost"),
    [
        ("0.05", 50_000),
        ("0", 0),
        ("1", 1_000_000),
        ("0.0475", 47_500),
        ("5e-2", 50_000),
        ("-0.05", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e9", None),
        ("1e999999999", None),
        ("1e-999999999", 0),
        ('"0.05"', None),
        ("null", None),
        ("true", None),
        ("[0.05]", None),
    ],
)
def test_a_reported_cost_is_exact_or_counts_as_not_reported(raw: str, cost: int | None) -> None:
    read = Envelope.parse_body(build_item(cost=raw)).data[0].cost
    assert read == (None if cost is None else MicroUsd(cost))
    assert read is None or type(read) is int


def test_a_paid_result_survives_odd_fields_beside_it() -> None:
    body = build_item(
        imageURL='"https://im.runware.ai/x.jpg"',
        seed='"many"',
        imageUUID="7",
        NSFWContent='"perhaps"',
        status="12",
        extra='{"a":1}',
    )
    (read,) = Envelope.parse_body(body).data
    assert read.is_finished
    assert (read.noise_seed, read.image_uuid, read.nsfw_content) == (None, None, None)


@pytest.mark.parametrize("word", ["processing", "queued", "pending", "scheduled", "anything"])
def test_every_word_for_waiting_is_processing(word: str) -> None:
    (read,) = Envelope.parse_body(build_item(status=f'"{word}"')).data
    assert read.status is TaskStatus.PROCESSING
    assert not read.is_finished


def test_an_entry_without_a_usable_uuid_is_counted_and_the_others_are_used() -> None:
    good = {"taskUUID": UUID_TEXT}
    envelope = Envelope.parse_body(json.dumps({"data": [{"taskUUID": "x"}, {}, good]}).encode())
    assert len(envelope.data) == 1
    assert envelope.ignored_count == 2


def test_data_and_errors_stand_side_by_side() -> None:
    body = {
        "data": [{"taskUUID": UUID_TEXT}],
        "errors": [{"code": "invalidSteps", "message": "no", "parameter": "steps"}],
    }
    envelope = Envelope.parse_body(json.dumps(body).encode())
    assert (len(envelope.data), envelope.errors[0].parameter) == (1, ("steps",))


def test_an_error_may_name_several_parameters() -> None:
    body = {"errors": [{"code": "c", "message": "m", "parameter": ["width", "height"]}]}
    (error,) = Envelope.parse_body(json.dumps(body).encode()).errors
    assert error.parameter == ("width", "height")


def test_the_singular_error_form_is_read() -> None:
    body = {"error": {"code": "timeoutProvider", "message": "late"}, "taskUUID": UUID_TEXT}
    (error,) = Envelope.parse_body(json.dumps(body).encode()).errors
    assert (error.code, error.task_uuid) == ("timeoutProvider", UUID(UUID_TEXT))


def test_the_old_error_form_is_read() -> None:
    body = {"error": True, "errorId": 19, "errorMessage": "bad key"}
    (error,) = Envelope.parse_body(json.dumps(body).encode()).errors
    assert (error.code, error.message) == ("19", "bad key")


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"ok":true}', b'{"data":[', b"[" * 100_000, b"\xff"]
)
def test_what_is_no_envelope_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Envelope.parse_body(body)
