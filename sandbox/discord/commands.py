"""The application's commands: checked when they are set, found when they are called."""

import re
from typing import TYPE_CHECKING, Any

from sandbox.discord.errors import UNKNOWN_COMMAND, DiscordError, Form
from sandbox.discord.events import HEALTH, Event
from sandbox.discord.models import Json

if TYPE_CHECKING:
    from sandbox.discord.state import State

Path = tuple[str | int, ...]

CHAT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP = 1, 2
# Documentation, "Application Commands": names, counts and lengths.
_NAME = re.compile(r"^[-_'\w]{1,32}$")
MAX_OPTIONS = 25
MAX_CHOICES = 25
MAX_COMMANDS = 130  # bulk overwrite, after Discord's OpenAPI file
_OPTION_KEYS = {
    "choices",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
    "channel_types",
    "autocomplete",
}


class CommandStore:
    """Keep the commands of the application (scope None) and of guilds, by name and type."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._scopes: dict[int | None, dict[tuple[str, int], Json]] = {}

    def replace(self, scope: int | None, wanted: list[Any]) -> list[Json]:
        """Set all commands of a scope; one that keeps its name and type keeps its id."""
        checked = check(wanted)
        before = self._scopes.get(scope, {})
        self._scopes[scope] = {
            (each["name"], each["type"]): self._stored(each, scope, before) for each in checked
        }
        self._tell()
        return self.listed(scope)

    def upsert(self, scope: int | None, wanted: Any) -> Json:
        """Add one command, or replace the one of its name and type."""
        (checked,) = check([wanted])
        commands = self._scopes.setdefault(scope, {})
        stored = self._stored(checked, scope, commands)
        commands[checked["name"], checked["type"]] = stored
        self._tell()
        return stored

    def change(self, scope: int | None, old: Json, change: Json) -> Json:
        """Change some fields of a command; it keeps its id under a new name too."""
        (checked,) = check([old | change])
        commands = self._scopes[scope]
        del commands[old["name"], old["type"]]
        key = (checked["name"], checked["type"])
        commands[key] = self._stored(checked, scope, {key: old})
        self._tell()
        return commands[key]

    def delete(self, scope: int | None, command_id: str) -> None:
        command = self.get(scope, command_id)
        del self._scopes[scope][command["name"], command["type"]]
        self._tell()

    def get(self, scope: int | None, command_id: str) -> Json:
        """Return a command by its id, else raise 10063."""
        for command in self._scopes.get(scope, {}).values():
            if command["id"] == command_id:
                return command
        raise DiscordError(UNKNOWN_COMMAND)

    def listed(self, scope: int | None) -> list[Json]:
        return list(self._scopes.get(scope, {}).values())

    def all(self) -> list[Json]:
        """Return every command a member of the guild is offered."""
        return self.listed(None) + self.listed(self._state.world.guild.id)

    def find(self, name: str, kind: int = CHAT) -> Json:
        """Return the command of a name, the guild's own before the global one; else raise 10063."""
        for scope in (self._state.world.guild.id, None):
            command = self._scopes.get(scope, {}).get((name, kind))
            if command is not None:
                return command
        raise DiscordError(UNKNOWN_COMMAND)

    def _stored(self, wanted: Json, scope: int | None, before: dict[tuple[str, int], Json]) -> Json:
        old = before.get((wanted["name"], wanted["type"]), {})
        same = bool(old) and all(old.get(key) == value for key, value in wanted.items())
        command_id = old.get("id") or str(self._state.ids.next())
        version = old["version"] if same else str(self._state.ids.next())
        own = {
            "id": command_id,
            "application_id": str(self._state.world.bot.id),
            "version": version,
        }
        return own | wanted | ({"guild_id": str(scope)} if scope is not None else {})

    def _tell(self) -> None:
        self._state.changes.touch(HEALTH)
        self._state.emit(Event("COMMANDS", {"commands": self.all()}))


def check(wanted: list[Any]) -> list[Json]:
    """Return commands in the response's shape, or raise 50035 with every field at fault."""
    form = Form()
    if len(wanted) > MAX_COMMANDS:
        form.fail((), "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_COMMANDS} or fewer in length.")
    checked = [_command(form, (index,), each) for index, each in enumerate(wanted)]
    names = [(each.get("name"), each.get("type")) for each in checked]
    for index, name in enumerate(names):
        if name in names[:index]:
            message = "Application command names must be unique"
            form.fail((index,), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
    form.check()
    return checked


def _command(form: Form, path: Path, raw: Any) -> Json:
    if not isinstance(raw, dict):
        form.fail(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return {}
    kind = raw.get("type") or CHAT
    if kind not in {CHAT, USER, MESSAGE}:
        form.fail((*path, "type"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3).")
    _name(form, path, raw, plain=kind == CHAT)
    if kind == CHAT:
        _description(form, path, raw)
    permissions = raw.get("default_member_permissions")
    command = {
        "type": kind,
        "name": raw.get("name"),
        "name_localizations": raw.get("name_localizations"),
        "description": raw.get("description") or "",
        "description_localizations": raw.get("description_localizations"),
        "default_member_permissions": None if permissions is None else str(permissions),
        "dm_permission": raw.get("dm_permission") is not False,
        "contexts": raw.get("contexts"),
        "integration_types": raw.get("integration_types") or [0],
        "nsfw": bool(raw.get("nsfw")),
    }
    if kind == CHAT:
        command["options"] = _options(form, (*path, "options"), raw.get("options"))
    return command


def _options(form: Form, path: Path, raw: Any) -> list[Json]:
    if raw is None:
        return []
    if not isinstance(raw, list) or len(raw) > MAX_OPTIONS:
        form.fail(path, "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_OPTIONS} or fewer in length.")
        return []
    options = [_option(form, (*path, index), each) for index, each in enumerate(raw)]
    names = [each.get("name") for each in options]
    if len(set(map(str, names))) != len(names):
        form.fail(path, "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names must be unique")
    seen_optional = False
    for index, option in enumerate(options):
        if option.get("type") in {SUBCOMMAND, GROUP}:
            continue
        if option.get("required") and seen_optional:
            message = "Required options must be placed before non-required options"
            form.fail((*path, index), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        seen_optional = seen_optional or not option.get("required")
    return options


def _option(form: Form, path: Path, raw: Any) -> Json:
    if not isinstance(raw, dict):
        form.fail(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return {}
    kind = raw.get("type")
    if not isinstance(kind, int) or not 1 <= kind <= 11:
        form.fail((*path, "type"), "BASE_TYPE_CHOICES", "Value must be one of (1, ..., 11).")
    _name(form, path, raw, plain=True)
    _description(form, path, raw)
    option = {
        "type": kind,
        "name": raw.get("name"),
        "name_localizations": raw.get("name_localizations"),
        "description": raw.get("description"),
        "description_localizations": raw.get("description_localizations"),
    }
    if kind in {SUBCOMMAND, GROUP}:
        return option | {"options": _options(form, (*path, "options"), raw.get("options"))}
    choices = raw.get("choices")
    if choices is not None and (not isinstance(choices, list) or len(choices) > MAX_CHOICES):
        message = f"Must be {MAX_CHOICES} or fewer in length."
        form.fail((*path, "choices"), "BASE_TYPE_MAX_LENGTH", message)
    option["required"] = bool(raw.get("required"))
    given = {key: raw[key] for key in _OPTION_KEYS if raw.get(key) is not None}
    return option | given


def _name(form: Form, path: Path, raw: Json, *, plain: bool) -> None:
    name = raw.get("name")
    if not isinstance(name, str) or not 1 <= len(name) <= 32:
        form.fail((*path, "name"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 32 in length.")
    elif plain and (not _NAME.match(name) or name != name.lower()):
        message = "Command name is invalid"
        form.fail((*path, "name"), "APPLICATION_COMMAND_INVALID_NAME", message)


def _description(form: Form, path: Path, raw: Json) -> None:
    description = raw.get("description")
    if not isinstance(description, str) or not 1 <= len(description) <= 100:
        message = "Must be between 1 and 100 in length."
        form.fail((*path, "description"), "BASE_TYPE_BAD_LENGTH", message)
