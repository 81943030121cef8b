"""The notes on the protocol name what the local Runware has."""

from __future__ import annotations

from pathlib import Path

from sandbox.runware.behaviour_switches import Switches
from sandbox.runware.faults import KINDS

NOTES = (Path(__file__).parents[2] / "docs" / "protocol" / "README.md").read_text()


def test_every_switch_and_every_fault_is_in_the_notes() -> None:
    missing = [name for name in (*Switches.list_choices(), *KINDS) if f"| `{name}` |" not in NOTES]
    assert not missing
