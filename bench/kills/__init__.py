"""Kill the process that runs jobs, at every await and at random, and check what remains."""

from __future__ import annotations


def main(arguments: list[str]) -> None:
    from tests.support.kills.runner import run_command  # noqa: PLC0415 - a lane imports the services itself

    run_command(arguments)
