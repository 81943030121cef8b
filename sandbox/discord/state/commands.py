"""The application's commands: validated when registered, found when invoked."""

from typing import TYPE_CHECKING, Any

from sandbox.discord.model.errors import UNKNOWN_COMMAND, DiscordError
from sandbox.discord.model.events import HEALTH, Event
from sandbox.discord.model.records import Json
from sandbox.discord.validation.commands import CHAT, check_commands

if TYPE_CHECKING:
    from sandbox.discord.state.state import State


class CommandStore:
    """Store global commands (scope None) and guild commands, by name and type."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._scopes: dict[int | None, dict[tuple[str, int], Json]] = {}

    def replace_scope(self, scope: int | None, wanted: list[Any]) -> list[Json]:
        """Set all commands of a scope; those with a known name and type keep their id."""
        checked = check_commands(wanted)
        before = self._scopes.get(scope, {})
        self._scopes[scope] = {
            (each["name"], each["type"]): self._build_stored(each, scope, before=before)
            for each in checked
        }
        self._emit_change()
        return self.list_scope(scope)

    def upsert(self, scope: int | None, wanted: Any) -> Json:
        """Add a command, or replace the one of the same name and type."""
        (checked,) = check_commands([wanted])
        commands = self._scopes.setdefault(scope, {})
        stored = self._build_stored(checked, scope, before=commands)
        commands[checked["name"], checked["type"]] = stored
        self._emit_change()
        return stored

    def update(self, scope: int | None, old: Json, *, change: Json) -> Json:
        """Change some fields of a command; it keeps its id even under a new name."""
        (checked,) = check_commands([old | change])
        commands = self._scopes[scope]
        del commands[old["name"], old["type"]]
        key = (checked["name"], checked["type"])
        commands[key] = self._build_stored(checked, scope, before={key: old})
        self._emit_change()
        return commands[key]

    def delete(self, scope: int | None, command_id: str) -> None:
        command = self.get(scope, command_id)
        del self._scopes[scope][command["name"], command["type"]]
        self._emit_change()

    def get(self, scope: int | None, command_id: str) -> Json:
        """Return a command by id; raise 10063 if unknown."""
        for command in self._scopes.get(scope, {}).values():
            if command["id"] == command_id:
                return command
        raise DiscordError(UNKNOWN_COMMAND)

    def list_scope(self, scope: int | None) -> list[Json]:
        return list(self._scopes.get(scope, {}).values())

    def all(self) -> list[Json]:
        """Return the commands of every scope."""
        return [each for scope in self._scopes for each in self.list_scope(scope)]

    def list_available(self, guild_id: int) -> list[Json]:
        """Return the global commands and the guild's own."""
        return self.list_scope(None) + self.list_scope(guild_id)

    def find(self, name: str, kind: int = CHAT, *, guild_id: int | None) -> Json:
        """Return a command by name, the guild's own before a global one; raise 10063 if unknown."""
        for scope in dict.fromkeys((guild_id, None)):
            command = self._scopes.get(scope, {}).get((name, kind))
            if command is not None:
                return command
        raise DiscordError(UNKNOWN_COMMAND)

    def export_scopes(self) -> list[tuple[int | None, list[Json]]]:
        """Return all scopes' commands in the form that `restore` takes."""
        return [(scope, list(commands.values())) for scope, commands in self._scopes.items()]

    def restore(self, kept: list[tuple[int | None, list[Json]]]) -> None:
        self._scopes = {
            scope: {(each["name"], each["type"]): each for each in commands}
            for scope, commands in kept
        }
        self._emit_change()

    def _build_stored(
        self, wanted: Json, scope: int | None, *, before: dict[tuple[str, int], Json]
    ) -> Json:
        old = before.get((wanted["name"], wanted["type"]), {})
        same = bool(old) and all(old.get(key) == value for key, value in wanted.items())
        command_id = old.get("id") or str(self._state.ids.make_id())
        version = old["version"] if same else str(self._state.ids.make_id())
        own = {
            "id": command_id,
            "application_id": str(self._state.world.bot.id),
            "version": version,
        }
        return own | wanted | ({"guild_id": str(scope)} if scope is not None else {})

    def _emit_change(self) -> None:
        self._state.changes.record_change(HEALTH)
        self._state.emit(Event("COMMANDS", {}))
