"""The program's entry point and commands, which import what they need when they run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Coroutine
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer import Option

from bot.domain.errors import ExpanseError
from bot.domain.text.numbers import normalise_number
from bot.errors import StartError

app: Final = typer.Typer(
    name="expanse",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Text = str | None
Count = int | None
_STANDALONE_COMMANDS: Final = (["demo"], ["try"], ["run"], ["sandbox"])
"""Commands that skip the slow imports of the operator's commands."""
_EXIT_FAILED: Final = 1
_EXIT_REFUSED: Final = 2
_STOP_SECONDS: Final = 10.0
"""How long a graceful shutdown may take before the process exits anyway."""


def main() -> None:
    """Run the program; print a `StartError` as one line and exit with 1."""
    # folders 0700 and files 0600, also those of libraries and children: SQLite's -wal, temp files
    os.umask(0o077)
    _silence_log()
    if sys.argv[1:2] not in _STANDALONE_COMMANDS:
        from bot.cli import finance as finance_commands
        from bot.cli import maintenance

        finance_commands.register_commands(app)
        maintenance.register_commands(app)
    try:
        app()
    except StartError as error:
        typer.echo(f"expanse: {error}", err=True)
        sys.exit(_EXIT_FAILED)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        versions = (f"Python {platform.python_version()}", f"discord.py {version('discord.py')}")
        typer.echo(f"expanse {version('expanse-bot')} ({', '.join(versions)})")
        raise typer.Exit


@app.callback()
def set_options(
    _version: Annotated[
        bool,
        Option(
            "--version", help="Show the version and exit.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Extend pictures beyond their frame: a Discord bot."""


@app.command()
def demo(
    port: Annotated[
        int, Option(min=0, max=65535, help="Port of the page; 0 for any free one.")
    ] = 8000,
    no_open: Annotated[bool, Option("--no-open", help="Don't open a browser.")] = False,
    data: Annotated[
        Path | None, Option(help="Folder for the data; without it, nothing is stored.")
    ] = None,
) -> None:
    """Try Expanse on this computer: a local Discord with the bot in it, without account or key."""
    from bot.cli.demo import serve_demo as serve

    _silence_log()
    _run_until_stopped(serve(port, data, open_browser=not no_open))


def _parse_factor(text: str) -> float:
    return float(normalise_number(text))


@app.command(name="try")
def try_(
    image: Annotated[Path, typer.Argument(help="The picture to expand.")],
    direction: Annotated[
        Text, Option(help="left, right, up, down, horizontal, vertical or all; with --pixels.")
    ] = None,
    pixels: Annotated[Count, Option(help="Pixels on each of these sides; default 256.")] = None,
    ratio: Annotated[Text, Option(help="Aspect ratio to reach, such as 16:9.")] = None,
    anchor: Annotated[Text, Option(help="Where the picture is placed; with --ratio.")] = None,
    zoom: Annotated[
        float | None, Option(help="Zoom-out factor, such as 1.5.", parser=_parse_factor)
    ] = None,
    left: Annotated[Count, Option(help="Pixels on the left.")] = None,
    right: Annotated[Count, Option(help="Pixels on the right.")] = None,
    top: Annotated[Count, Option(help="Pixels on top.")] = None,
    bottom: Annotated[Count, Option(help="Pixels at the bottom.")] = None,
    prompt: Annotated[Text, Option(help="What the new area should show.")] = None,
    results: Annotated[Count, Option(help="How many pictures.")] = None,
    format: Annotated[Text, Option(help="PNG, JPG or WEBP.")] = None,
    detail: Annotated[Text, Option(help="automatic, or native to send it unscaled.")] = None,
    out: Annotated[Path, Option(help="Folder for the results.")] = Path(),
    as_json: Annotated[bool, Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Expand one picture with the local services, from command to result, and save the result."""
    sides = {"left": left, "right": right, "top": top, "bottom": bottom}
    ways = {
        "expand-zoom": _drop_unset({"factor": zoom}),
        "expand-ratio": _drop_unset({"ratio": ratio, "anchor": anchor}),
        "expand-sides": _drop_unset(sides),
        "expand": _drop_unset({"direction": direction, "pixels": pixels}),
    }
    command, *others = [way for way, options in ways.items() if options] or ["expand"]
    if others:
        raise typer.BadParameter("Choose one: --direction, --ratio, --zoom, or sides.")
    common = {"prompt": prompt, "results": results, "format": format, "detail": detail}
    given = ways[command] | _drop_unset(common)
    if command == "expand":
        given = {"direction": "right", "pixels": 256} | given
    _run_trial(command, given, image, out, as_json=as_json)


@app.command()
def run(
    config: Annotated[
        Path | None, Option(help="Configuration file; default: config.toml, if it exists.")
    ] = None,
) -> None:
    """Run the bot until it is stopped (Ctrl-C or SIGTERM)."""
    from bot.cli.context import read_settings
    from bot.telemetry import logging as logging_setup

    settings = read_settings(config)
    secrets = (settings.discord.token, settings.runware.api_key)
    logging_setup.configure_logging(secret.get_secret_value() for secret in secrets)
    _run_until_stopped(_serve_bot(settings))


@app.command()
def sandbox(
    discord_port: Annotated[int, Option(min=0, max=65535, help="0 for any free one.")] = 0,
    runware_port: Annotated[int, Option(min=0, max=65535, help="0 for any free one.")] = 0,
    data: Annotated[
        Path | None, Option(help="Folder for the local Discord; default: memory only.")
    ] = None,
    as_json: Annotated[
        bool, Option("--json", help="Print the addresses as one JSON line first.")
    ] = False,
) -> None:
    """Run the local Discord and the local Runware, for development and tests."""
    ports = ("--discord-port", str(discord_port), "--runware-port", str(runware_port))
    options = (*(("--data", str(data)) if data else ()), *(("--json",) if as_json else ()))
    command = [sys.executable, "-m", "sandbox", *ports, *options]
    process = subprocess.Popen(command)  # noqa: S603 - our own module
    for number in (signal.SIGINT, signal.SIGTERM):
        # the sandbox stops gracefully, and its exit status becomes ours
        signal.signal(number, lambda number, _: process.send_signal(number))
    sys.exit(process.wait())


def _drop_unset(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


async def _serve_bot(settings: Any) -> None:
    from bot.composition.app import open_app

    async with open_app(settings) as opened:
        await opened.run()


def _run_trial(
    command: str, options: dict[str, Any], image: Path, out: Path, *, as_json: bool
) -> None:
    from bot.cli.trial_run import TrialRefused, TrialRequest, run_trial

    if not image.is_file():
        missing = f"There is no file {image}."
        _exit_with_error("no_such_file", missing, _EXIT_REFUSED, as_json=as_json)
    _silence_log()
    try:
        outcome = asyncio.run(run_trial(TrialRequest(command, options, image, out)))
    except TrialRefused as refused:
        _exit_with_error(refused.code, refused.message, _EXIT_REFUSED, as_json=as_json)
    except (ExpanseError, TimeoutError) as error:
        _exit_with_error("failed", str(error) or "It took too long.", _EXIT_FAILED, as_json=as_json)
    if as_json:
        typer.echo(outcome.model_dump_json())
        return
    before, after = (f"{w}x{h}" for w, h in (outcome.seed_size, outcome.size))
    cost, time = f"${outcome.cost_usd:.2f}", f"{outcome.timings_ms['total']} ms"
    typer.echo(f"{before} -> {after} for {cost}, in {time}")
    typer.echo("\n".join(outcome.files))


def _exit_with_error(code: str, message: str, status: int, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"error": {"code": code, "message": message}}))
    else:
        typer.echo(f"{message} ({code})", err=True)
    raise typer.Exit(status)


def _run_until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run until the work ends, or cancel it gracefully at Ctrl-C or SIGTERM.

    Exits after `_STOP_SECONDS` at the latest; the next start recovers unfinished jobs.
    """

    async def run() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def stop() -> None:
            # ignore further signals: a second cancellation would interrupt the cleanup
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, lambda: None)
            loop.call_later(_STOP_SECONDS, os._exit, _EXIT_FAILED)  # even if the cleanup hangs
            if task is not None:
                task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)
        await work

    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(run())


def _silence_log() -> None:
    from bot.telemetry import logging as logging_setup

    logging_setup.configure_logging((), level=logging.getLevelName(logging.ERROR))


if __name__ == "__main__":
    main()
