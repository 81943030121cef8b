"""What this service is like just now: its switches, its planned faults and the account's money."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.runware.behaviour_switches import Switches
from sandbox.runware.pricing import Wallet

if TYPE_CHECKING:
    from sandbox.runware.faults import PlannedFaults


@dataclass(slots=True)
class ServiceState:
    """`latency` is seconds before a task starts to be made."""

    faults: PlannedFaults
    switches: Switches = field(default_factory=Switches)
    wallet: Wallet = field(default_factory=Wallet)
    latency: float = 0.0

    def reset(self) -> None:
        """Go back to the defaults, the latency apart: it belongs to whoever opened the service."""
        self.faults.clear()
        self.switches = Switches()
        self.wallet = Wallet()
