"""The clock over HTTP: read and advance it."""

import json

from aiohttp import web

from sandbox.control.clock import SandboxClock

_MAX_ADVANCE_S = 366 * 86_400.0  # a year is past every deadline


def build_clock_routes(clock: SandboxClock) -> list[web.RouteDef]:
    """List GET and POST /_control/clock; both answer {"now": seconds since 1970}."""

    async def read(_: web.Request) -> web.Response:
        return web.json_response({"now": clock.now()})

    async def turn(request: web.Request) -> web.Response:
        try:
            clock.advance(_parse_seconds(await request.text()))
        except (ValueError, TypeError, RecursionError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"now": clock.now()})

    return [web.get("/_control/clock", read), web.post("/_control/clock", turn)]


def _parse_seconds(text: str) -> float:
    given = json.loads(text)
    seconds = given.get("advance") if isinstance(given, dict) else None
    if not isinstance(seconds, int | float) or not 0 <= seconds <= _MAX_ADVANCE_S:
        raise ValueError(
            f'the clock is turned by {{"advance": seconds}}, 0 to {_MAX_ADVANCE_S:.0f}'
        )
    return float(seconds)
