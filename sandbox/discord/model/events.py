"""Events, an event bus, and change numbers to wait for."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

from sandbox.discord.model.json_encoding import dumps
from sandbox.discord.model.records import Json

CLOSING = "CLOSING"  # sent before the server stops, to end every feed
HEALTH = 0  # the `ChangeTracker` key for connected sessions and registered commands


class Event:
    """One change, named as Discord's gateway event; `audience` None means everybody.

    An expensive payload is passed as a function and built when the first listener asks for it,
    since most events have no listener. Listeners ask while they are called, so the payload is never
    later than the change.
    """

    __slots__ = ("_payload", "_text", "_write", "audience", "guild_id", "name")

    def __init__(
        self,
        name: str,
        payload: Json | Callable[[], Json],
        guild_id: int | None = None,
        audience: frozenset[int] | None = None,
        write: Callable[[], str] | None = None,
    ) -> None:
        """Create an event; `write` builds the payload's JSON text where that is cheaper."""
        self.name = name
        self.guild_id = guild_id
        self.audience = audience
        self._payload = payload
        self._write = write
        self._text: str | None = None

    @property
    def payload(self) -> Json:
        if callable(self._payload):
            self._payload = self._payload()
        return self._payload

    def to_json_text(self) -> str:
        """Return the payload as JSON text, encoded once for all listeners."""
        if self._text is None:
            self._text = dumps(self.payload) if self._write is None else self._write()
        return self._text

    def build_payload_for(self, user_id: int) -> Json:
        """Return the payload for one user: only a message's author sees its nonce."""
        payload = self.payload
        if "nonce" not in payload or payload.get("author", {}).get("id") in {None, str(user_id)}:
            return payload
        return {name: value for name, value in payload.items() if name != "nonce"}

    def is_visible_to(self, user_id: int) -> bool:
        return self.audience is None or user_id in self.audience


Listener = Callable[[Event], None]


class EventBus:
    """Pass every event to every listener, immediately and in order of subscription."""

    def __init__(self) -> None:
        self._listeners: dict[int, Listener] = {}
        self._next = 0

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with each event from now on; return the function that unsubscribes."""
        self._next += 1
        key = self._next
        self._listeners[key] = listener
        return lambda: self._unsubscribe(key)

    def emit(self, event: Event) -> None:
        # A copy, since a listener may unsubscribe while it is called.
        for listener in tuple(self._listeners.values()):
            listener(event)

    def _unsubscribe(self, key: int) -> None:
        self._listeners.pop(key, None)


class ChangeTracker:
    """Number changes of things by id, and wake the tasks that wait for the next change."""

    def __init__(self) -> None:
        self._sequence = 0
        self._version: dict[int, int] = {}
        self._waiting: defaultdict[int, set[asyncio.Event]] = defaultdict(set)

    def record_change(self, *keys: int) -> None:
        self._sequence += 1
        for key in keys:
            self._version[key] = self._sequence
            for waiter in self._waiting.get(key, ()):
                waiter.set()

    def get_version(self, *keys: int) -> int:
        """Return the number of the latest change of any of these keys, or 0 if none has changed."""
        return max((self._version.get(key, 0) for key in keys), default=0)

    async def wait_for_change(self, keys: tuple[int, ...], *, since: int, timeout: float) -> bool:  # noqa: ASYNC109 - a long poll's length
        """Wait up to `timeout` seconds for a version above `since`; return whether there is one."""
        # No await between this check and registering the waiter: no change can fall in between.
        if self.get_version(*keys) > since:
            return True
        woken = asyncio.Event()
        for key in keys:
            self._waiting[key].add(woken)
        try:
            async with asyncio.timeout(timeout):
                await woken.wait()
        except TimeoutError:
            return False
        finally:
            for key in keys:
                self._forget_waiter(key, woken)
        return True

    def _forget_waiter(self, key: int, woken: asyncio.Event) -> None:
        waiting = self._waiting[key]
        waiting.discard(woken)
        if not waiting:
            del self._waiting[key]
