"""Discord's API errors: HTTP status, JSON error code, message and the invalid fields."""

from dataclasses import dataclass
from typing import Any

FieldPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """One row of the documentation's table of JSON error codes ("Opcodes and Status Codes")."""

    status: int
    code: int
    message: str


BAD_REQUEST = ErrorKind(400, 0, "400: Bad Request")
UNAUTHORIZED = ErrorKind(401, 0, "401: Unauthorized")
NOT_FOUND = ErrorKind(404, 0, "404: Not Found")
METHOD_NOT_ALLOWED = ErrorKind(405, 0, "405: Method Not Allowed")
INTERNAL = ErrorKind(500, 0, "500: Internal Server Error")
UNKNOWN_APPLICATION = ErrorKind(404, 10002, "Unknown Application")
UNKNOWN_CHANNEL = ErrorKind(404, 10003, "Unknown Channel")
UNKNOWN_GUILD = ErrorKind(404, 10004, "Unknown Guild")
UNKNOWN_MEMBER = ErrorKind(404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = ErrorKind(404, 10008, "Unknown Message")
UNKNOWN_USER = ErrorKind(404, 10013, "Unknown User")
UNKNOWN_EMOJI = ErrorKind(404, 10014, "Unknown Emoji")
UNKNOWN_WEBHOOK = ErrorKind(404, 10015, "Unknown Webhook")
UNKNOWN_ROLE = ErrorKind(404, 10011, "Unknown Role")
UNKNOWN_OVERWRITE = ErrorKind(404, 10009, "Unknown Overwrite")
UNKNOWN_ENTITLEMENT = ErrorKind(404, 10097, "Unknown Entitlement")
UNKNOWN_COMMAND_PERMISSIONS = ErrorKind(404, 10066, "Unknown application command permissions")
NOT_FOR_BOTS = ErrorKind(403, 20001, "Bots cannot use this endpoint")
MAXIMUM_PINS = ErrorKind(400, 30003, "Maximum number of pins reached for the channel (250)")
MAXIMUM_WEBHOOKS = ErrorKind(400, 30007, "Maximum number of webhooks reached (15)")
MAXIMUM_EMOJIS = ErrorKind(400, 30008, "Maximum number of emojis reached (2000)")
MAXIMUM_REACTIONS = ErrorKind(400, 30010, "Maximum number of reactions reached (20)")
OLD_EDITS = ErrorKind(
    400, 30046, "Maximum number of edits to messages older than 1 hour reached. Try again later."
)
MAXIMUM_FOLLOW_UPS = ErrorKind(
    400, 40094, "This interaction has hit the maximum number of follow-up messages"
)
UNKNOWN_INTERACTION = ErrorKind(404, 10062, "Unknown interaction")
UNKNOWN_COMMAND = ErrorKind(404, 10063, "Unknown application command")
TOO_LARGE = ErrorKind(413, 40005, "Request entity too large")
ALREADY_ACKNOWLEDGED = ErrorKind(400, 40060, "Interaction has already been acknowledged.")
THREAD_EXISTS = ErrorKind(400, 160004, "A thread has already been created for this message")
THREAD_LOCKED = ErrorKind(400, 160005, "This thread is locked")
NO_TEXT_CHANNEL = ErrorKind(400, 50008, "Cannot send messages in a non-text channel")
WEBHOOK_NEEDS_THREAD = ErrorKind(
    400, 220001, "Webhooks posted to forum channels must have a thread_name or thread_id"
)
WRONG_CHANNEL_TYPE = ErrorKind(400, 50024, "Cannot execute action on this channel type")
MISSING_ACCESS = ErrorKind(403, 50001, "Missing Access")
NOT_AUTHOR = ErrorKind(403, 50005, "Cannot edit a message authored by another user")
CANNOT_SEND_TO_USER = ErrorKind(403, 50007, "Cannot send messages to this user")
PIN_ELSEWHERE = ErrorKind(400, 50019, "A message can only be pinned to the channel it was sent in")
SYSTEM_MESSAGE = ErrorKind(403, 50021, "Cannot execute action on a system message")
WRONG_COUNT = ErrorKind(400, 50016, "Provided too few or too many messages to delete")
TOO_OLD = ErrorKind(400, 50034, "A message provided was too old to bulk delete")
ARCHIVED = ErrorKind(400, 50083, "Thread is archived")
BLOCKED = ErrorKind(400, 200000, "Message was blocked by automatic moderation")
UPLOADS_LIMITED = ErrorKind(403, 400001, "Access to file uploads has been limited for this guild")
EMPTY_MESSAGE = ErrorKind(400, 50006, "Cannot send an empty message")
MISSING_PERMISSIONS = ErrorKind(403, 50013, "Missing Permissions")
INVALID_TOKEN = ErrorKind(401, 50027, "Invalid Webhook Token")
INVALID_FORM = ErrorKind(400, 50035, "Invalid Form Body")
INVALID_JSON = ErrorKind(400, 50109, "The request body contains invalid JSON.")


def find_kind(code: int) -> ErrorKind:
    """Return the error kind of a code, or a 400 "Refused" for a code not listed here."""
    rows = (row for row in globals().values() if isinstance(row, ErrorKind))
    return next((row for row in rows if row.code == code), ErrorKind(400, code, "Refused"))


class DiscordError(Exception):
    """An error response of Discord's API; `errors` holds the invalid fields, nested."""

    def __init__(self, kind: ErrorKind, *, errors: dict[str, Any] | None = None) -> None:
        super().__init__(f"{kind.status} {kind.code} {kind.message}")
        self.kind = kind
        self.errors = errors

    def to_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {"message": self.kind.message, "code": self.kind.code}
        if self.errors:
            body["errors"] = self.errors
        return body


def build_field_error(path: FieldPath, code: str, message: str) -> DiscordError:
    """Build a 50035 (invalid form body) error about one field."""
    errors: dict[str, Any] = {}
    record_field_error(errors, path, code=code, message=message)
    return DiscordError(INVALID_FORM, errors=errors)


def record_field_error(errors: dict[str, Any], path: FieldPath, *, code: str, message: str) -> None:
    """Add a field's error to Discord's nested `errors` object."""
    node = errors
    for key in path:
        node = node.setdefault(str(key), {})
    node.setdefault("_errors", []).append({"code": code, "message": message})
