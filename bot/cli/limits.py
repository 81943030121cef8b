"""`expanse why`: how an order of a member stands to every limit."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from bot.cli.context import ConfigOption, JsonOption, print_output, run_with_services
from bot.cli.output.tables import format_table, format_time
from bot.composition.core_services import CoreServices
from bot.domain.ids import ChannelId, GuildId, InteractionId, RoleId, UserId
from bot.domain.ledger import CapUse, CountUse
from bot.domain.order import Origin
from bot.errors import get_error_code
from bot.services.orders.order_inspection import OrderOutlook
from bot.ui.texts.operator import (
    ACCEPTED,
    LIMIT_NAMES,
    REFUSED,
    describe_refusal,
    format_use,
)


def why(
    guild: Annotated[int, typer.Option(help="The server's ID; 0 for personal use.")],
    user: Annotated[int, typer.Option(help="The member's ID.")],
    role: Annotated[
        list[int] | None, typer.Option(help="The ID of a role of the member; may be repeated.")
    ] = None,
    channel: Annotated[
        int, typer.Option(help="The channel's ID; without it, rules about channels are left out.")
    ] = 0,
    results: Annotated[int, typer.Option(min=1, help="Pictures that are asked for.")] = 1,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a member's next order against every limit; nothing is spent."""
    roles, place = tuple(RoleId(each) for each in role or ()), ChannelId(channel)
    origin = Origin(InteractionId(0), GuildId(guild), place, UserId(user), "", roles)

    async def check(core: CoreServices) -> OrderOutlook:
        await core.admission.check_disk()
        return await core.inspection.inspect_order(origin, results)

    outlook = run_with_services(config, check)
    print_output(_outlook_to_json(outlook), _list_lines(outlook), as_json=as_json)


def _list_lines(outlook: OrderOutlook) -> list[str]:
    lines = [ACCEPTED if outlook.is_accepted else REFUSED]
    lines += [describe_refusal(each, format_time) for each in outlook.refusals]
    rows = [
        (
            LIMIT_NAMES[use.cap],
            *format_use(use),
            "REFUSES" if use.refuses else "allows",
            format_time(use.ends_at) if isinstance(use, CapUse) else "",
        )
        for use in outlook.uses
    ]
    return [*lines, "", *format_table(("limit", "used", "of", "asked", "verdict", "resets"), rows)]


def _outlook_to_json(outlook: OrderOutlook) -> dict[str, Any]:
    refusals = [
        {"code": get_error_code(each), "detail": describe_refusal(each, format_time)}
        for each in outlook.refusals
    ]
    caps = [_use_to_json(use) for use in outlook.uses]
    return {"accepted": outlook.is_accepted, "refusals": refusals, "caps": caps}


def _use_to_json(use: CapUse | CountUse) -> dict[str, Any]:
    values = {"ends_at": None, **asdict(use), "refuses": use.refuses}
    return {
        name: each.isoformat() if isinstance(each, datetime) else each
        for name, each in values.items()
    }
