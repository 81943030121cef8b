"""REST for searching the messages of a guild, as far as the bot may read them."""

import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from aiohttp import web

from sandbox.discord import payloads_guild, search
from sandbox.discord.api import API, answer
from sandbox.discord.errors import MISSING_ACCESS, MISSING_PERMISSIONS, DiscordError
from sandbox.discord.faults import Faults, Stage
from sandbox.discord.forms import Form
from sandbox.discord.intents import Intent
from sandbox.discord.models import Channel, Guild, Json, Message
from sandbox.discord.permissions import Permission
from sandbox.discord.rest_lookup import Lookup
from sandbox.discord.state import State

PAGE = 25  # this and the bounds below: Discord's OpenAPI file, operation guild_search
FURTHEST = 9975
_NOT_INDEXED = {"message": "Index not yet available. Try again later", "code": 110000}
_FLAGS = {"true": True, "false": False, "1": True, "0": False}
Filter = Callable[[Message], bool]


class SearchRoutes:
    def __init__(self, lookup: Lookup, faults: Faults) -> None:
        self._lookup = lookup
        self._state = lookup.state
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        return [web.get(API + "/guilds/{guild}/messages/search", self._search)]

    async def _search(self, request: web.Request) -> web.Response:
        """Answer a page of hits; 202 while a fault says that nothing is indexed yet."""
        guild = self._lookup.guild(request)
        if not self._state.settings.intents & Intent.MESSAGE_CONTENT:
            raise DiscordError(MISSING_ACCESS)
        asked = Asked(Form(), request)
        wanted = read(asked, self._state)
        readable = self._readable(guild)
        if not readable:
            raise DiscordError(MISSING_PERMISSIONS)
        fault = self._faults.take(Stage.SEARCH, str(guild.id))
        if fault is not None:
            delay = {"documents_indexed": 0, "retry_after": int(fault.value)}
            return answer(_NOT_INDEXED | delay, 202)
        hits = wanted.sorted(self._hits(readable, wanted))
        page = hits[wanted.offset : wanted.offset + wanted.limit]
        return answer(self._found(page) | {"total_results": len(hits)})

    def _readable(self, guild: Guild) -> list[Channel]:
        """Return the channels and threads whose history the bot may read."""
        me, needed = self._lookup.me, Permission.READ_MESSAGE_HISTORY
        return [
            channel
            for channel in guild.channels.values()
            if self._state.sees(me, channel.id) and self._state.permissions(me, channel.id) & needed
        ]

    def _hits(self, readable: list[Channel], wanted: "Wanted") -> Iterator[Message]:
        for channel in readable:
            restricted = self._state.channel(channel.parent_id or channel.id).nsfw
            if (wanted.channels and channel.id not in wanted.channels) or (
                restricted and not wanted.restricted
            ):
                continue
            for message in self._state.messages.newest_first(channel.id):
                if not message.ephemeral and all(holds(message) for holds in wanted.filters):
                    yield message

    def _found(self, page: list[Message]) -> Json:
        places = {each.channel_id: self._state.channel(each.channel_id) for each in page}
        threads = [channel for channel in places.values() if channel.type.threaded]
        shown = [self._state.payloads.message(each) | {"hit": True} for each in page]
        for payload in shown:
            payload.pop("reactions", None)  # documentation: "without the reactions key"
        found: Json = {"messages": [[each] for each in shown], "doing_deep_historical_index": False}
        return found | payloads_guild.threads(threads, self._lookup.me)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One search, read: all filters must hold; no channels are every channel."""

    filters: tuple[Filter, ...]
    channels: frozenset[int]
    restricted: bool
    words: tuple[str, ...]
    slop: int
    limit: int
    offset: int
    relevance: bool
    oldest_first: bool

    def sorted(self, hits: Iterable[Message]) -> list[Message]:
        """Sort by time, or by how often the words stand in a message, then the newest first."""
        by_id = operator.attrgetter("id")
        if not self.relevance:
            return sorted(hits, key=by_id, reverse=not self.oldest_first)
        newest = sorted(hits, key=by_id, reverse=True)
        return sorted(newest, key=lambda message: -_score(message, self.words, self.slop))


@dataclass(frozen=True, slots=True)
class Asked:
    """The query of a request, read part by part; faults go into the form."""

    form: Form
    request: web.Request

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        text = self.request.query.get(name)
        if text is None:
            return default
        whole = text.isascii() and text.isdigit() and len(text) < 6
        read = self.form.field(int(text) if whole else -1, name)
        return int(read.raw) if read.number(least, most) else default

    def flag(self, name: str) -> bool | None:
        text = self.request.query.get(name)
        if text is not None and text.lower() not in _FLAGS:
            self.form.field(text, name).flag()
        return None if text is None else _FLAGS.get(text.lower())

    def one_id(self, name: str) -> int | None:
        return self.form.field(self.request.query.get(name), name).snowflake(required=False)

    def ids(self, name: str, most: int = 100) -> frozenset[int]:
        every = self.form.field(self.request.query.getall(name, []), name).each(0, most)
        return frozenset(each.snowflake() or 0 for each in every)

    def texts(self, name: str, longest: int = 256) -> frozenset[str]:
        every = self.form.field(self.request.query.getall(name, []), name).each(0, 100)
        return frozenset(each.raw.lower() for each in every if each.text(0, longest))

    def choices(self, name: str, *allowed: str) -> frozenset[str]:
        """Return some of a few words; anything else is a fault."""
        found = self.request.query.getall(name, [])
        if not all(each in allowed for each in found):
            message = f"Value must be one of ({', '.join(allowed)})."
            self.form.field(found, name).fail("BASE_TYPE_CHOICES", message)
        return frozenset(found)


def read(asked: Asked, state: State) -> Wanted:
    """Read a search, or raise 50035 with every fault of it."""
    text = asked.form.field(asked.request.query.get("content"), "content")
    looked_for = search.words(text.raw) if text.text(0, 1024) and text.raw else ()
    slop = asked.number("slop", search.DEFAULT_SLOP, least=0, most=100)
    wanted = Wanted(
        filters=tuple(_filters(asked, state, looked_for, slop)),
        channels=asked.ids("channel_id", 500),
        restricted=asked.flag("include_nsfw") is True,
        words=looked_for,
        slop=slop,
        limit=asked.number("limit", PAGE, least=1, most=PAGE),
        offset=asked.number("offset", 0, least=0, most=FURTHEST),
        relevance="relevance" in asked.choices("sort_by", "timestamp", "relevance"),
        oldest_first="asc" in asked.choices("sort_order", "asc", "desc"),
    )
    asked.form.check()
    return wanted


def _filters(
    asked: Asked, state: State, looked_for: tuple[str, ...], slop: int
) -> Iterator[Filter]:
    if (least := asked.one_id("min_id")) is not None:
        yield lambda message: message.id > least
    if (most := asked.one_id("max_id")) is not None:
        yield lambda message: message.id < most
    if (pinned := asked.flag("pinned")) is not None:
        yield lambda message: message.pinned is pinned
    if looked_for:
        yield lambda message: _score(message, looked_for, slop) > 0
    yield from _about_people(asked, state)
    yield from _about_contents(asked)


def _about_people(asked: Asked, state: State) -> Iterator[Filter]:
    if authors := asked.ids("author_id"):
        yield lambda message: message.author_id in authors
    if mentioned := asked.ids("mentions"):
        yield lambda message: not mentioned.isdisjoint(message.content.mentions)
    if answered := asked.ids("replied_to_message_id"):
        yield lambda message: message.reference_id in answered
    if people := asked.ids("replied_to_user_id"):
        yield lambda message: _answered(state, message) in people
    if kinds := asked.choices("author_type", *_negatable(search.AUTHORS)):
        yield lambda message: _of_kinds(
            kinds, [search.author_type(state.world.user(message.author_id), message)]
        )
    # The local Discord's messages mention neither roles nor everyone.
    if asked.ids("mentions_role_id") or asked.flag("mention_everyone"):
        yield lambda _: False


def _about_contents(asked: Asked) -> Iterator[Filter]:
    if kinds := asked.choices("has", *_negatable(search.HAS)):
        yield lambda message: _of_kinds(kinds, search.has(message))
    if hosts := asked.texts("link_hostname"):
        yield lambda message: not hosts.isdisjoint(search.hosts(message))
    if names := asked.texts("attachment_filename", 1024):
        yield lambda message: not names.isdisjoint(search.filenames(message))
    if endings := asked.texts("attachment_extension"):
        yield lambda message: not endings.isdisjoint(search.extensions(message))
    # Embeds are a bot's own here: none was made from a link, of a provider's picture or film.
    if asked.texts("embed_provider") or asked.choices("embed_type", *search.EMBEDS):
        yield lambda _: False


def _negatable(kinds: Iterable[str]) -> list[str]:
    return [sign + kind for kind in kinds for sign in ("", "-")]


def _of_kinds(wanted: frozenset[str], found: Iterable[str]) -> bool:
    """Tell whether any wanted kind was found, and none of those that begin with "-"."""
    known = set(found)
    required = {kind for kind in wanted if kind[0] != "-"}
    excluded = {kind[1:] for kind in wanted - required}
    return excluded.isdisjoint(known) and (not required or not required.isdisjoint(known))


def _score(message: Message, looked_for: tuple[str, ...], slop: int) -> int:
    return search.places(search.words(message.content.text), looked_for, slop=slop)


def _answered(state: State, message: Message) -> int | None:
    target = state.messages.find(message.reference_id)
    return None if target is None else target.author_id
