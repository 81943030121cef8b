"""Thousands of schedules of crashes and faults in virtual time, through the real services."""

from tests.support.simulation.runner import main

__all__ = ["main"]
