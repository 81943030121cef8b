"""The records as JSON and back, by their types, so that a new field is kept by itself."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from sandbox.discord.model.records import Attachment, Content, Json, Message


def dump_record(record: Any) -> Json:
    """Return a record as JSON takes it, without the bytes of attachments."""
    kind: Any = type(record)
    dumped: Json
    if isinstance(record, Attachment):
        dumped = to_jsonable_python(record._asdict(), exclude={"data"})
    elif isinstance(record, Message):
        dumped = _get_adapter(kind).dump_python(record, mode="json", exclude={"content"})
        files = [dump_record(each) for each in record.content.attachments]
        dumped["content"] = to_jsonable_python(record.content._asdict() | {"attachments": files})
    else:
        dumped = _get_adapter(kind).dump_python(record, mode="json")
    return dumped


def load_record(kind: Any, raw: Json, files: Mapping[int, bytes]) -> Any:
    """Return the record of a type; raise ValueError, TypeError or KeyError for what is none.

    `files` holds the bytes of attachments by their id; one whose bytes are gone is empty.
    """
    if kind is Attachment:
        raw = _add_bytes(raw, files)
    elif kind is Message:
        content = _pick_fields(Content, raw["content"])
        content["attachments"] = [_add_bytes(each, files) for each in content["attachments"]]
        raw = raw | {"content": content}
    return _get_adapter(kind).validate_python(raw)


@cache
def _get_adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _add_bytes(attachment: Json, files: Mapping[int, bytes]) -> Json:
    return _pick_fields(Attachment, attachment) | {"data": files.get(attachment["id"], b"")}


def _pick_fields(kind: type[Attachment | Content], raw: Json) -> Json:
    # pydantic passes over a dataclass's unknown fields, but not over a named tuple's.
    return {name: raw[name] for name in kind._fields if name in raw}
