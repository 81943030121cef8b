"""The application's commands: checked when they are set, found when they are called."""

from typing import TYPE_CHECKING, Any

from sandbox.discord.command_rules import CHAT, check
from sandbox.discord.errors import UNKNOWN_COMMAND, DiscordError
from sandbox.discord.events import HEALTH, Event
from sandbox.discord.models import Json

if TYPE_CHECKING:
    from sandbox.discord.state import State


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
            (each["name"], each["type"]): self._stored(each, scope, before=before)
            for each in checked
        }
        self._tell()
        return self.listed(scope)

    def upsert(self, scope: int | None, wanted: Any) -> Json:
        """Add one command, or replace the one of its name and type."""
        (checked,) = check([wanted])
        commands = self._scopes.setdefault(scope, {})
        stored = self._stored(checked, scope, before=commands)
        commands[checked["name"], checked["type"]] = stored
        self._tell()
        return stored

    def change(self, scope: int | None, old: Json, *, change: Json) -> Json:
        """Change some fields of a command; it keeps its id under a new name too."""
        (checked,) = check([old | change])
        commands = self._scopes[scope]
        del commands[old["name"], old["type"]]
        key = (checked["name"], checked["type"])
        commands[key] = self._stored(checked, scope, before={key: old})
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
        """Return the commands of every scope."""
        return [each for scope in self._scopes for each in self.listed(scope)]

    def known_in(self, guild_id: int) -> list[Json]:
        """Return the global commands and the guild's own."""
        return self.listed(None) + self.listed(guild_id)

    def find(self, name: str, kind: int = CHAT, *, guild_id: int | None) -> Json:
        """Return the command of a name, the guild's own before the global one; else raise 10063."""
        for scope in dict.fromkeys((guild_id, None)):
            command = self._scopes.get(scope, {}).get((name, kind))
            if command is not None:
                return command
        raise DiscordError(UNKNOWN_COMMAND)

    def kept(self) -> list[tuple[int | None, list[Json]]]:
        """Return the commands of every scope, as `restore` takes them."""
        return [(scope, list(commands.values())) for scope, commands in self._scopes.items()]

    def restore(self, kept: list[tuple[int | None, list[Json]]]) -> None:
        self._scopes = {
            scope: {(each["name"], each["type"]): each for each in commands}
            for scope, commands in kept
        }
        self._tell()

    def _stored(
        self, wanted: Json, scope: int | None, *, before: dict[tuple[str, int], Json]
    ) -> Json:
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
        self._state.emit(Event("COMMANDS", {}))
