"""Thousands of schedules of crashes and faults in virtual time, through the real services."""

from bench.simulate.command import main

__all__ = ["main"]
