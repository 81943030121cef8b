"""The limits and timings that the local Discord enforces on a bot."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from sandbox.discord.model.intents import PRIVILEGED, Intent
from sandbox.discord.model.records import Json

_MAX_VALUE = 10**9


@dataclass(frozen=True, slots=True)
class DiscordLimits:
    """Limits of the local Discord: defaults that no correct bot reaches, `strict` is Discord's own.

    Every bucket allows `route_requests` per `route_seconds`; `global_requests` is per second,
    `invalid_requests` per ten minutes. `identify_seconds` 0 lets a bot identify at any pace. A bot
    with fewer shards than `least_shards` is closed with 4011.
    """

    route_requests: int = 1000
    route_seconds: float = 1.0
    global_requests: int = 100_000
    invalid_requests: int = 10_000  # documentation, "Invalid Request Limit"
    identify_seconds: float = 0.0
    max_concurrency: int = 1
    identifies: int = 1000  # a day: documentation, "Session Start Limit"
    sends_per_minute: int = 120  # documentation, gateway "Rate Limiting"
    heartbeat_seconds: float = 41.25  # the interval that Discord's gateway usually sends
    least_shards: int = 1
    intents: int = int(PRIVILEGED)

    @classmethod
    def strict(cls) -> Self:
        """Return Discord's documented limits; its message routes answer 5 requests in 5 s."""
        return cls(route_requests=5, route_seconds=5.0, global_requests=50, identify_seconds=5.0)

    def with_changes(self, given: Any) -> "DiscordLimits":
        """Apply a JSON object's changes ("intents" as a list of names); ValueError when invalid."""
        if not isinstance(given, dict):
            raise TypeError("settings are an object of names and values")
        changes = dict(given)
        base = self
        if (preset := changes.pop("preset", None)) is not None:
            if preset not in _PRESETS:
                raise ValueError(f"the presets are {' and '.join(_PRESETS)}")
            base = _PRESETS[preset]
        if "intents" in changes:
            changes["intents"] = _read_intents(changes["intents"])
        known = {each.name: each.type for each in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"there is no setting {name[:50]!r}; there are {', '.join(known)}")
            minimum = 0 if name in {"identify_seconds", "intents"} else 0.01
            kinds = {int} if known[name] is int else {int, float}
            if type(value) not in kinds or not minimum <= value <= _MAX_VALUE:
                raise ValueError(f"{name} is a number above {minimum} and below {_MAX_VALUE}")
        return replace(base, **changes)

    def to_json(self) -> Json:
        allowed = [each.name or "" for each in Intent if each & self.intents]
        return asdict(self) | {"intents": allowed}


_PRESETS = {"generous": DiscordLimits(), "strict": DiscordLimits.strict()}


def _read_intents(names: Any) -> int:
    """Parse the names of the privileged intents granted to the application."""
    allowed = {each.name: int(each) for each in Intent if each & PRIVILEGED}
    if not isinstance(names, list) or not all(name in allowed for name in names):
        raise ValueError(f"intents is a list of some of {', '.join(map(str, allowed))}")
    return sum({allowed[name] for name in names})
