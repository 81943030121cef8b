"""Kill the process that carries jobs, at every await and at any moment, and add up what is left."""

from __future__ import annotations


def main(arguments: list[str]) -> None:
    from bench.kills.command import run  # noqa: PLC0415 - a lane imports the services itself

    run(arguments)
