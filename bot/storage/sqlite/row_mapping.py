"""Conversion between rows and domain values."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from bot.domain.ids import Digest, JobId, TaskUuid
from bot.domain.job import END_STATES, OPEN_STATES, Job, JobEvent, JobState, Result
from bot.domain.money import MicroUsd
from bot.domain.order import Detail, Note, Order, Origin, OutputFormat, ReplyTarget
from bot.domain.plan import Plan
from bot.storage.sqlite.database import Columns, Row

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ORDER: Final = TypeAdapter(Order)
_PLAN: Final = TypeAdapter(Plan)
_NOTE_CODES: Final = frozenset(Note)
# in the order of the partial indexes' conditions: SQLite uses such an index only for the same list
OPEN_SQL: Final = ", ".join(f"'{state}'" for state in JobState if state in OPEN_STATES)
ENDED_SQL: Final = ", ".join(f"'{state}'" for state in JobState if state in END_STATES)
"""The states of jobs in progress and of ended ones, for `state IN (...)`."""


def to_ms(moment: datetime) -> int:
    """Convert an aware time to whole milliseconds since 1970 (UTC)."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    """Convert milliseconds since 1970 to an aware time."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def from_ms_or_none(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)


def to_ms_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)


def encode_order(order: Order) -> str:
    """Encode an order as JSON, with a stored seed's notes joined to one string.

    What older versions did not know is left out where it has its default.
    """
    values = _ORDER.dump_python(order, mode="json")
    if order.detail is Detail.AUTOMATIC:
        del values["detail"]
    if not order.attachment.description:
        del values["attachment"]["description"]
    if order.age_restricted is None:
        del values["age_restricted"]
    for name in ("keeps_spoiler", "sources", "repeats"):
        if not values[name]:
            del values[name]
    if order.seed is not None:
        values["seed"]["note"] = " ".join(values["seed"].pop("notes"))
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def decode_order(text: str) -> Order:
    """Decode the JSON of `encode_order`; raise `ValueError` for anything else.

    An age restriction that is left out is unknown, as in orders from before it was stored.
    """
    values = json.loads(text)
    match values:
        case dict():
            values.setdefault("age_restricted", None)
    match values:
        case {"seed": {"note": str(note)} as seed}:
            seed["notes"] = _decode_notes(note)
    try:
        return _ORDER.validate_python(values)
    except ValidationError as error:
        # not the error itself, which quotes the prompt: it ends in the log
        places = [".".join(map(str, each["loc"])) for each in error.errors(include_input=False)]
        raise ValueError(f"no readable Order: {places}") from None


def _decode_notes(text: str) -> tuple[Note, ...]:
    return tuple(Note(code) for code in text.split() if code in _NOTE_CODES)


def encode_plan(plan: Plan | None) -> str | None:
    return None if plan is None else _PLAN.dump_json(plan).decode()


def encode_job(job: Job) -> Columns:
    """Return a new job's columns by name."""
    return {
        "id": job.id,
        "interaction_id": job.origin.interaction_id,
        "part": job.part,
        "guild_id": job.origin.guild_id,
        "channel_id": job.origin.channel_id,
        "user_id": job.origin.user_id,
        "user_name": job.origin.user_name,
        "ordered": encode_order(job.order),
        "reply_token": job.reply.token,
        "task_uuid": str(job.task_uuid),
        "state": job.state,
        "hold": job.hold,
        "created_at": to_ms(job.created_at),
        "updated_at": to_ms(job.updated_at),
        "run_at": to_ms(job.run_at),
    }


def decode_job(row: Row) -> Job:
    origin = Origin(
        row["interaction_id"], row["guild_id"], row["channel_id"], row["user_id"], row["user_name"]
    )
    return Job(
        id=JobId(row["id"]),
        origin=origin,
        order=decode_order(row["ordered"]),
        reply=ReplyTarget(row["reply_token"], row["message_id"]),
        task_uuid=TaskUuid(UUID(row["task_uuid"])),
        state=JobState(row["state"]),
        epoch=row["epoch"],
        attempts=row["attempts"],
        sends=row["sends"],
        hold=MicroUsd(row["hold"]),
        created_at=from_ms(row["created_at"]),
        updated_at=from_ms(row["updated_at"]),
        run_at=from_ms(row["run_at"]),
        seed=None if row["seed"] is None else Digest(row["seed"]),
        seed_notes=_decode_notes(row["seed_note"]),
        output=None if row["output"] is None else OutputFormat(row["output"]),
        plan=None if row["plan"] is None else _PLAN.validate_json(row["plan"]),
        cost=None if row["cost"] is None else MicroUsd(row["cost"]),
        failure=row["failure"],
        part=row["part"],
    )


def encode_result(job_id: JobId, result: Result) -> Columns:
    return {
        "job_id": job_id,
        "ordinal": result.ordinal,
        "image_uuid": result.image_uuid,
        "url": result.url,
        "noise_seed": result.noise_seed,
        "cost": result.cost,
        "raw": result.raw,
        "delivered": result.delivered,
        "format": result.format,
        "bytes": result.bytes,
        "note": " ".join(result.fetch_errors or result.notes),
    }


def decode_result(row: Row) -> Result:
    is_delivered = row["delivered"] is not None
    return Result(
        ordinal=row["ordinal"],
        image_uuid=row["image_uuid"],
        url=row["url"],
        noise_seed=row["noise_seed"],
        cost=None if row["cost"] is None else MicroUsd(row["cost"]),
        raw=None if row["raw"] is None else Digest(row["raw"]),
        delivered=None if row["delivered"] is None else Digest(row["delivered"]),
        format=None if row["format"] is None else OutputFormat(row["format"]),
        bytes=row["bytes"],
        notes=_decode_notes(row["note"]) if is_delivered else (),
        fetch_errors=() if is_delivered else tuple(row["note"].split()),
    )


def decode_event(row: Row) -> JobEvent:
    source = None if row["source"] is None else JobState(row["source"])
    return JobEvent(source, JobState(row["target"]), from_ms(row["at"]), row["detail"])
