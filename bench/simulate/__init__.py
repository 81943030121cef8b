"""Thousands of schedules of crashes and faults through the real services, in virtual time."""

from tests.support.simulation.runner import main

__all__ = ["main"]
