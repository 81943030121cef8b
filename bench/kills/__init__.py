"""Kill the process that carries jobs, at every await and at any moment, and add up what is left."""

from __future__ import annotations


def main(arguments: list[str]) -> None:
    from tests.support.kills.runner import run_command  # noqa: PLC0415 - a lane imports the services itself

    run_command(arguments)
