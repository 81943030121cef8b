"""Entitlements: what users and guilds bought, or were granted for a test."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sandbox.discord.model.errors import UNKNOWN_ENTITLEMENT, DiscordError
from sandbox.discord.model.events import Event
from sandbox.discord.model.guild_payloads import format_timestamp
from sandbox.discord.model.records import Json

if TYPE_CHECKING:
    from sandbox.discord.state.state import State

_TEST_TYPE = 8  # "APPLICATION_SUBSCRIPTION", the type of test entitlements


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One entitlement; times are seconds since 1970, an end of None is open."""

    id: int
    sku_id: int
    user_id: int | None
    guild_id: int | None
    starts_at: float
    ends_at: float | None = None
    deleted: bool = False
    consumed: bool = False


class EntitlementStore:
    """Store entitlements by id; each change emits an event to the bot."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._by_id: dict[int, Entitlement] = {}

    def grant(
        self,
        sku_id: int,
        *,
        user_id: int | None = None,
        guild_id: int | None = None,
        ends_at: float | None = None,
    ) -> Entitlement:
        """Grant a user or guild an entitlement from now on, until `ends_at` if given."""
        now = self._state.clock.now()
        number = self._state.ids.make_id()
        entitlement = Entitlement(number, sku_id, user_id, guild_id, now, ends_at)
        self._save(entitlement, "ENTITLEMENT_CREATE")
        return entitlement

    def get(self, entitlement_id: int | None) -> Entitlement:
        """Return an entitlement; raise 10097 if unknown."""
        found = self._by_id.get(entitlement_id) if entitlement_id is not None else None
        if found is None:
            raise DiscordError(UNKNOWN_ENTITLEMENT)
        return found

    def consume(self, entitlement_id: int | None) -> None:
        self._save(replace(self.get(entitlement_id), consumed=True), "ENTITLEMENT_UPDATE")

    def delete(self, entitlement_id: int | None) -> None:
        self._save(replace(self.get(entitlement_id), deleted=True), "ENTITLEMENT_DELETE")

    def all(self) -> list[Entitlement]:
        return list(self._by_id.values())

    def restore(self, kept: list[Entitlement]) -> None:
        """Replace all entitlements by stored ones, without emitting events."""
        self._by_id = {each.id: each for each in kept}

    def list_active(self, user_id: int, guild_id: int | None) -> list[Json]:
        """Return the entitlements that apply to an interaction: the user's and the guild's."""
        now = self._state.clock.now()
        return [
            self.build_payload(each)
            for each in self._by_id.values()
            if not each.deleted
            and (each.ends_at is None or each.ends_at > now)
            and (each.user_id == user_id or (guild_id is not None and each.guild_id == guild_id))
        ]

    def build_payload(self, entitlement: Entitlement) -> Json:
        own: Json = {
            "id": str(entitlement.id),
            "sku_id": str(entitlement.sku_id),
            "application_id": str(self._state.world.bot.id),
            "user_id": str(entitlement.user_id or 0),
            "type": _TEST_TYPE,
            "deleted": entitlement.deleted,
            "consumed": entitlement.consumed,
            "starts_at": format_timestamp(entitlement.starts_at),
            "ends_at": None
            if entitlement.ends_at is None
            else format_timestamp(entitlement.ends_at),
        }
        guild_id = entitlement.guild_id
        return own | ({} if guild_id is None else {"guild_id": str(guild_id)})

    def _save(self, entitlement: Entitlement, event: str) -> None:
        self._by_id[entitlement.id] = entitlement
        only_bot = frozenset({self._state.world.bot.id})
        self._state.emit(Event(event, self.build_payload(entitlement), audience=only_bot))
