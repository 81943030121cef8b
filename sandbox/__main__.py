"""`python -m sandbox`: both local services, until they are told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import gc
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.control.clock import RealClock
from sandbox.discord.server import LocalDiscord
from sandbox.runware.api.server import LocalRunware


class PortInUse(Exception):
    """A service can't listen on its port; the message names the option that changes it."""


def main() -> int:
    """Run both services; return 1, with one line on standard error, if they can't start."""
    parser = argparse.ArgumentParser(prog="expanse sandbox", description=__doc__)
    parser.add_argument("--discord-port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--runware-port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--data", type=Path, help="keep the local Discord in this folder")
    parser.add_argument("--json", action="store_true", help="print the addresses as one JSON line")
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when standard input is closed"
    )
    options = parser.parse_args()
    os.umask(0o077)  # the stored messages and the key are private
    reduce_gc_frequency()
    try:
        asyncio.run(_run_services(options))
    except PortInUse as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"The sandbox can't start: {error.strerror}.\n")
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def reduce_gc_frequency() -> None:
    """Run the garbage collector rarely: long histories make it slow, and cycles are few."""
    gc.set_threshold(100_000, 50, 100)


async def _run_services(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    clock = RealClock()  # shared, so that advancing it keeps both in step
    async with contextlib.AsyncExitStack() as stack:
        with _name_option("--discord-port", options.discord_port):
            local_discord = LocalDiscord.open(
                port=options.discord_port, clock=clock, data=options.data
            )
            discord = await stack.enter_async_context(local_discord)
        with _name_option("--runware-port", options.runware_port):
            local_runware = LocalRunware.open(port=options.runware_port, clock=clock)
            runware = await stack.enter_async_context(local_runware)
        discord.panel.provider = runware
        _print_addresses(collect_addresses(discord, runware), as_json=options.json)
        watch = asyncio.create_task(_watch_parent(stop)) if options.with_parent else None
        await stop.wait()
        if watch is not None:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch


@contextlib.contextmanager
def _name_option(option: str, port: int) -> Iterator[None]:
    """Raise `PortInUse` with the option that chooses another port."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        msg = f"Port {port} is in use. Choose another with {option}, or any free one with 0."
        raise PortInUse(msg) from error


def collect_addresses(discord: LocalDiscord, runware: LocalRunware) -> dict[str, dict[str, Any]]:
    """Return the addresses and credentials of both services."""
    return {
        "discord": {
            "api_base": discord.api_base,
            "gateway_url": discord.gateway_url,
            "cdn_base": discord.cdn_base,
            "token": discord.token,
            "page": discord.page,
            "control": discord.control,
        },
        "runware": {
            "base_url": runware.base_url,
            "ws_url": runware.ws_url,
            "api_key": runware.api_key,
            "control": runware.control,
        },
    }


def _print_addresses(addresses: dict[str, dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        lines = [json.dumps(addresses)]
    else:
        lines = [
            f"{service}.{name} = {value}"
            for service, values in addresses.items()
            for name, value in values.items()
        ]
        lines.append("Ctrl-C stops both.")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


async def _watch_parent(stop: asyncio.Event) -> None:
    """Set `stop` at the end of standard input, the only sign of a parent that was killed."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    try:
        while await reader.read(1024):
            pass
        stop.set()
    finally:
        transport.close()


if __name__ == "__main__":
    sys.exit(main())
