"""Records to JSON and back by their types, so that new fields are stored without extra code."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from sandbox.discord.model.records import Attachment, Content, Json, Message


def dump_record(record: Any) -> Json:
    """Return a record's JSON form, without the bytes of attachments."""
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
    """Return a record from its JSON form; raise ValueError, TypeError or KeyError if invalid.

    `files` maps attachment ids to bytes; an attachment whose bytes are missing is empty.
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
    # pydantic ignores unknown fields of a dataclass, but not those of a named tuple.
    return {name: raw[name] for name in kind._fields if name in raw}
